// An administrator lets employees sign in to applications: adding one of each kind, its secrets, who may use it, who does,
// and ending that.
import assert from 'node:assert/strict';
import {createHash, randomBytes} from 'node:crypto';
import {createServer} from 'node:http';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {openPortal} from './support/portal.mjs';
import {afterwards} from './support/processes.mjs';
import {Scim} from './support/scim.mjs';

/// An administrator in the console.
async function openConsole(t) {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, 'alice@contoso.example');
  const go = (path) => page.goto(`${doorward.url}/console/${path}`);
  return {doorward, browser, page, go};
}

const heading = (page, name) => page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
const button = (page, name) => page.getByRole('button', {name, exact: true});
const link = (page, name) => page.getByRole('link', {name, exact: true});
const dialog = (page) => page.getByRole('dialog');
const copied = (page, label) => page.getByRole('group', {name: label, exact: true}).first().textContent();
/// One of the pages of an application.
const tab = (page, application, name) => page.getByRole('navigation', {name: application}).getByRole('link', {name, exact: true});

/// An application's own side: a page to which people come back from signing in. `next()` is the query that comes.
async function openApplication(t) {
  const waiting = [];
  const server = createServer((request, response) => {
    response.end('Back at the application');
    const {pathname, searchParams} = new URL(request.url, 'http://localhost');
    if (pathname === '/callback') waiting.shift()?.(searchParams);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => server.close());
  return {
    redirectUri: `http://127.0.0.1:${server.address().port}/callback`,
    next: () => new Promise((resolve) => waiting.push(resolve)),
  };
}

async function addApplication({page, go}, kind, fields) {
  await go(`applications/new/${kind}`);
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, {exact: true}).fill(value);
  await button(page, 'Add application').click();
}

/// Whoever is signed in in `page` signs in to the application, which exchanges the code.
async function signInTo(page, doorward, own, clientId, secret) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: own.redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'here',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const coming = own.next();
  await page.goto(`${doorward.url}/oauth2/authorize?${query}`);
  const answer = await coming;
  assert.equal(answer.get('state'), 'here');
  const response = await fetch(`${doorward.url}/oauth2/token`, {
    method: 'POST',
    headers: {Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`},
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: answer.get('code'),
      redirect_uri: own.redirectUri,
      code_verifier: verifier,
    }),
  });
  assert.equal(response.status, 200);
  return (await response.json()).access_token;
}

const userinfo = async (doorward, token) =>
  (await fetch(`${doorward.url}/oauth2/userinfo`, {headers: {Authorization: `Bearer ${token}`}})).status;

test('a web application is added, used, and left', async (t) => {
  const console_ = await openConsole(t);
  const {doorward, browser, page, go} = console_;
  const own = await openApplication(t);
  await go('applications');
  await page.getByText('An application is something of your company').waitFor();
  await inspect(page, 'console-applications-empty');

  await page.getByRole('link', {name: /A web application/}).click();
  await heading(page, 'Add a web application (OpenID Connect)');
  await button(page, 'Add application').click();
  await page.getByText('Give it a name first.').waitFor();
  await page.getByLabel('Name', {exact: true}).fill('Wiki');
  await page.getByLabel('Redirect URI', {exact: true}).fill('http://wiki.contoso.example/callback');
  await button(page, 'Add application').click();
  await page.getByRole('alert').filter({hasText: 'https://'}).waitFor();
  await inspect(page, 'console-application-new');
  await page.getByLabel('Redirect URI', {exact: true}).fill(own.redirectUri);
  await button(page, 'Add application').click();

  // The secret is shown once, and not lost by a slip of the hand.
  await dialog(page).getByText('Copy the secret now').waitFor();
  const secret = await copied(dialog(page), 'Client secret');
  assert.match(secret, /^dws_/);
  await inspect(page, 'console-application-secret');
  await page.keyboard.press('Escape');
  assert.ok(await dialog(page).isVisible());
  await button(dialog(page), 'I have copied it').click();
  await heading(page, 'Wiki');
  assert.ok(!(await page.content()).includes(secret));

  const clientId = await copied(page, 'Client ID');
  assert.equal(await copied(page, 'Issuer'), doorward.url);
  await page.getByText('Waiting for the first sign-in.').waitFor();
  await button(page, 'Apache: mod_auth_openidc').click();
  const configuration = await page.getByLabel('Configuration for Apache: mod_auth_openidc').textContent();
  for (const value of [clientId, own.redirectUri, `${doorward.url}/.well-known/openid-configuration`]) {
    assert.ok(configuration.includes(value), value);
  }
  assert.ok(!configuration.includes(secret));
  await page.getByText('If it asks for more').click();
  assert.equal(await copied(page, 'Token endpoint'), `${doorward.url}/oauth2/token`);
  await inspect(page, 'console-application-setup');

  // Somebody signs in, and the page notices.
  const visitor = await browser.newPage();
  const token = await signInTo(visitor, doorward, own, clientId, secret);
  assert.equal(await userinfo(doorward, token), 200);
  await page.getByText('It works.').waitFor();
  await inspect(page, 'console-application-works');

  await tab(page, 'Wiki', 'Use').click();
  await page.getByRole('table', {name: 'Who is signed in to Wiki'}).getByRole('row', {name: /alice/i}).waitFor();
  await page.getByRole('table', {name: 'Who has used Wiki'}).getByRole('row', {name: /alice.*signed in/i}).waitFor();
  await inspect(page, 'console-application-use');
  await page.getByRole('button', {name: /^End/}).click();
  await dialog(page).getByText('can sign in again').waitFor();
  await inspect(page, 'console-application-use-end');
  await button(dialog(page), 'Sign out').click();
  await page.getByText('Nobody is signed in to it now.').waitFor();
  await page.getByRole('table', {name: 'Who has used Wiki'}).getByRole('row', {name: /alice.*just now.*signed out/i}).waitFor();
  assert.equal(await userinfo(doorward, token), 401);

  // Another secret takes the first one's place.
  await tab(page, 'Wiki', 'Set up').click();
  await button(page, 'Add a second secret').click();
  const next = await copied(dialog(page), 'Client secret');
  assert.notEqual(next, secret);
  await button(dialog(page), 'I have copied it').click();
  await page.getByText('Both are valid.').waitFor();
  await page.getByRole('button', {name: /Remove the older/}).click();
  await inspect(page, 'console-application-secret-remove');
  await button(dialog(page), 'Remove secret').click();
  await page.getByText('The secret is removed.').waitFor();
  await signInTo(visitor, doorward, own, clientId, next);
  await assert.rejects(signInTo(visitor, doorward, own, clientId, secret));
});

test('settings hold at once, and a deleted application is gone', async (t) => {
  const console_ = await openConsole(t);
  const {doorward, browser, page} = console_;
  const own = await openApplication(t);
  await addApplication(console_, 'web', {Name: 'Wiki', 'Redirect URI': own.redirectUri});
  const secret = await copied(dialog(page), 'Client secret');
  await button(dialog(page), 'I have copied it').click();
  const clientId = await copied(page, 'Client ID');
  const token = await signInTo(await browser.newPage(), doorward, own, clientId, secret);

  await tab(page, 'Wiki', 'Settings').click();
  await page.getByLabel('Another of: Redirect URIs').fill('https://wiki.contoso.example/second');
  await page.getByLabel(/^Groups/).check();
  await page.getByLabel(/JWT/).check();
  await page.getByText('up to 5 minutes after').waitFor();
  await inspect(page, 'console-application-settings');
  await button(page, 'Save settings').click();
  await page.getByText('Saved. It holds from now on.').waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Redirect URIs, 2').inputValue(), 'https://wiki.contoso.example/second');
  assert.ok(await page.getByLabel(/^Groups/).isChecked());
  await page.getByLabel('Redirect URIs, 2').fill('not an address');
  await button(page, 'Save settings').click();
  await page.getByRole('alert').filter({hasText: /\S/}).first().waitFor();
  await page.reload();

  await button(page, 'Switch off…').click();
  await dialog(page).getByText('1 person is signed in to it now').waitFor();
  await inspect(page, 'console-application-off');
  await button(dialog(page), 'Switch off').click();
  await page.getByText('It is switched off, and what it was given has ended.').waitFor();
  assert.equal(await userinfo(doorward, token), 401);
  await button(page, 'Switch on').click();
  await page.getByText('people can sign in to it again').waitFor();

  await button(page, 'Delete…').click();
  await dialog(page).getByLabel(/^Type the name/).fill('Another');
  await button(dialog(page), 'Delete application').click();
  await dialog(page).getByText('This is another name.').waitFor();
  await inspect(page, 'console-application-delete');
  await dialog(page).getByLabel(/^Type the name/).fill('Wiki');
  await button(dialog(page), 'Delete application').click();
  await page.getByText('Which kind is your first one?').waitFor();
  await console_.go(`applications/${clientId}`);
  await page.getByRole('alert').waitFor();
});

test('two administrators change an application, and neither loses anything', async (t) => {
  const console_ = await openConsole(t);
  const {browser, page} = console_;
  await addApplication(console_, 'web', {Name: 'Wiki', 'Redirect URI': 'https://wiki.contoso.example/callback'});
  await button(dialog(page), 'I have copied it').click();
  await tab(page, 'Wiki', 'Settings').click();
  await page.getByLabel('Redirect URIs, 1').waitFor();
  const other = await browser.newPage();
  await other.goto(page.url());
  await other.getByLabel('Redirect URIs, 1').fill('https://wiki.contoso.example/theirs');
  await button(other, 'Save settings').click();
  await other.getByText('Saved. It holds from now on.').waitFor();

  await page.getByLabel('Name', {exact: true}).fill('Encyclopaedia');
  await page.getByLabel('Another of: Redirect URIs').fill('https://wiki.contoso.example/ours');
  await button(page, 'Save settings').click();
  await page.getByText('Somebody changed this application meanwhile.').waitFor();
  await page.getByText('Redirect URIs: now “https://wiki.contoso.example/theirs”').waitFor();
  assert.equal(await page.getByLabel('Name', {exact: true}).inputValue(), 'Encyclopaedia');
  await inspect(page, 'console-application-changed-meanwhile');
  await page.getByLabel('Redirect URIs, 1').fill('https://wiki.contoso.example/theirs');
  await button(page, 'Save settings').click();
  await page.getByText('Saved. It holds from now on.').waitFor();
  await other.reload();
  assert.equal(await other.getByLabel('Name', {exact: true}).inputValue(), 'Encyclopaedia');
  assert.equal(await other.getByLabel('Redirect URIs, 1').inputValue(), 'https://wiki.contoso.example/theirs');
  assert.equal(await other.getByLabel('Redirect URIs, 2').inputValue(), 'https://wiki.contoso.example/ours');
});

test('who may use an application is chosen', async (t) => {
  const console_ = await openConsole(t);
  const {doorward, page} = console_;
  const {secret} = doorward.cli('scim-token', 'create', 'contoso', '--name', 'Entra');
  const scim = new Scim(doorward.url, secret);
  const noah = await scim.createUser('noah@contoso.example', {given: 'Noah', family: 'Novak', department: 'Sales'});
  await scim.createGroup('Wiki readers', [noah]);
  await scim.createGroup('Portal administrators', []);

  await addApplication(console_, 'public', {Name: 'Wiki', 'Redirect URI': 'com.contoso.wiki:/callback'});
  await heading(page, 'Wiki');
  await page.getByText('It has no secret.').waitFor();
  await inspect(page, 'console-application-public');
  await tab(page, 'Wiki', 'Who may use it').click();
  await page.getByLabel(/^Chosen departments/).check();
  await page.getByRole('group', {name: 'Groups of your directory'}).getByLabel('Add: name contains').fill('readers');
  await button(page, 'Add Portal administrators').waitFor({state: 'detached'});
  await button(page, 'Add Wiki readers').click();
  await inspect(page, 'console-application-access');
  await button(page, 'Save').click();
  await dialog(page).getByText('signed out of “Wiki” at once').waitFor();
  await inspect(page, 'console-application-access-confirm');
  await button(dialog(page), 'Save').click();
  await page.getByText('Saved. It holds from now on.').waitFor();
  await page.reload();
  await button(page, 'Remove Wiki readers').click();
  await button(page, 'Save').click();
  await dialog(page).getByText('That is everybody').waitFor();
  await button(dialog(page), 'Save').click();
  await page.getByText('nobody may use it').first().waitFor();
  await page.getByLabel(/^Everyone/).check();
  await button(page, 'Save').click();
  await page.getByText('Saved. It holds from now on.').waitFor();
  assert.equal(await dialog(page).count(), 0, 'nobody is left out by letting everyone in');
});

test('a page behind a proxy and a service get what they need', async (t) => {
  const console_ = await openConsole(t);
  const {doorward, page, go} = console_;
  await addApplication(console_, 'proxy', {Name: 'Intranet', 'Address of the page': 'https://intranet.contoso.example'});
  await page.getByText('In your reverse proxy').waitFor();
  for (const name of ['nginx', 'Caddy', 'Traefik', 'Envoy']) {
    await button(page, name).click();
    const configuration = await page.getByLabel(`Configuration for ${name}`).textContent();
    assert.ok(configuration.includes('/auth/check'), name);
    assert.ok(configuration.includes(new URL(doorward.url).host), name);
  }
  await inspect(page, 'console-application-proxy');
  await tab(page, 'Intranet', 'Settings').click();
  await page.getByLabel('Addresses of the page, 1').waitFor();
  await inspect(page, 'console-application-proxy-settings');

  await go('applications/new/service');
  await page.getByLabel('Name', {exact: true}).fill('Follower');
  await button(page, 'Add application').click();
  await page.getByText('Choose what it may do.').waitFor();
  await page.getByLabel(/^Follow what happens/).check();
  await inspect(page, 'console-application-service-new');
  await button(page, 'Add application').click();
  const secret = await copied(dialog(page), 'Client secret');
  await button(dialog(page), 'I have copied it').click();
  const clientId = await copied(page, 'Client ID');
  const response = await fetch(await copied(page, 'Token endpoint'), {
    method: 'POST',
    headers: {Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`},
    body: new URLSearchParams({grant_type: 'client_credentials', scope: 'events'}),
  });
  assert.equal(response.status, 200);
  const {access_token} = await response.json();
  const events = await fetch(`${doorward.url}/api/v1/events?limit=10`, {headers: {Authorization: `Bearer ${access_token}`}});
  assert.equal(events.status, 200);
  await page.getByText('It works.').waitFor();
  await inspect(page, 'console-application-service');
  await tab(page, 'Follower', 'Use').click();
  await page.getByRole('button', {name: /^End/}).click();
  await button(dialog(page), 'End token').click();
  await page.getByText('It holds no token now.').waitFor();

  await link(page, 'All applications').click();
  await page.getByRole('row', {name: /Intranet.*Page behind a proxy.*everyone/}).waitFor();
  await page.getByRole('row', {name: /Follower.*Service.*itself/}).waitFor();
  await inspect(page, 'console-applications');
  await link(page, 'Add an application').click();
  await inspect(page, 'console-application-kinds');
});

test('an employee is signed out of one application, and everywhere', async (t) => {
  const console_ = await openConsole(t);
  const {doorward, page, go} = console_;
  const own = await openApplication(t);
  const applications = [];
  for (const name of ['Wiki', 'Chat']) {
    await addApplication(console_, 'web', {Name: name, 'Redirect URI': own.redirectUri});
    const secret = await copied(dialog(page), 'Client secret');
    await button(dialog(page), 'I have copied it').click();
    applications.push([await copied(page, 'Client ID'), secret]);
  }
  const browser = await openBrowser(t);
  const visitor = await browser.newPage();
  await letIn(visitor, doorward, 'ben@contoso.example');
  const tokens = [];
  for (const [clientId, secret] of applications) tokens.push(await signInTo(visitor, doorward, own, clientId, secret));

  await go('employees');
  await link(page, 'Ben Baker').click();
  await heading(page, 'Ben Baker');
  const signedIn = page.getByRole('table', {name: 'What Ben Baker is signed in to'});
  const used = page.getByRole('table', {name: 'Which applications Ben Baker has used'});
  await signedIn.getByRole('row', {name: /Wiki/}).waitFor();
  await used.getByRole('row', {name: /Wiki.*signed in/}).waitFor();
  await inspect(page, 'console-employee-signed-in');
  await signedIn.getByRole('row', {name: /Wiki/}).getByRole('button', {name: /^Sign out/}).click();
  await button(dialog(page), 'Sign out').click();
  await page.getByText('Ben Baker is signed out of Wiki.').waitFor();
  await used.getByRole('row', {name: /Wiki.*signed out/}).waitFor();
  await used.getByRole('row', {name: /Chat.*signed in/}).waitFor();
  assert.deepEqual([await userinfo(doorward, tokens[0]), await userinfo(doorward, tokens[1])], [401, 200]);

  await button(page, 'Sign out everywhere…').click();
  await dialog(page).getByText('1 sign-in to an application ends').waitFor();
  await inspect(page, 'console-employee-sign-out');
  await button(dialog(page), 'Sign out everywhere').click();
  await page.getByText(/1 browser session and 1 sign-in to an application ended/).waitFor();
  await page.getByText('To no application now.').waitFor();
  assert.equal(await userinfo(doorward, tokens[1]), 401);
  await visitor.goto(`${doorward.url}/console/`);
  await visitor.waitForURL(/\/sign-in/);
});
