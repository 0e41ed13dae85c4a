// An employee signs in with a real browser: the main job, over plain http on localhost as in the demo, and over TLS
// with the portal and Entra on different sites.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser, picture} from './support/browser.mjs';
import {account, openPortal, tenant} from './support/portal.mjs';

/// From the portal's sign-in page through the simulator; ends wherever that leads.
async function signIn(page, doorward, email) {
  await page.goto(`${doorward.url}/saml/${account}/login?login_hint=${encodeURIComponent(email)}`);
  await page.getByRole('button', {name: 'Sign in'}).first().click();
  await page.waitForURL((url) => url.origin === doorward.url);
}

/// Whom the browser's cookies make its user, or null.
async function whoAmI(page, doorward) {
  const cookies = await page.context().cookies(doorward.url);
  const {protocol, host, port} = new URL(doorward.url);
  const {request} = await import(`node:${protocol.slice(0, -1)}`);
  const headers = {Host: host, Cookie: cookies.map(({name, value}) => `${name}=${value}`).join('; ')};
  return new Promise((resolve, reject) => {
    request(`${protocol}//127.0.0.1:${port}/api/v1/session`, {headers, agent: false, rejectUnauthorized: false}, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => (text += piece));
      response.on('end', () => resolve(response.statusCode === 401 ? null : JSON.parse(text)));
    }).on('error', reject).end();
  });
}

/// Looks the reference number on the page up, as the administrator would.
async function storyOf(page, doorward) {
  const reference = await page.locator('.reference code').innerText();
  return doorward.cli('attempt', 'show', reference).attempt;
}

for (const tls of [false, true]) {
  const where = tls ? 'TLS, two sites' : 'http, localhost';
  const prefix = tls ? 'tls' : 'http';

  test(`sign in, home page, sign out (${where})`, async (t) => {
    const {doorward, trustedKeys} = await openPortal(t, {tls});
    const browser = await openBrowser(t, {trustedKeys});
    const page = await browser.newPage();

    await page.goto(`${doorward.url}/`);
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await picture(page, `${prefix}-sign-in`);
    await page.getByLabel('E-mail address').fill('ben@contoso.example');
    await page.getByRole('button', {name: 'Continue'}).click();
    await picture(page, `${prefix}-choose`);
    await page.getByRole('link', {name: 'Sign in with your company account'}).click();
    await page.waitForLoadState();
    await picture(page, `${prefix}-entra`);
    await page.getByRole('button', {name: 'Sign in'}).first().click();
    await page.waitForURL(`${doorward.url}/`);
    await page.getByRole('heading', {name: 'Welcome, Ben Baker'}).waitFor();
    await picture(page, `${prefix}-home`);

    const who = await whoAmI(page, doorward);
    assert.equal(who.account.slug, account);
    assert.equal(who.employee.email, 'ben@contoso.example');
    assert.equal(who.administrator, false);
    const [cookie] = (await browser.cookies(doorward.url)).filter(({name}) => name.endsWith('doorward_session'));
    assert.equal(cookie.name, tls ? '__Host-doorward_session' : 'doorward_session');
    assert.equal(cookie.httpOnly, true);
    assert.equal(cookie.secure, tls);
    assert.equal(cookie.sameSite, 'Lax');

    await page.getByRole('button', {name: 'Sign out'}).click();
    await page.waitForURL((url) => url.pathname.endsWith('/logout') && url.origin === doorward.url);
    await page.getByRole('heading', {name: 'You are signed out'}).waitFor();
    await picture(page, `${prefix}-signed-out`);
    assert.equal(await whoAmI(page, doorward), null);
    // Single logout reached the provider: it asks again who somebody is.
    await page.goto(`${doorward.url}/saml/${account}/login`);
    await page.getByRole('heading', {name: 'Pick an account'}).waitFor();
  });

  test(`the tile in My Apps starts a fresh sign-in (${where})`, async (t) => {
    const {doorward, simulator, trustedKeys} = await openPortal(t, {tls});
    const browser = await openBrowser(t, {trustedKeys});
    const page = await browser.newPage();
    await page.goto(`${simulator.url}/myapps/${tenant}/Portal`);
    await page.getByRole('button', {name: /Ben Baker/}).click();
    await page.waitForURL(`${doorward.url}/`);
    const who = await whoAmI(page, doorward);
    assert.equal(who.employee.email, 'ben@contoso.example');
  });
}

test('people who cannot come in are told why', async (t) => {
  const {doorward, simulator} = await openPortal(t);
  const refused = async (name, email, heading, finding) => {
    const browser = await openBrowser(t);
    const page = await browser.newPage();
    await signIn(page, doorward, email);
    await page.getByRole('heading', {name: heading}).waitFor();
    await picture(page, `refused-${name}`);
    const story = await storyOf(page, doorward);
    assert.equal(story.finding, finding);
    assert.equal(await whoAmI(page, doorward), null);
    await browser.close();
  };

  doorward.cli('employee', 'deactivate', account, 'ben@contoso.example');
  await refused('deactivated', 'ben@contoso.example', 'Your access has been switched off', 'identity.deactivated');
  await refused('no-email', 'chloe@contoso.example', 'Your company’s directory has no e-mail address for you',
    'identity.no_email');
  await refused('wrong-domain', 'eve@contoso.example', 'Your e-mail address does not belong to this company',
    'identity.outside_domains');
  await simulator.call('POST', `/tenants/${tenant}/users`,
    {user_principal_name: 'new@contoso.example', display_name: 'New Person', mail: 'new@contoso.example'});
  await simulator.call('POST', `/tenants/${tenant}/applications/Portal/users`, {users: ['new@contoso.example']});
  await refused('not-provisioned', 'new@contoso.example', 'You do not have access yet', 'identity.not_provisioned');
});

test('faulty answers are refused with their finding', async (t) => {
  const {doorward, simulator} = await openPortal(t);
  const expected = {
    wrong_audience: 'saml.audience_mismatch',
    wrong_recipient: 'saml.recipient_mismatch',
    wrong_destination: 'saml.destination_mismatch',
    wrong_issuer: 'saml.issuer_mismatch',
    expired: 'saml.expired',
    not_yet_valid: 'saml.issued_in_future',
    status_responder: 'saml.status_not_success',
    wrong_in_response_to: 'session.no_flow',
  };
  for (const [fault, finding] of Object.entries(expected)) {
    await simulator.setFaults(fault);
    const browser = await openBrowser(t);
    const page = await browser.newPage();
    await signIn(page, doorward, 'ben@contoso.example');
    const story = await storyOf(page, doorward);
    assert.equal(story.finding, finding, fault);
    assert.equal(await whoAmI(page, doorward), null);
    await browser.close();
  }
});

test('every signing and encryption option that is safe works', async (t) => {
  const {doorward, simulator} = await openPortal(t);
  const metadata = await (await fetch(`${doorward.url}/saml/${account}/metadata`)).text();
  const certificate = /use="encryption"[\s\S]*?<(?:\w+:)?X509Certificate>([^<]+)</.exec(metadata)[1].replace(/\s/g, '');
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;
  const attempt = async (options) => {
    await simulator.call('PATCH', `/tenants/${tenant}/applications/Portal`, options);
    const browser = await openBrowser(t);
    const page = await browser.newPage();
    await signIn(page, doorward, 'ben@contoso.example');
    const who = await whoAmI(page, doorward);
    const story = who ? null : await storyOf(page, doorward);
    await browser.close();
    return who ? 'signed in' : story.finding;
  };
  for (const signing_option of ['assertion', 'response', 'both']) {
    assert.equal(await attempt({signing_option}), 'signed in', signing_option);
  }
  for (const [signing_option, cipher, outcome] of [
    ['assertion', 'aes256-gcm', 'signed in'],
    ['both', 'aes256-gcm', 'signed in'],
    ['both', 'aes256-cbc', 'signed in'],
    ['assertion', 'aes256-cbc', 'saml.decryption_cbc_unsigned'],
  ]) {
    const encryption = {certificate: pem, enabled: true, cipher};
    assert.equal(await attempt({signing_option, encryption}), outcome, `${signing_option} ${cipher}`);
  }
});

test('a test sign-in shows what was received and opens no session', async (t) => {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  await page.goto(`${doorward.url}/saml/${account}/login?purpose=test&login_hint=ben@contoso.example`);
  await page.getByRole('button', {name: 'Sign in'}).first().click();
  await page.getByRole('heading', {name: 'The test sign-in worked'}).waitFor();
  await picture(page, 'test-passed');
  assert.equal(await whoAmI(page, doorward), null);
  assert.equal((await storyOf(page, doorward)).outcome, 'test');
});

test('enforced single sign-on leads straight to the provider and closes passwords', async (t) => {
  const {doorward} = await openPortal(t);
  const {password} = doorward.cli('employee', 'reset-password', account, 'alice@contoso.example');
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const tryPassword = async () => {
    await page.goto(`${doorward.url}/sign-in?account=${account}`);
    await page.getByLabel('E-mail address').fill('alice@contoso.example');
    await page.getByRole('button', {name: 'Continue'}).click();
  };
  await tryPassword();
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Sign in with password'}).click();
  await page.getByRole('heading', {name: /Welcome/}).waitFor();

  doorward.cli('sso', 'enable', account, '--reason', 'test', '--force');
  await browser.clearCookies();
  await tryPassword();
  await page.getByRole('heading', {name: 'Sign in'}).waitFor();
  assert.ok(!page.url().startsWith(doorward.url), page.url());
});

test('the sign-in page works without JavaScript, on a phone, in the dark', async (t) => {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {
    javaScriptEnabled: false,
    viewport: {width: 375, height: 667},
    colorScheme: 'dark',
  });
  const page = await browser.newPage();
  await page.goto(`${doorward.url}/saml/${account}/login?login_hint=ben@contoso.example`);
  await page.getByRole('button', {name: 'Sign in'}).first().click();
  // The provider's form needs a press without JavaScript.
  await page.getByRole('button').first().click();
  await page.getByRole('heading', {name: 'Welcome, Ben Baker'}).waitFor();
  await picture(page, 'phone-dark-home');
  await page.goto(`${doorward.url}/sign-in`);
});
