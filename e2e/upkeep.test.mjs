// After the setup: the provider's certificate changes, ends, or its addresses move, and our own keys change; and nobody is
// locked out by it.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect} from './support/pages.mjs';
import {account, openPortal, tenant} from './support/portal.mjs';

const certificates = `/tenants/${tenant}/applications/Portal/certificates`;
const patience = {timeout: 20_000};
const day = 86_400_000;

const button = (page, name) => page.getByRole('button', {name, exact: true});

/// Connected by the address of the metadata, with SSO as the only way in.
async function openEnforced(t) {
  const portal = await openPortal(t);
  const {doorward, app} = portal;
  doorward.cli('saml', 'set-metadata', account, '--url', app.metadata_url);
  doorward.cli('sso', 'enable', account, '--reason', 'test', '--force');
  return portal;
}

async function signIn(page, doorward, email) {
  await page.goto(`${doorward.url}/saml/${account}/login?login_hint=${encodeURIComponent(email)}`);
  await page.getByRole('button', {name: 'Sign in'}).first().click();
  await page.waitForURL((url) => url.origin === doorward.url);
  return page.getByRole('heading', {name: /Welcome/}).isVisible();
}

/// Whether somebody else could sign in now.
async function comesIn(t, doorward, email) {
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const admitted = await signIn(page, doorward, email);
  await browser.close();
  return admitted;
}

async function openConsole(t, doorward) {
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  assert.ok(await signIn(page, doorward, 'alice@contoso.example'));
  await page.goto(`${doorward.url}/console/security`);
  await page.getByText('SSO is enabled.').waitFor();
  return page;
}

function changesIn(doorward) {
  const {entries} = doorward.cli('audit', account);
  return entries.filter(({action}) => action === 'connection.provider_changed').flatMap(({details}) => details.changes ?? []);
}

test('a certificate that changed overnight is learnt from the first sign-in that fails', async (t) => {
  const {doorward, simulator} = await openEnforced(t);
  assert.ok(await comesIn(t, doorward, 'ben@contoso.example'));
  await simulator.call('POST', certificates, {active: true});
  assert.equal(await comesIn(t, doorward, 'ben@contoso.example'), false);
  const deadline = Date.now() + 30_000;
  let admitted = false;
  while (!admitted && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    admitted = await comesIn(t, doorward, 'ben@contoso.example');
  }
  assert.ok(admitted, 'nobody could sign in');
  assert.match(changesIn(doorward).join(' '), /A new certificate counts from now on/);
});

test('the console learns a new certificate, misses one that ends, and says what to do', async (t) => {
  const {doorward, simulator, app} = await openEnforced(t);
  const page = await openConsole(t, doorward);
  await page.getByText('Fetched every day by itself').waitFor();
  await button(page, 'Refresh now').click();
  await page.getByText('Fetched again: nothing is new.').waitFor(patience);

  const ends = new Date(Date.now() + 20 * day).toISOString();
  await simulator.call('POST', certificates, {active: true, not_after: ends});
  await simulator.call('DELETE', `${certificates}/${app.certificates[0].thumbprint}`);
  await button(page, 'Refresh now').click();
  await page.getByText('A new certificate counts from now on').waitFor(patience);
  await page.getByText('The provider lists a certificate no more').waitFor();
  await page.getByText('The certificate of your identity provider ends on').waitFor();
  await inspect(page, 'console-upkeep');
  // The account's own page says it, too.
  await page.goto(`${doorward.url}/console/`);
  await page.getByText('The certificate of your identity provider ends on').waitFor();
  assert.equal(doorward.cli('audit', account).entries.filter(({action}) => action === 'connection.certificate_expiring').length, 1);

  await simulator.call('POST', certificates, {});
  await page.goto(`${doorward.url}/console/security`);
  await button(page, 'Refresh now').click();
  await page.getByText('Fetched again: what is new was taken over.').waitFor(patience);
  await page.getByText('The certificate of your identity provider ends on').waitFor({state: 'detached'});
});

test('a provider that cannot be reached changes nothing, and the console says so', async (t) => {
  const {doorward, simulator} = await openEnforced(t);
  const page = await openConsole(t, doorward);
  await simulator.call('DELETE', `/tenants/${tenant}/applications/Portal`);
  await button(page, 'Refresh now').click();
  await page.getByText(/It has failed since/).waitFor(patience);
  await inspect(page, 'console-upkeep-failed');
  await page.goto(`${doorward.url}/console/`);
  await page.getByRole('link', {name: /See connection/}).click();
  await page.getByText('SSO is enabled.').waitFor();
});

test('our own keys change with an overlap, and encrypted answers are read throughout', async (t) => {
  const {doorward, simulator} = await openEnforced(t);
  const published = async () => (await (await fetch(`${doorward.url}/saml/${account}/metadata`)).text()).match(/<[^>]*X509Certificate>[^<]+/g).map((text) => text.replace(/[^>]*>/, ''));
  const [, encryption] = await published();
  const encryptTo = (base64) =>
    simulator.call('PATCH', `/tenants/${tenant}/applications/Portal`, {encryption: {certificate: base64, enabled: true, cipher: 'aes256-gcm'}});
  await encryptTo(encryption);
  assert.ok(await comesIn(t, doorward, 'ben@contoso.example'));

  const page = await openConsole(t, doorward);
  await page.getByText('Doorward’s own keys').click();
  await button(page, 'Start new keys').click();
  await page.getByRole('heading', {name: 'Give the new keys to your provider'}).waitFor(patience);
  await inspect(page, 'console-own-keys');
  const both = await published();
  assert.equal(both.length, 4);
  assert.ok(await comesIn(t, doorward, 'ben@contoso.example'));
  await encryptTo(both[3]);
  assert.ok(await comesIn(t, doorward, 'ben@contoso.example'));

  await button(page, 'My provider has the new keys…').click();
  await button(page, 'Use the new keys').click();
  await page.getByText('The new keys are in use.').waitFor(patience);
  await page.getByText('is deleted on').first().waitFor();
  assert.equal((await published()).length, 2);
  assert.ok(await comesIn(t, doorward, 'ben@contoso.example'));
  // A provider that was slow.
  await encryptTo(encryption);
  assert.ok(await comesIn(t, doorward, 'ben@contoso.example'));
  await button(page, 'Keep the old keys 30 more days').click();
  await page.getByText('The old keys stay for another 30 days.').waitFor(patience);
});
