// An employee signs in with a real identity provider, SimpleSAMLphp from Debian, metadata exchanged by URL both ways.
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import testOf from 'node:test';
import {openBrowser, picture} from './support/browser.mjs';
import {Doorward} from './support/processes.mjs';
import {installed, startSimpleSamlPhp} from './support/simplesamlphp.mjs';

const account = 'contoso';

/// Debian 13 has no package of it.
const skip = existsSync(installed) ? false : 'SimpleSAMLphp is not installed';
const test = (name, body) => testOf(name, {skip}, body);

async function open(t, settings = {}) {
  const doorward = await Doorward.create(t);
  doorward.cli('account', 'create', account, '--plan', 'enterprise', '--admin', 'admin@contoso.test');
  doorward.cli('domain', 'add', account, 'contoso.test');
  doorward.cli('employee', 'create', account, '--email', 'ada@contoso.test', '--given-name', 'Ada');
  await doorward.serve(t);
  const provider = await startSimpleSamlPhp(t, {spMetadataUrl: `${doorward.url}/saml/${account}/metadata`, settings});
  doorward.cli('saml', 'set-metadata', account, '--url', provider.metadataUrl);
  return {doorward, provider};
}

async function signIn(page, doorward, user) {
  await page.goto(`${doorward.url}/saml/${account}/login?return_to=/`);
  await page.locator('#username').fill(user);
  await page.locator('#password').fill('password');
  await page.locator('#submit_button, [type=submit]').first().click();
  await page.waitForURL((url) => url.origin === doorward.url);
}

const options = {
  'signed response': {'saml20.sign.response': true, 'saml20.sign.assertion': false},
  'signed assertion': {'saml20.sign.response': false, 'saml20.sign.assertion': true},
  'both signed': {},
  'encrypted assertion in a signed response': {'assertion.encryption': true},
};

for (const [name, settings] of Object.entries(options)) {
  test(`SimpleSAMLphp: ${name}, and single logout`, async (t) => {
    const {doorward} = await open(t, settings);
    const browser = await openBrowser(t);
    const page = await browser.newPage();
    await signIn(page, doorward, 'ada');
    await page.getByRole('heading', {name: 'Welcome, Ada'}).waitFor();

    await page.getByRole('button', {name: 'Sign out'}).click();
    await page.getByRole('heading', {name: 'You are signed out'}).waitFor();
    // The provider's session has ended too: it asks for the password again.
    await page.goto(`${doorward.url}/saml/${account}/login`);
    await page.locator('#password').waitFor();
  });
}

test('SimpleSAMLphp: a sign-out at the provider ends our session', async (t) => {
  const {doorward, provider} = await open(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  await signIn(page, doorward, 'ada');
  await page.getByRole('heading', {name: 'Welcome, Ada'}).waitFor();
  await page.goto(`${provider.url}/saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(`${provider.url}/logout.php`)}`);
  await page.waitForURL((url) => url.pathname === '/logout.php');
  const response = await page.goto(`${doorward.url}/api/v1/session`);
  assert.equal(response.status(), 401);
});

test('SimpleSAMLphp: somebody from outside the domains is refused', async (t) => {
  const {doorward} = await open(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  await signIn(page, doorward, 'bob');
  await page.getByRole('heading', {name: 'Your e-mail address does not belong to this company'}).waitFor();
  await picture(page, 'simplesamlphp-outside');
});

// It encrypts with AES-CBC, which is safe inside a signed response only.
test('SimpleSAMLphp: an encrypted assertion in an unsigned response is refused, and the cause is named', async (t) => {
  const {doorward} = await open(t, {'saml20.sign.response': false, 'assertion.encryption': true});
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  await signIn(page, doorward, 'ada');
  await page.getByRole('heading', {name: 'A setting at your company’s sign-in has to change'}).waitFor();
  const reference = await page.locator('.reference code').innerText();
  const {attempt} = doorward.cli('attempt', 'show', reference);
  assert.equal(attempt.finding, 'saml.decryption_cbc_unsigned');
});
