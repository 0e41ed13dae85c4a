// The whole setup as one story, through both sides: an administrator goes from *Configure now* to *Enable for all* in
// the console, and does in Entra what the console asks for; then everybody signs in, or learns why not.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser, picture} from './support/browser.mjs';
import {button, configureProvisioning, createApplication, label, link, startProvisioning} from './support/entra.mjs';
import {NameServer} from './support/name_server.mjs';
import {newPassword, signInWithPassword} from './support/pages.mjs';
import {account, Simulator} from './support/portal.mjs';
import {Doorward} from './support/processes.mjs';

const administrator = 'alice@contoso.example';

const title = (page, name) => page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
/// What stands beside a *Copy* button.
const copied = (page, name) => page.getByRole('group', {name, exact: true}).innerText();

/// An account as support makes it: nothing but its administrator and their password.
async function openAccount(t) {
  const names = await NameServer.reserve();
  const simulator = await Simulator.start(t);
  const doorward = await Doorward.create(t, {environment: {DOORWARD_DNS_SERVERS: names.address}});
  doorward.cli('account', 'create', account, '--plan', 'enterprise', '--admin', administrator);
  const password = newPassword(doorward, administrator);
  await doorward.serve(t);
  return {names, simulator, doorward, password};
}

/// Follows *Continue* to the step `name`, and keeps a picture of it.
async function goOn(page, name) {
  await link(page, /^Continue/).click();
  await title(page, name);
}

/// Somebody else's browser, at a page.
async function openWindow(t, address) {
  const page = await (await openBrowser(t)).newPage();
  await page.goto(address);
  return page;
}

/// At the portal by their address, then at Entra, which knows them by the hint.
async function signIn(t, signInUrl, email) {
  const page = await openWindow(t, signInUrl);
  await label(page, 'E-mail address').fill(email);
  await button(page, 'Continue').click();
  await button(page, 'Sign in').first().click();
  return page;
}

test('from Configure now to everybody signing in', async (t) => {
  const {names, simulator, doorward, password} = await openAccount(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const entra = await browser.newPage();
  await signInWithPassword(page, doorward, administrator, password);

  // Configure now.
  await page.goto(`${doorward.url}/console/`);
  await link(page.getByRole('navigation', {name: 'Console'}), 'Security').click();
  await link(page, 'Configure now').click();
  await title(page, 'Before you start');
  await picture(page, 'story-1-prepare');
  await button(page, 'Start the setup').click();

  // Create the SAML application.
  await title(page, 'Create the SAML application');
  await button(page, 'Microsoft Entra ID').click();
  await page.getByRole('heading', {name: 'In Microsoft Entra ID'}).waitFor();
  await picture(page, 'story-2-application');
  const ours = {acs: await copied(page, 'ACS URL'), entityId: await copied(page, 'SP Entity ID')};
  const metadata = await createApplication(entra, simulator, ours);
  await button(page, 'I have created it').click();

  // Enter the service URL and run validation.
  await title(page, 'Connect your provider');
  await label(page, 'App Federation Metadata Url').fill(metadata);
  await button(page, 'Check now').click();
  await page.getByRole('heading', {name: 'Connection established'}).waitFor();
  await picture(page, 'story-3-connection');
  await goOn(page, 'Provisioning');

  // Set up user provisioning, while the page looks on.
  await button(page, 'Create token').click();
  const dialog = page.getByRole('dialog');
  await button(dialog, 'Create token').click();
  const secret = await dialog.getByText(/^scim_/).textContent();
  await button(dialog, 'I have copied it').click();
  const tenantUrl = await copied(page, 'Tenant URL');
  const overview = await configureProvisioning(entra, {tenantUrl, secret});
  await page.getByText('address and token are right.').first().waitFor();
  await startProvisioning(entra, overview);
  await page.getByText('The first employees arrived.').waitFor();
  await page.getByText('never used').waitFor({state: 'hidden'});
  await picture(page, 'story-4-provisioning');
  await goOn(page, 'Domains');

  // Verify domains.
  await label(page, 'Your first domain').fill('contoso.example');
  await button(page, 'Add domain').click();
  const record = {[await copied(page, 'Name (host)')]: await copied(page, 'Value')};
  await button(page, /^Check now/).click();
  await page.getByText('Not proven yet.').waitFor();
  await names.publish(t, record);
  await button(page, /^Check again/).click();
  await page.getByText('contoso.example is proven: it is yours.').waitFor();
  // Two came without an address of the company: one gets it, the other is a guest and goes.
  await button(page, /^View/).click();
  await page.getByRole('row', {name: /Eve Evans/}).getByRole('button', {name: /Edit/}).click();
  await label(dialog, 'E-mail address').fill('eve@contoso.example');
  await button(dialog, 'Save address').click();
  await page.getByText(/1 employee has an address outside/).last().waitFor();
  await picture(page, 'story-5-domains');
  await page.getByRole('row', {name: /Chloe Chen/}).getByRole('button', {name: /Allow/}).click();
  await page.getByText('Everybody is decided about.').waitFor();
  await goOn(page, 'Default department');

  await button(page, 'Use this department').click();
  await picture(page, 'story-6-department');
  await goOn(page, 'Test');

  // Test in a private window.
  await button(page, 'Create the test link').click();
  const tester = await openWindow(t, await page.locator('.copyable code').textContent());
  await button(tester, /Sign in|Continue|Alice Adams/).first().click();
  await tester.getByText('The test sign-in worked').first().waitFor();
  await page.getByText('It counts: you can go on.').waitFor();
  await picture(page, 'story-7-test');
  await goOn(page, 'Enable for all');

  // Enable.
  await picture(page, 'story-8-enable');
  await label(page, /^Type the name/).fill(account);
  await button(page, 'Enable for all employees').click();
  await page.getByRole('heading', {name: 'Single sign-on is enabled'}).waitFor();
  const signInUrl = await link(page, /\/sign-in\?account=/).getAttribute('href');

  // The password is closed, for the administrator too.
  await page.goto(`${doorward.url}/console/security`);
  await page.waitForURL(/\/sign-in/);
  const alice = await signIn(t, signInUrl, administrator);
  await alice.getByRole('heading', {name: /Welcome/}).waitFor();
  await alice.goto(`${doorward.url}/console/security`);
  await alice.getByText('SSO is enabled.').waitFor();
  await picture(alice, 'story-9-enabled');

  // Employees: one of the company's, one whose address was mended here and not in the directory, one without an address.
  const ben = await signIn(t, signInUrl, 'ben@contoso.example');
  await ben.getByRole('heading', {name: /Welcome/}).waitFor();
  const chloe = await signIn(t, signInUrl, 'chloe@contoso.example');
  await chloe.getByText(/e-mail address/).first().waitFor();
  assert.equal((await chloe.request.get(`${doorward.url}/api/v1/session`)).status(), 401);

  // Whoever is dismissed in the directory loses access at once.
  await simulator.call('PATCH', '/tenants/contoso.example/users/ben@contoso.example', {account_enabled: false});
  await simulator.call('POST', '/tenants/contoso.example/applications/Portal/provisioning/cycle');
  assert.equal((await ben.request.get(`${doorward.url}/api/v1/session`)).status(), 401);
});
