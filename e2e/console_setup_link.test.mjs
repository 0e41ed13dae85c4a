// An administrator lets a colleague in IT do the setup: the colleague, in another browser and without an account, does
// every step; nothing of it counts before the administrator has looked at it and accepted it.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {button, configureProvisioning, createApplication, label, link, startProvisioning} from './support/entra.mjs';
import {NameServer} from './support/name_server.mjs';
import {inspect, newPassword, signInWithPassword} from './support/pages.mjs';
import {account, Simulator} from './support/portal.mjs';
import {Doorward} from './support/processes.mjs';

const administrator = 'alice@contoso.example';

const title = (page, name) => page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
const copied = (page, name) => page.getByRole('group', {name, exact: true}).innerText();

async function openAccount(t) {
  const names = await NameServer.reserve();
  const simulator = await Simulator.start(t);
  const doorward = await Doorward.create(t, {environment: {DOORWARD_DNS_SERVERS: names.address}});
  doorward.cli('account', 'create', account, '--plan', 'enterprise', '--admin', administrator);
  const password = newPassword(doorward, administrator);
  await doorward.serve(t);
  const alice = await (await openBrowser(t, {bypassCSP: true})).newPage();
  await signInWithPassword(alice, doorward, administrator, password);
  return {names, simulator, doorward, alice};
}

/// The administrator makes a link for somebody, and copies it.
async function makeLink(alice, doorward, name, look = async () => {}) {
  await alice.goto(`${doorward.url}/console/security/setup/prepare`);
  await button(alice, /^Make (a|another) setup link/).click();
  const dialog = alice.getByRole('dialog');
  await label(dialog, 'Who is it for?').fill(name);
  await look('setup-link-make');
  await button(dialog, 'Make the link').click();
  const address = await dialog.getByText(/\/console\/setup-link#dws_/).textContent();
  await look('setup-link-made');
  await button(dialog, 'I have copied it').click();
  return address;
}

async function openLink(t, address, look = async () => {}) {
  const page = await (await openBrowser(t, {bypassCSP: true})).newPage();
  await page.goto(address);
  await title(page, 'Set up single sign-on');
  assert.ok(!page.url().includes('dws_'), 'the secret leaves the address');
  await look(page);
  await button(page, 'Open the setup').click();
  return page;
}

async function goOn(page, name) {
  await link(page, /^Continue/).click();
  await title(page, name);
}

test('a colleague does the setup by a link, and the administrator accepts and enables', async (t) => {
  const {names, simulator, doorward, alice} = await openAccount(t);
  const address = await makeLink(alice, doorward, 'Max (IT)', (name) => inspect(alice, name));
  await alice.getByRole('cell', {name: 'waiting not opened yet'}).waitFor();
  await inspect(alice, 'setup-link-list');

  // The colleague's browser, without an account.
  const max = await openLink(t, address, (page) => inspect(page, 'setup-link-door'));
  await title(max, 'Create the SAML application');
  await max.getByText('You set up single sign-on for contoso').waitFor();
  assert.equal(await max.getByRole('navigation', {name: 'Console'}).count(), 0, 'nothing leads elsewhere');
  await button(max, 'Microsoft Entra ID').click();
  await max.getByRole('heading', {name: 'In Microsoft Entra ID'}).waitFor();
  await inspect(max, 'setup-link-application');
  const entra = await max.context().newPage();
  const ours = {acs: await copied(max, 'ACS URL'), entityId: await copied(max, 'SP Entity ID')};
  const metadata = await createApplication(entra, simulator, ours);
  await button(max, 'I have created it').click();

  await title(max, 'Connect your provider');
  await label(max, 'App Federation Metadata Url').fill(metadata);
  await button(max, 'Check now').click();
  await max.getByRole('heading', {name: 'Connection established'}).waitFor();
  await inspect(max, 'setup-link-connection');
  await goOn(max, 'Provisioning');

  await button(max, 'Create token').click();
  const dialog = max.getByRole('dialog');
  await button(dialog, 'Create token').click();
  const secret = await dialog.getByText(/^scim_/).textContent();
  await button(dialog, 'I have copied it').click();
  const overview = await configureProvisioning(entra, {tenantUrl: await copied(max, 'Tenant URL'), secret});
  await max.getByText('address and token are right.').first().waitFor();
  await max.getByText('The token waits for the administrator.').waitFor();
  await inspect(max, 'setup-link-provisioning');
  await goOn(max, 'Domains');

  await label(max, 'Your first domain').fill('contoso.example');
  await button(max, 'Add domain').click();
  await names.publish(t, {[await copied(max, 'Name (host)')]: await copied(max, 'Value')});
  await button(max, /^Check now/).click();
  await max.getByText('contoso.example is proven: it is yours.').waitFor();
  await inspect(max, 'setup-link-domains');
  await goOn(max, 'Default department');
  await button(max, 'Use this department').click();
  await goOn(max, 'Test');

  // The administrator is asked to pass the test.
  await button(max, 'Create the test link').click();
  const tester = await (await openBrowser(t)).newPage();
  await tester.goto(await max.locator('.copyable code').textContent());
  await button(tester, /Sign in|Continue|Alice Adams/).first().click();
  await tester.getByText('The test sign-in worked').first().waitFor();
  await max.getByText('It counts: you can go on.').waitFor();
  await goOn(max, 'Hand over');
  await max.getByText(/^Tell .* that all is ready\.$/).waitFor();
  await inspect(max, 'setup-link-hand-over');

  // Until somebody has accepted it, nobody is sent there and nobody comes in.
  const stranger = await (await openBrowser(t, {bypassCSP: true})).newPage();
  await stranger.goto(`${doorward.url}/saml/${account}/login`);
  await stranger.getByRole('heading', {name: 'Single sign-on is not open yet'}).waitFor();
  await inspect(stranger, 'setup-link-not-open');
  // The colleague cannot do what is left, by no request.
  for (const [path, data] of [['accept', {version: 'x'}], ['enable', {accountName: account}], ['cancel', {accountName: account}]]) {
    const headers = {'X-Doorward-Setup-Link': '1'};
    assert.equal((await max.request.post(`${doorward.url}/api/v1/setup/${path}`, {data, headers})).status(), 403, path);
  }
  assert.equal((await max.request.get(`${doorward.url}/api/v1/employees`)).status(), 401);

  // Support sees why nobody comes in yet.
  const [connection] = doorward.cli('saml', 'show', account).connections;
  assert.match(connection.proposed_by, /^setup link /);
  assert.match(doorward.cli('scim-token', 'list', account).tokens[0].proposed_by, /^setup link /);

  // The administrator looks, and accepts.
  await alice.goto(`${doorward.url}/console/security`);
  await alice.getByRole('heading', {name: 'Look at this, and accept it'}).waitFor();
  await inspect(alice, 'setup-link-proposal');
  await alice.goto(`${doorward.url}/console/security/setup/enable`);
  await alice.getByRole('heading', {name: 'Look at this, and accept it'}).waitFor();
  assert.equal(await button(alice, 'Enable for all employees').count(), 0);
  await button(alice, 'Accept').click();
  await alice.getByText('Accepted. It is yours now').waitFor();

  // Now the directory may bring people, and the colleague starts that.
  await startProvisioning(entra, overview);
  await max.goto(`${doorward.url}/console/setup-link/provisioning`);
  await max.getByText('The token is accepted.').waitFor();
  // What is accepted is fixed for them.
  await max.goto(`${doorward.url}/console/setup-link/connection`);
  await max.getByText('Only an administrator can change it.').waitFor();
  assert.equal(await button(max, 'Check now').count(), 0);
  await inspect(max, 'setup-link-fixed');

  // Who loses access is the administrator's decision.
  await max.goto(`${doorward.url}/console/setup-link/domains`);
  await max.getByText(/the administrator decides about each of them/).waitFor();
  assert.equal(await max.getByText('Eve Evans').count(), 0, 'nobody is named to the colleague');
  await alice.goto(`${doorward.url}/console/security/setup/domains`);
  await button(alice, /^Allow all/).click();
  await button(alice.getByRole('dialog'), /^Allow/).click();
  await alice.getByText('Everybody is decided about.').waitFor();

  await alice.goto(`${doorward.url}/console/security/setup/enable`);
  await label(alice, /^Type the name/).fill(account);
  await button(alice, 'Enable for all employees').click();
  await alice.getByRole('heading', {name: 'Single sign-on is enabled'}).waitFor();
  const signInUrl = await link(alice, /\/sign-in\?account=/).getAttribute('href');

  // With that the link is over.
  await max.goto(`${doorward.url}/console/setup-link`);
  await title(max, 'This setup link is over');
  await inspect(max, 'setup-link-over');

  // And the administrator comes in by what the colleague connected.
  const again = await (await openBrowser(t)).newPage();
  await again.goto(signInUrl);
  await label(again, 'E-mail address').fill(administrator);
  await button(again, 'Continue').click();
  await button(again, 'Sign in').first().click();
  await again.getByRole('heading', {name: /Welcome/}).waitFor();
  await again.goto(`${doorward.url}/console/audit`);
  await again.getByText(/setup link Max \(IT\) of alice@contoso\.example/).first().waitFor();
});

test('a link that is used, ended or no link says so in plain words', async (t) => {
  const {doorward, alice} = await openAccount(t);
  const address = await makeLink(alice, doorward, 'Max');
  const max = await openLink(t, address);
  await title(max, 'Create the SAML application');
  // Followed once more in the same browser, it leads on; elsewhere it does not open.
  await max.goto('about:blank');
  await max.goto(address);
  await button(max, 'Open the setup').click();
  await title(max, 'Create the SAML application');
  const eve = await openLink(t, address);
  await eve.getByText('This setup link was opened before').waitFor();
  await inspect(eve, 'setup-link-used');
  const typo = await openLink(t, `${address}x`);
  await typo.getByText('This is no setup link').waitFor();

  // Ended while the colleague is at it.
  await alice.goto(`${doorward.url}/console/security`);
  await button(alice, 'End the link for Max').click();
  await button(alice.getByRole('dialog'), 'End the link').click();
  await alice.getByText('The link for Max is ended.').waitFor();
  await button(max, 'Microsoft Entra ID').click();
  await title(max, 'This setup link is over');
  const late = await openLink(t, await makeLink(alice, doorward, 'Ida'));
  await title(late, 'Create the SAML application');
  await late.goto(`${doorward.url}/console/setup-link/enable`);
  await button(late, 'I am done: close the link').click();
  await title(late, 'Thank you, that is all');
  await late.goto(`${doorward.url}/console/setup-link`);
  await title(late, 'This setup link is over');
});
