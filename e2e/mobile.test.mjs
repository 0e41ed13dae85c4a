// The portal's mobile app: Microsoft's own library (MSAL) signs people in at the company's tenant, played by npm's
// oidc-provider and by the Entra simulator; Doorward takes the ID token for tokens of its own, or says why not.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import test from 'node:test';
import {CryptoProvider, PublicClientApplication} from '@azure/msal-node';
import {makeAuthority} from './support/certificates.mjs';
import {newPassword} from './support/pages.mjs';
import {account, Simulator, tenant as simulatedDomain} from './support/portal.mjs';
import {Doorward, run, temporaryFolder} from './support/processes.mjs';
import {follow, makeKey, Tenant} from './support/tenant.mjs';

const tenantId = 'aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb';
const clientId = '00001111-aaaa-4222-bbbb-3333cccc4444';
const hash = 'VzSiQcXRmi2kyjzcA+mYLEtbGVs=';
const redirects = {
  ios: 'msauth.com.example.portal://auth',
  android: `msauth://com.example.portal/${encodeURIComponent(hash)}`,
};
const people = {
  ben: {oid: '11111111-90ab-4def-8234-567890abcdef', name: 'Ben Baker', preferred_username: 'ben@contoso.example', email: 'ben@contoso.example'},
  dan: {oid: '22222222-90ab-4def-8234-567890abcdef', name: 'Dan Diaz', preferred_username: 'dan@contoso.example', email: 'dan@contoso.example'},
  eve: {oid: '33333333-90ab-4def-8234-567890abcdef', name: 'Eve', preferred_username: 'eve@contoso.example', email: 'eve@contoso.example'},
};

/// A Doorward whose company has single sign-on with a tenant of this id; `origin` is where the tenant is.
async function openDoorward(t, {origin, caFile, tenantId}) {
  const doorward = await Doorward.create(t, {
    caFile,
    environment: {
      DOORWARD_MOBILE_AUTHORITY_HOST: origin,
      DOORWARD_MOBILE_IOS_BUNDLE_ID: 'com.example.portal',
      DOORWARD_MOBILE_ANDROID_PACKAGE: 'com.example.portal',
      DOORWARD_MOBILE_ANDROID_SIGNATURE_HASHES: hash,
    },
  });
  doorward.cli('account', 'create', account, '--plan', 'enterprise', '--admin', 'alice@contoso.example');
  doorward.cli('domain', 'add', account, 'contoso.example');
  for (const [email, name] of [['ben@contoso.example', 'Ben Baker'], ['dan@contoso.example', 'Dan Diaz']]) {
    const [given, family] = name.split(' ');
    doorward.cli('employee', 'create', account, '--email', email, '--given-name', given, '--family-name', family);
  }
  const signing = `${temporaryFolder(t)}/idp`;
  run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=idp', '-keyout',
    `${signing}.key`, '-out', `${signing}.pem`], {stdio: ['ignore', 'pipe', 'pipe']});
  const certificate = readFileSync(`${signing}.pem`, 'utf8').replace(/-----[^-]+-----|\s/g, '');
  const file = `${doorward.folder}/metadata.xml`;
  writeFileSync(file, `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sts.windows.net/${tenantId}/"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://login.example/sso"/></IDPSSODescriptor></EntityDescriptor>`);
  doorward.cli('saml', 'set-metadata', account, '--file', file);
  await doorward.serve(t);
  return doorward;
}

/// The API as the administrator's browser calls it.
async function administrator(doorward) {
  const password = newPassword(doorward, 'alice@contoso.example');
  const signedIn = await fetch(`${doorward.url}/sign-in/password`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({email: 'alice@contoso.example', account, password}),
  });
  const [cookie] = signedIn.headers.getSetCookie().map((text) => text.split(';')[0]);
  assert.ok(cookie, `signed in: ${signedIn.status}`);
  return async (method, path, body) => {
    const response = await fetch(`${doorward.url}/api/v1${path}`, {
      method,
      headers: {Cookie: cookie, 'Content-Type': 'application/json'},
      body: body && JSON.stringify(body),
    });
    return {status: response.status, body: await response.json()};
  };
}

function msalConfiguration({origin, client = clientId, named = tenantId}) {
  return JSON.stringify({
    client_id: client,
    authorization_user_agent: 'DEFAULT',
    redirect_uri: redirects.android,
    authorities: [{
      type: 'AAD',
      audience: {type: 'AzureADMyOrg', tenant_id: named},
      authority_url: `${origin}/${named}`,
      default: true,
    }],
  });
}

async function configuration(doorward) {
  const response = await fetch(`${doorward.url}/mobile/${account}/configuration`);
  return {status: response.status, body: await response.json()};
}

/// What the app does with the token that MSAL got.
async function signIn(doorward, idToken, more = {}) {
  const response = await fetch(`${doorward.url}/mobile/${account}/sign-in`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({id_token: idToken, device_name: 'Test phone', platform: 'ios', ...more}),
  });
  return {status: response.status, body: await response.json()};
}

async function expectRefusal(doorward, idToken, status, reason) {
  const refused = await signIn(doorward, idToken);
  assert.equal(refused.status, status, JSON.stringify(refused.body));
  assert.equal(refused.body.reason, reason);
  assert.ok(refused.body.error_description);
  const story = doorward.cli('attempt', 'show', refused.body.reference);
  assert.equal(story.attempt.finding, reason);
  assert.ok(!JSON.stringify(story).includes(idToken.split('.')[1]), 'no token in the record');
}

/// MSAL's part: an ID token by code and PKCE; `walk` is the person in front of the browser.
async function msalSignIn({client, authority, protocolMode, ca, walk}) {
  const app = new PublicClientApplication({
    auth: {clientId: client, authority, protocolMode, knownAuthorities: [new URL(authority).host]},
    system: {customAgentOptions: {ca}},
  });
  const {verifier, challenge} = await new CryptoProvider().generatePkceCodes();
  const asked = {scopes: ['openid', 'profile', 'email'], redirectUri: 'http://localhost/'};
  const url = await app.getAuthCodeUrl({...asked, codeChallenge: challenge, codeChallengeMethod: 'S256', state: 'state'});
  const back = await walk(url);
  assert.equal(back.searchParams.get('state'), 'state');
  const tokens = await app.acquireTokenByCode({...asked, code: back.searchParams.get('code'), codeVerifier: verifier});
  assert.ok(tokens.idToken);
  return tokens.idToken;
}

/// A tenant by oidc-provider, and a company that has set its mobile app up with it.
async function openTenant(t) {
  const tenant = await Tenant.start(t, {tenantId, clientId, people});
  const doorward = await openDoorward(t, {...tenant, tenantId});
  const api = await administrator(doorward);
  const saved = await api('PUT', '/setup/mobile', {ios_redirect: redirects.ios, msal_configuration: msalConfiguration(tenant)});
  assert.equal(saved.status, 200, JSON.stringify(saved.body));
  return {tenant, doorward, api};
}

test('an administrator sets the mobile app up', async (t) => {
  const tenant = await Tenant.start(t, {tenantId, clientId, people});
  const doorward = await openDoorward(t, {...tenant, tenantId});
  const api = await administrator(doorward);
  assert.equal((await configuration(doorward)).status, 404);
  assert.equal((await signIn(doorward, tenant.idToken('ben'))).status, 404);
  const {body: before} = await api('GET', '/setup/mobile');
  assert.equal(before.setup, null);
  assert.deepEqual(before.app.android_redirects, [redirects.android]);

  const elsewhere = '99999999-1111-4222-8333-bbbbbbbbbbbb';
  const wrong = {ios_redirect: 'msauth.com.other://auth', msal_configuration: msalConfiguration({...tenant, named: elsewhere})};
  const checked = await api('POST', '/setup/mobile/check', wrong);
  assert.equal(checked.body.ok, false);
  const bad = checked.body.findings.filter(({verdict}) => verdict === 'bad');
  assert.deepEqual([...new Set(bad.map(({check}) => check))], ['authorities', 'ios_redirect']);
  assert.equal(bad[0].expected, tenantId);
  assert.equal(bad[0].actual, elsewhere);
  assert.equal((await api('PUT', '/setup/mobile', wrong)).status, 422);
  assert.equal((await configuration(doorward)).status, 404);

  const right = {ios_redirect: redirects.ios, msal_configuration: msalConfiguration(tenant)};
  assert.equal((await api('POST', '/setup/mobile/check', right)).body.ok, true);
  assert.equal((await api('PUT', '/setup/mobile', right)).status, 200);
  const {body} = await configuration(doorward);
  assert.equal(body.authority, tenant.issuer);
  assert.equal(body.ios.redirect_uri, redirects.ios);
  assert.equal(body.android[0].redirect_uri, redirects.android);
  assert.equal((await api('DELETE', '/setup/mobile')).status, 200);
  assert.equal((await configuration(doorward)).status, 404);
});

test('MSAL at oidc-provider, then Doorward', async (t) => {
  const {tenant, doorward} = await openTenant(t);
  tenant.whose = 'ben';
  const {body: app} = await configuration(doorward);
  const idToken = await msalSignIn({
    client: app.client_id,
    authority: app.authority,
    protocolMode: 'OIDC',
    ca: tenant.ca,
    walk: (url) => follow(url, 'http://localhost/', tenant),
  });
  const signedIn = await signIn(doorward, idToken);
  assert.equal(signedIn.status, 200, JSON.stringify(signedIn.body));
  assert.equal(signedIn.body.token_type, 'Bearer');
  assert.equal(signedIn.body.employee.user_name, 'ben@contoso.example');
  assert.match(signedIn.body.access_token, /^dwa_/);
  assert.match(signedIn.body.refresh_token, /^dwr_/);
  await expectRefusal(doorward, idToken, 401, 'mobile.token_used');
});

test('MSAL at the Entra simulator, then Doorward', async (t) => {
  const certificates = makeAuthority(temporaryFolder(t));
  const simulator = await Simulator.start(t, {tls: certificates.issue('localhost')});
  const {tenant_id: simulated} = await simulator.call('GET', `/tenants/${simulatedDomain}`);
  const application = await simulator.call('POST', `/tenants/${simulatedDomain}/applications`, {
    name: 'Portal',
    identifiers: ['https://portal.example'],
    reply_urls: ['https://portal.example/acs'],
    users: 'all',
    ios_bundle_ids: ['com.example.portal'],
    android_platforms: [{package_name: 'com.example.portal', signature_hash: hash}],
  });
  const doorward = await openDoorward(t, {origin: simulator.url, caFile: certificates.caFile, tenantId: simulated});
  const api = await administrator(doorward);
  const saved = await api('PUT', '/setup/mobile', {
    ios_redirect: redirects.ios,
    msal_configuration: msalConfiguration({origin: simulator.url, client: application.app_id, named: simulated}),
  });
  assert.equal(saved.status, 200, JSON.stringify(saved.body));

  const {body: app} = await configuration(doorward);
  const ca = readFileSync(certificates.caFile);
  const pick = (page) => {
    const [, action] = /<form method="post" action="([^"]+)"/.exec(page);
    const form = Object.fromEntries([...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)]
      .map(([, name, value]) => [name, value.replaceAll('&amp;', '&')]));
    return {action, form: {...form, user: 'ben@contoso.example'}};
  };
  const idToken = await msalSignIn({
    client: app.client_id,
    authority: app.android[0].authorities[0].authority_url,
    protocolMode: 'AAD',
    ca,
    walk: (url) => follow(url, 'http://localhost/', {ca, submit: pick}),
  });
  const signedIn = await signIn(doorward, idToken, {platform: 'android'});
  assert.equal(signedIn.status, 200, JSON.stringify(signedIn.body));
  assert.equal(signedIn.body.employee.user_name, 'ben@contoso.example');
  await expectRefusal(doorward, idToken, 401, 'mobile.token_used');
});

test('what is not right is refused', async (t) => {
  const {tenant, doorward} = await openTenant(t);
  const now = Math.floor(Date.now() / 1000);
  assert.equal((await signIn(doorward, tenant.idToken('ben'))).status, 200);
  const other = '99999999-1111-4222-8333-bbbbbbbbbbbb';
  for (const [claims, reason] of [
    [{tid: other}, 'oidc.id_token_tenant'],
    [{iss: `${tenant.origin}/${other}/v2.0`}, 'oidc.claim_issuer'],
    [{aud: other}, 'oidc.claim_audience'],
    [{aud: [clientId, other]}, 'oidc.claim_audience'],
    [{iat: now - 700}, 'oidc.claim_too_old'],
    [{exp: now - 100}, 'oidc.claim_expired'],
    [{nbf: now + 100}, 'oidc.claim_not_yet'],
    [{oid: undefined}, 'oidc.id_token_person'],
  ]) {
    await expectRefusal(doorward, tenant.idToken('ben', claims), 401, reason);
  }
  // A stranger's key, under its own name and under the tenant's.
  const stranger = makeKey();
  await expectRefusal(doorward, tenant.idToken('ben', {}, {key: stranger}), 401, 'oidc.jwt_key_unknown');
  await expectRefusal(doorward, tenant.idToken('ben', {}, {key: stranger, header: {kid: tenant.key.jwk.kid}}), 401,
    'oidc.jwt_signature');
  await expectRefusal(doorward, tenant.idToken('ben', {}, {header: {alg: 'none'}}), 401, 'oidc.jwt_algorithm');
  await expectRefusal(doorward, tenant.idToken('ben', {}, {header: {jwk: stranger.jwk}}), 401, 'oidc.jwt_malformed');
  // Who may come in is the directory's decision.
  await expectRefusal(doorward, tenant.idToken('eve'), 403, 'identity.not_provisioned');
  assert.equal((await signIn(doorward, tenant.idToken('dan'))).status, 200);
  doorward.cli('employee', 'deactivate', account, 'dan@contoso.example');
  await expectRefusal(doorward, tenant.idToken('dan'), 403, 'identity.deactivated');
  const log = doorward.server.log();
  assert.ok(!log.includes('eyJ') && !log.includes('dwa_') && !log.includes('dwr_'), 'no token in the log');
});

test('a token counts once, also at the same time', async (t) => {
  const {tenant, doorward} = await openTenant(t);
  const idToken = tenant.idToken('ben');
  const answers = await Promise.all(Array.from({length: 8}, () => signIn(doorward, idToken)));
  const statuses = answers.map(({status}) => status).sort();
  assert.deepEqual(statuses, [200, 401, 401, 401, 401, 401, 401, 401]);
});

// Keys are asked for at most once a minute.
test('keys that the tenant rotates are fetched anew', {skip: process.env.DOORWARD_LONG !== '1'}, async (t) => {
  const {tenant, doorward} = await openTenant(t);
  assert.equal((await signIn(doorward, tenant.idToken('ben'))).status, 200);
  const old = tenant.key;
  tenant.publish(makeKey());
  await expectRefusal(doorward, tenant.idToken('ben'), 401, 'oidc.jwt_key_unknown');
  await new Promise((resolve) => setTimeout(resolve, 61_000));
  assert.equal((await signIn(doorward, tenant.idToken('ben'))).status, 200);
  await expectRefusal(doorward, tenant.idToken('ben', {}, {key: old}), 401, 'oidc.jwt_key_unknown');
});
