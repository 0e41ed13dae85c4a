// Applications by OpenID Connect, as npm openid-client and a real browser see it. The employees sign in at the Entra
// simulator by SAML on the way.
import assert from 'node:assert/strict';
import {generateKeyPairSync, randomUUID} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {openApplication, register, RelyingParty, signInAtProvider} from './support/applications.mjs';
import {openBrowser, picture} from './support/browser.mjs';
import {inspect} from './support/pages.mjs';
import {account, openPortal} from './support/portal.mjs';

const ben = 'ben@contoso.example';

/// A portal whose company signs in by SAML only, an application of it, and a browser.
async function openAll(t, {name = 'Wiki', kind = 'web', options = {}, metadata, jwks} = {}) {
  const {doorward} = await openPortal(t);
  doorward.cli('sso', 'enable', account, '--reason', 'test', '--force');
  const application = await openApplication(t);
  const registered = register(doorward, name, kind, {
    'redirect-uri': application.callback,
    'post-logout-redirect-uri': application.bye,
    scope: ['openid', 'profile', 'email', 'groups', 'departments', 'offline_access'],
    ...options,
  });
  const party = await RelyingParty.discover(doorward, application, registered, metadata, jwks);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  return {doorward, application, registered, party, browser, page};
}

async function back(page, application) {
  await page.waitForURL((url) => url.origin === application.url);
  await page.getByRole('heading', {name: /Back at/}).waitFor();
}

/// Signs Ben in at the application and gives what the token endpoint gave.
async function signIn({page, party, application}, wishes) {
  await page.goto(party.begin({login_hint: ben, ...wishes}));
  await signInAtProvider(page);
  await back(page, application);
  return party.finish();
}

test('code, PKCE, userinfo, refresh, and what the browser remembers', async (t) => {
  const all = await openAll(t);
  const {page, party, application, doorward} = all;
  const tokens = await signIn(all, {scope: 'openid profile email departments offline_access'});
  const claims = tokens.claims();
  assert.equal(claims.iss, doorward.url);
  assert.equal(claims.name, 'Ben Baker');
  assert.equal(claims.email, ben);
  assert.equal(claims.email_verified, true);
  assert.equal(claims.account, account);
  assert.equal(typeof claims.auth_time, 'number');
  assert.equal(claims.departments.length, 1);
  const info = await party.client.userinfo(tokens.access_token);
  assert.equal(info.sub, claims.sub);
  assert.equal(info.name, 'Ben Baker');

  const refreshed = await party.client.refresh(tokens.refresh_token);
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
  assert.equal((await party.client.userinfo(refreshed.access_token)).sub, claims.sub);

  // Signed in once, the next answer comes without a question, also where none may be asked.
  await page.goto(party.begin());
  await back(page, application);
  assert.equal((await party.finish()).claims().sub, claims.sub);
  await page.goto(party.begin({prompt: 'none', max_age: 3600}));
  await back(page, application);
  assert.equal((await party.finish({max_age: 3600})).claims().sid, claims.sid);

  await party.client.revoke(refreshed.refresh_token);
  await assert.rejects(party.client.userinfo(refreshed.access_token), {error: 'invalid_token'});
  await assert.rejects(party.client.refresh(refreshed.refresh_token), {error: 'invalid_grant'});
});

test('prompt and max_age ask again, at the provider', async (t) => {
  const all = await openAll(t);
  const {page, party, application, browser} = all;
  await page.goto(party.begin({prompt: 'none'}));
  await back(page, application);
  await assert.rejects(party.finish(), {error: 'login_required'});

  const first = (await signIn(all)).claims();
  for (const wishes of [{prompt: 'login'}, {max_age: 0}]) {
    await page.goto(party.begin({...wishes, login_hint: ben}));
    // The provider still knows Ben and would let him through, but it was told to ask.
    await page.getByRole('button', {name: 'Sign in'}).first().waitFor();
    assert.ok(!page.url().startsWith(application.url));
    await signInAtProvider(page);
    await back(page, application);
    const again = (await party.finish(wishes.max_age === 0 ? {max_age: 60} : {})).claims();
    assert.equal(again.sub, first.sub);
    assert.notEqual(again.sid, first.sid);
    assert.ok(again.auth_time >= first.auth_time);
  }
  await browser.clearCookies();
  await page.goto(party.begin({prompt: 'none', id_token_hint: undefined}));
  await back(page, application);
  await assert.rejects(party.finish(), {error: 'login_required'});
});

test('sign-out from the application', async (t) => {
  const all = await openAll(t);
  const {page, party, application, doorward} = all;
  const tokens = await signIn(all);
  // Whoever only knows the client id has to ask.
  await page.goto(party.client.endSessionUrl({post_logout_redirect_uri: application.bye, state: 'x'}));
  await page.getByText('Wiki asks to sign you out.').waitFor();
  await inspect(page, 'oidc-sign-out');
  await page.getByRole('button', {name: 'Sign out'}).click();
  await back(page, application);
  assert.equal(application.last().url, '/bye?state=x');
  await assert.rejects(party.client.userinfo(tokens.access_token), {error: 'invalid_token'});

  const second = await signIn(all, {prompt: 'login'});
  await page.goto(party.client.endSessionUrl({id_token_hint: second.id_token, post_logout_redirect_uri: application.bye}));
  await back(page, application);
  await page.goto(party.begin({prompt: 'none'}));
  await back(page, application);
  await assert.rejects(party.finish(), {error: 'login_required'});

  const refused = await page.goto(
    `${doorward.url}/oauth2/logout?client_id=${party.client.metadata.client_id}&post_logout_redirect_uri=https://evil.example/`);
  assert.equal(refused.status(), 400);
  assert.ok(page.url().startsWith(doorward.url));
});

test('form_post, with and without JavaScript', async (t) => {
  const all = await openAll(t);
  const {page, party, application} = all;
  const tokens = await signIn(all, {response_mode: 'form_post'});
  assert.equal(application.last().method, 'POST');
  assert.equal(tokens.claims().email, ben);

  const quiet = await openBrowser(t, {javaScriptEnabled: false});
  const second = await quiet.newPage();
  await second.goto(party.begin({login_hint: ben, response_mode: 'form_post'}));
  await signInAtProvider(second);
  // The provider's own form, then ours.
  await second.getByRole('button').first().click();
  await second.getByRole('heading', {name: 'Continue to Wiki'}).waitFor();
  await picture(second, 'oidc-form-post');
  await second.getByRole('button', {name: 'Continue'}).click();
  await back(second, application);
  assert.equal((await party.finish()).claims().email, ben);
  assert.ok(page.url().startsWith(application.url));
});

test('private_key_jwt, ES256 and a pushed request', async (t) => {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
  const key = {kid: randomUUID(), alg: 'ES256', use: 'sig'};
  const {doorward} = await openPortal(t);
  doorward.cli('sso', 'enable', account, '--reason', 'test', '--force');
  const application = await openApplication(t);
  const file = path.join(doorward.folder, 'jwks.json');
  writeFileSync(file, JSON.stringify({keys: [{...publicKey.export({format: 'jwk'}), ...key}]}));
  const registered = register(doorward, 'Wiki', 'web', {
    'redirect-uri': application.callback, 'jwks-file': file, 'id-token-algorithm': 'ES256',
  });
  assert.equal(registered.client_secret, undefined);
  const party = await RelyingParty.discover(doorward, application, registered, {
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
  }, {keys: [{...privateKey.export({format: 'jwk'}), ...key}]});
  const page = await (await openBrowser(t)).newPage();

  const {request_uri} = await party.client.pushedAuthorizationRequest(party.parameters({login_hint: ben}));
  await page.goto(`${doorward.url}/oauth2/authorize?client_id=${registered.client_id}&request_uri=${encodeURIComponent(request_uri)}`);
  await signInAtProvider(page);
  await back(page, application);
  const tokens = await party.finish();
  assert.equal(tokens.claims().email, ben);
  assert.equal(JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')).alg, 'ES256');
});

test('an application may ask for consent', async (t) => {
  const all = await openAll(t, {options: {consent: 'on'}});
  const {page, party, application} = all;
  await page.goto(party.begin({login_hint: ben, scope: 'openid profile email groups offline_access'}));
  await signInAtProvider(page);
  await page.getByRole('heading', {name: 'Wiki asks who you are'}).waitFor();
  await inspect(page, 'oidc-consent');
  await page.getByRole('button', {name: 'Do not allow'}).click();
  await back(page, application);
  await assert.rejects(party.finish(), {error: 'access_denied'});

  await page.goto(party.begin());
  await page.getByRole('button', {name: 'Allow', exact: true}).click();
  await back(page, application);
  assert.equal((await party.finish()).claims().email, ben);
  // Asked once.
  await page.goto(party.begin());
  await back(page, application);
  await party.finish();
});

test('a page in the browser, without a secret', async (t) => {
  const all = await openAll(t, {kind: 'public', metadata: {token_endpoint_auth_method: 'none'}});
  const {page, party, application, doorward} = all;
  await page.goto(party.begin({login_hint: ben}));
  await signInAtProvider(page);
  await back(page, application);
  const code = new URL(page.url()).searchParams.get('code');
  const form = {grant_type: 'authorization_code', code, redirect_uri: application.callback,
    client_id: party.client.metadata.client_id, code_verifier: party.checks.code_verifier};
  // The page itself talks to Doorward: another origin.
  const name = await page.evaluate(async ({url, form}) => {
    const discovered = await (await fetch(`${url}/.well-known/openid-configuration`)).json();
    const body = new URLSearchParams(form);
    const tokens = await (await fetch(discovered.token_endpoint, {method: 'POST', body})).json();
    const headers = {Authorization: `Bearer ${tokens.access_token}`};
    return (await (await fetch(discovered.userinfo_endpoint, {headers})).json()).name;
  }, {url: doorward.url, form});
  assert.equal(name, 'Ben Baker');
  // A page of another site cannot read the answer.
  const stranger = await openApplication(t);
  await page.goto(stranger.url);
  const read = await page.evaluate(({url, form}) =>
    fetch(`${url}/oauth2/token`, {method: 'POST', body: new URLSearchParams(form)}).then(() => true, () => false),
  {url: doorward.url, form});
  assert.equal(read, false);
});

test('a leaver is out at once', async (t) => {
  const all = await openAll(t);
  const {party, doorward, registered} = all;
  const tokens = await signIn(all, {scope: 'openid offline_access'});
  assert.equal((await party.client.introspect(tokens.access_token)).active, true);
  doorward.cli('employee', 'deactivate', account, ben);
  await assert.rejects(party.client.userinfo(tokens.access_token), {error: 'invalid_token'});
  await assert.rejects(party.client.refresh(tokens.refresh_token), {error: 'invalid_grant'});
  assert.deepEqual(await party.client.introspect(tokens.access_token), {active: false});
  assert.ok(registered.client_id);
});

test('a service acts for itself', async (t) => {
  const {doorward} = await openPortal(t);
  const registered = register(doorward, 'Robot', 'service', {scope: ['scim', 'events']});
  const {Issuer} = await import('openid-client');
  const issuer = await Issuer.discover(doorward.url);
  const client = new issuer.Client(registered);
  const tokens = await client.grant({grant_type: 'client_credentials', scope: 'scim'});
  assert.equal(tokens.scope, 'scim');
  const users = await fetch(`${doorward.url}/scim/v2/Users?count=1`, {headers: {Authorization: `Bearer ${tokens.access_token}`}});
  assert.equal(users.status, 200);
  await assert.rejects(client.userinfo(tokens.access_token), /insufficient_scope/);
  await assert.rejects(new issuer.Client({...registered, client_secret: 'dws_wrong'})
    .grant({grant_type: 'client_credentials'}), {error: 'invalid_client'});
});

test('an employee of another company is told, and can change', async (t) => {
  const {doorward} = await openPortal(t);
  const application = await openApplication(t);
  doorward.cli('account', 'create', 'fabrikam', '--plan', 'enterprise', '--admin', 'eve@fabrikam.example');
  const {password} = doorward.cli('employee', 'reset-password', 'fabrikam', 'eve@fabrikam.example');
  const registered = register(doorward, 'Wiki', 'web', {'redirect-uri': application.callback});
  const party = await RelyingParty.discover(doorward, application, registered);
  const page = await (await openBrowser(t)).newPage();
  await page.goto(`${doorward.url}/sign-in?account=fabrikam`);
  await page.getByLabel('E-mail address').fill('eve@fabrikam.example');
  await page.getByRole('button', {name: 'Continue'}).click();
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Sign in with password'}).click();
  await page.getByRole('heading', {name: /Welcome/}).waitFor();

  await page.goto(party.begin());
  await page.getByRole('heading', {name: 'You are signed in to another company'}).waitFor();
  await inspect(page, 'oidc-other-company');
  await page.getByRole('link', {name: 'Sign in to contoso'}).click();
  // With a password this time: the sign-in form's policy must let the browser go on to the application.
  const {password: second} = doorward.cli('employee', 'reset-password', account, ben);
  await page.getByLabel('E-mail address').fill(ben);
  await page.getByRole('button', {name: 'Continue'}).click();
  await page.getByLabel('Password').fill(second);
  await page.getByRole('button', {name: 'Sign in with password'}).click();
  await back(page, application);
  assert.equal((await party.finish()).claims().email, ben);
});
