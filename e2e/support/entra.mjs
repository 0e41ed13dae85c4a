// What an administrator does in Entra on the way through the setup, by the simulator's pages.
export const button = (page, name) => page.getByRole('button', {name});
export const link = (page, name) => page.getByRole('link', {name});
export const label = (page, name) => page.getByLabel(name);

/// A SAML application with these addresses, for everybody; answers with the address of its metadata.
export async function createApplication(entra, simulator, {acs, entityId}) {
  await entra.goto(simulator.url);
  await link(entra, 'Enterprise applications').first().click();
  await link(entra, 'New application').click();
  await label(entra, 'What\'s the name of your app?').fill('Portal');
  await button(entra, 'Create').click();
  await link(entra, /Assign users and groups/).click();
  await button(entra, 'Assign all users').click();
  await link(entra, 'Single sign-on').click();
  await button(entra, 'SAML').click();
  await link(entra, 'Edit Basic SAML Configuration').click();
  await label(entra, 'Identifier (Entity ID)').fill(entityId);
  await label(entra, 'Reply URL (Assertion Consumer Service URL)').fill(acs);
  await button(entra, 'Save').click();
  const metadata = entra.getByRole('button', {name: 'Copy App Federation Metadata URL', includeHidden: true});
  return metadata.getAttribute('data-copy');
}

/// Enters the token, tests the connection, and sends what the console asks for; answers with the page of provisioning.
export async function configureProvisioning(entra, {tenantUrl, secret}) {
  await link(entra, 'Provisioning').first().click();
  const overview = entra.url();
  const settings = `${overview}/settings`;
  await entra.goto(settings);
  await label(entra, 'Provisioning mode').selectOption('automatic');
  await label(entra, 'Tenant URL').fill(tenantUrl);
  await label(entra, 'Secret Token').fill(secret);
  await label(entra, 'Seconds between cycles').fill('0');
  await button(entra, 'Test Connection').click();
  await entra.getByRole('status').getByText('Testing connection').waitFor();
  // The form shows no secret again.
  await label(entra, 'Secret Token').fill(secret);
  await button(entra, 'Save').click();
  await link(entra, 'Provision Azure Active Directory Groups').click();
  await label(entra, 'Enabled').uncheck();
  await button(entra, 'Save').click();
  await entra.goto(settings);
  await link(entra, 'Provision Azure Active Directory Users').click();
  await entra.getByRole('row', {name: /mailNickname/}).getByRole('button', {name: 'Delete'}).click();
  await label(entra, 'Source attribute').selectOption('objectId');
  await label(entra, 'Target attribute').fill('externalId');
  await button(entra, 'Add').click();
  await entra.getByText('Mapping added.').waitFor();
  return overview;
}

/// Starts it, and waits for a cycle.
export async function startProvisioning(entra, overview) {
  await entra.goto(overview);
  await button(entra, /^Start provisioning/).click();
  await button(entra, 'Run a cycle now').click();
  await entra.getByText('The cycle is completed.').waitFor();
}
