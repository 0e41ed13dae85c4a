// A portal door with the Entra simulator beside it, connected as an administrator would connect them.
import {cpSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after} from 'node:test';
import {Doorward, freePort, simulatorBinary, start, temporaryFolder} from './processes.mjs';
import {makeAuthority} from './certificates.mjs';

export const account = 'contoso';
export const tenant = 'contoso.example';

/// The simulator, and its control API.
export class Simulator {
  constructor(url) {
    this.url = url;
  }

  static async start(t, {host = 'localhost', tls} = {}) {
    const port = await freePort();
    const url = `${tls ? 'https' : 'http'}://${host}:${port}`;
    const files = tls ? ['--tls-cert', tls.certificate, '--tls-key', tls.key] : [];
    await start(t, simulatorBinary, ['--listen', `127.0.0.1:${port}`, '--public-url', url, ...files], /listening on/);
    const simulator = new Simulator(url);
    // The control API is called on loopback by its plain address; the certificate is for browsers.
    simulator.apiUrl = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
    return simulator;
  }

  async call(method, path, body) {
    const {request} = this.apiUrl.startsWith('https') ? await import('node:https') : await import('node:http');
    const text = await new Promise((resolve, reject) => {
      const outgoing = request(`${this.apiUrl}/simulator/api${path}`, {
        method,
        // A connection kept for the next request may have ended while a command ran, which nobody would have noticed.
        agent: false,
        rejectUnauthorized: false,
        headers: {'Content-Type': 'application/json', Host: new URL(this.url).host},
      }, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => (received += piece));
        response.on('end', () =>
          response.statusCode < 300
            ? resolve(received)
            : reject(new Error(`${method} ${path}: ${response.statusCode} ${received}`)));
      });
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
    return text === '' ? null : JSON.parse(text);
  }

  setFaults(...faults) {
    return this.call('PATCH', `/tenants/${tenant}`, {faults});
  }
}

/// The folder of a Doorward whose account has its domain and its people: made once, and copied for each portal.
let founded;

function found(doorward) {
  if (founded) return cpSync(founded, doorward.folder, {recursive: true});
  doorward.cli('account', 'create', account, '--plan', 'enterprise', '--admin', 'alice@contoso.example');
  doorward.cli('domain', 'add', account, 'contoso.example');
  for (const [email, name] of [['ben@contoso.example', 'Ben Baker'], ['dan@contoso.example', 'Dan Diaz']]) {
    const [given, family] = name.split(' ');
    doorward.cli('employee', 'create', account, '--email', email, '--given-name', given, '--family-name', family);
  }
  founded = mkdtempSync(path.join(tmpdir(), 'doorward-e2e-'));
  cpSync(doorward.folder, founded, {recursive: true});
}

after(() => founded && rmSync(founded, {recursive: true, force: true}));

/// Both, running and connected. With `tls` they live on different sites (portal.test and entra.test), as they do in
/// real life; without, on ports of localhost, as in the demo.
/// `environment`: further settings of the portal.
export async function openPortal(t, {tls = false, application = {}, environment = {}} = {}) {
  const authority = tls ? makeAuthority(temporaryFolder(t)) : null;
  const simulatorTls = authority?.issue('login.entra.test');
  const portalTls = authority?.issue('sso.portal.test');
  const simulator = await Simulator.start(t, tls ? {host: 'login.entra.test', tls: simulatorTls} : {});
  const doorward = await Doorward.create(t, {environment, ...(tls ? {host: 'sso.portal.test', tls: portalTls} : {})});
  const {url} = doorward;
  const app = await simulator.call('POST', `/tenants/${tenant}/applications`, {
    name: 'Portal',
    identifiers: [`${url}/saml/${account}/metadata`],
    reply_urls: [`${url}/saml/${account}/acs`],
    logout_url: `${url}/saml/${account}/logout`,
    users: 'all',
    ...application,
  });
  found(doorward);
  const metadata = await fetchMetadata(simulator, app.metadata_url);
  const file = `${doorward.folder}/metadata.xml`;
  writeFileSync(file, metadata);
  doorward.cli('saml', 'set-metadata', account, '--file', file);
  await doorward.serve(t);
  return {doorward, simulator, app, trustedKeys: tls ? [simulatorTls.spki, portalTls.spki] : []};
}

async function fetchMetadata(simulator, metadataUrl) {
  const {request} = metadataUrl.startsWith('https') ? await import('node:https') : await import('node:http');
  const {pathname, search, host} = new URL(metadataUrl);
  return new Promise((resolve, reject) => {
    request(simulator.apiUrl + pathname + search, {agent: false, rejectUnauthorized: false, headers: {Host: host}}, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve(Buffer.concat(pieces)));
    }).on('error', reject).end();
  });
}
