// A company's tenant, played by npm's oidc-provider: an OpenID provider that knows nothing of Doorward.
import {createSign, generateKeyPairSync, randomUUID} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createServer, request} from 'node:https';
import Provider from 'oidc-provider';
import {makeAuthority} from './certificates.mjs';
import {afterwards, freePort, temporaryFolder} from './processes.mjs';

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/// A key of the tenant, with its name.
export function makeKey() {
  const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
  return {privateKey, jwk: {...privateKey.export({format: 'jwk'}), kid: randomUUID(), use: 'sig', alg: 'RS256'}};
}

export class Tenant {
  /// `people` by account id: the claims that Entra would write about them.
  static async start(t, {tenantId, clientId, people}) {
    const tenant = new Tenant();
    const folder = temporaryFolder(t);
    const certificates = makeAuthority(folder);
    tenant.caFile = certificates.caFile;
    tenant.ca = readFileSync(certificates.caFile);
    const {certificate, key} = certificates.issue('localhost');
    tenant.port = await freePort();
    tenant.origin = `https://localhost:${tenant.port}`;
    tenant.path = `/${tenantId}/v2.0`;
    tenant.issuer = tenant.origin + tenant.path;
    tenant.tenantId = tenantId;
    tenant.clientId = clientId;
    tenant.people = people;
    tenant.publish(makeKey());
    const server = createServer({cert: readFileSync(certificate), key: readFileSync(key)}, (...both) => tenant.#answer(...both));
    await new Promise((resolve) => server.listen(tenant.port, '127.0.0.1', resolve));
    afterwards(t, () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }));
    return tenant;
  }

  /// Signs with this key from now on, and publishes no other.
  publish(key) {
    this.key = key;
    this.provider = new Provider(this.issuer, {
      clients: [{
        client_id: this.clientId,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: ['http://localhost/'],
      }],
      jwks: {keys: [key.jwk]},
      claims: {openid: ['sub', 'oid', 'tid', 'name', 'preferred_username', 'email']},
      conformIdTokenClaims: false,
      features: {devInteractions: {enabled: false}},
      pkce: {methods: ['S256'], required: () => true},
      cookies: {keys: ['test']},
      interactions: {url: (_, interaction) => `${this.path}/interaction/${interaction.uid}`},
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({sub: id, tid: this.tenantId, ...this.people[id]}),
      }),
    });
    this.provider.proxy = true;
    this.callback = this.provider.callback();
  }

  async #answer(request, response) {
    if (!request.url.startsWith(this.path)) return response.writeHead(404).end();
    request.originalUrl = request.url;
    request.url = request.url.slice(this.path.length);
    if (!request.url.startsWith('/interaction/')) return this.callback(request, response);
    // Whoever `whose` names signs in and agrees to everything, without a page.
    request.url = request.originalUrl;
    const {params} = await this.provider.interactionDetails(request, response);
    const grant = new this.provider.Grant({accountId: this.whose, clientId: params.client_id});
    grant.addOIDCScope(params.scope);
    const grantId = await grant.save();
    await this.provider.interactionFinished(request, response, {login: {accountId: this.whose}, consent: {grantId}},
      {mergeWithLastSubmission: false});
  }

  /// An ID token as the tenant would sign it, with other claims or another key.
  idToken(id, claims = {}, {key = this.key, header = {}} = {}) {
    const now = Math.floor(Date.now() / 1000);
    const content = [
      {typ: 'JWT', alg: 'RS256', kid: key.jwk.kid, ...header},
      {iss: this.issuer, aud: this.clientId, sub: id, iat: now, nbf: now, exp: now + 3600, tid: this.tenantId,
        uti: randomUUID(), ...this.people[id], ...claims},
    ].map(base64url).join('.');
    return `${content}.${createSign('RSA-SHA256').update(content).sign(key.privateKey, 'base64url')}`;
  }
}

/// Follows redirects from `url` with cookies, as a browser without scripts does, until one leads to `until`.
export async function follow(url, until, {ca, submit} = {}) {
  const cookies = new Map();
  let form;
  for (let i = 0; i < 12; ++i) {
    const {status, headers, body} = await send(url, {ca, cookies, form});
    form = undefined;
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      cookies.set(name, value);
    }
    if (status >= 300 && status < 400) {
      url = new URL(headers.location, url).href;
      if (url.startsWith(until)) return new URL(url);
    } else {
      const next = submit?.(body);
      if (!next) throw new Error(`${url} answered ${status}: ${body}`);
      url = new URL(next.action, url).href;
      form = next.form;
    }
  }
  throw new Error(`Too many redirects, at ${url}`);
}

function send(url, {ca, cookies, form}) {
  const headers = {Cookie: [...cookies].map((pair) => pair.join('=')).join('; ')};
  if (form) headers['Content-Type'] = 'application/x-www-form-urlencoded';
  return new Promise((resolve, reject) => {
    request(url, {ca, headers, method: form ? 'POST' : 'GET'}, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => (body += piece));
      response.on('end', () => resolve({status: response.statusCode, headers: response.headers, body}));
    }).on('error', reject).end(form ? new URLSearchParams(form).toString() : undefined);
  });
}
