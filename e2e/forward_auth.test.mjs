// Employees come in to applications behind real reverse proxies that ask Doorward: nginx and Caddy, over TLS on sites of
// their own, and over http on loopback. The configurations are those of docs/forward-auth.md.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import test from 'node:test';
import {openBrowser, picture} from './support/browser.mjs';
import {makeAuthority} from './support/certificates.mjs';
import {newPassword} from './support/pages.mjs';
import {Doorward, freePort, temporaryFolder} from './support/processes.mjs';
import {documented, startApplication, startCaddy, startNginx} from './support/proxies.mjs';

const account = 'contoso';
const alice = 'alice@contoso.example';
const ben = 'ben@contoso.example';
const allFields = ['user', 'email', 'email-verified', 'name', 'subject', 'account', 'groups', 'departments', 'administrator'];

/// What fronts an application: its block of the documentation with our addresses in it.
const proxies = {
  nginx({origin, id, application, doorward, tls, host, port}) {
    const text = documented('nginx', [
      ['listen 443 ssl;', tls ? `listen 127.0.0.1:${port} ssl;` : `listen ${host}:${port};`],
      ['  ssl_certificate /etc/ssl/wiki.contoso.example.pem;\n', tls ? `ssl_certificate ${tls.certificate};\n` : ''],
      ['  ssl_certificate_key /etc/ssl/wiki.contoso.example.key;\n', tls ? `ssl_certificate_key ${tls.key};\n` : ''],
      ['X-Forwarded-Proto https', `X-Forwarded-Proto ${new URL(origin).protocol.slice(0, -1)}`],
      ['X-Forwarded-Host wiki.contoso.example', `X-Forwarded-Host ${new URL(origin).host}`],
      ['server_name wiki.contoso.example', `server_name ${host}`],
      ['CLIENT_ID', id],
      ['127.0.0.1:3000', application],
      ['127.0.0.1:8080', doorward],
    ]);
    return text;
  },
  caddy({origin, id, application, doorward, tls, host}) {
    const site = tls ? `${origin} {\n\tbind 127.0.0.1\n\ttls ${tls.certificate} ${tls.key}` : `${origin} {\n\tbind ${host}`;
    return documented('caddy', [
      ['wiki.contoso.example {', site],
      ['CLIENT_ID', id],
      ['127.0.0.1:3000', application],
      ['127.0.0.1:8080', doorward],
    ]);
  },
};

/// The front of Doorward itself, where TLS ends at the proxy.
const ownFront = {
  nginx: ({port, host, doorward, tls}) => `server {
  listen 127.0.0.1:${port} ssl;
  server_name ${host};
  ssl_certificate ${tls.certificate};
  ssl_certificate_key ${tls.key};
  location / {
    proxy_pass http://${doorward};
    proxy_redirect off;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host "";
    proxy_set_header X-Forwarded-Proto "";
  }
}
`,
  caddy: ({port, host, doorward, tls}) => `https://${host}:${port} {
	bind 127.0.0.1
	tls ${tls.certificate} ${tls.key}
	reverse_proxy ${doorward}
}
`,
};
const starters = {nginx: startNginx, caddy: startCaddy};

/// Doorward, two applications, Wiki and Board (administrators only), and the proxy before them.
async function open(t, kind, {secure}) {
  const port = await freePort();
  const listen = await freePort();
  const authority = secure ? makeAuthority(temporaryFolder(t)) : null;
  const hosts = secure ? ['wiki.intranet.test', 'board.apps.test'] : ['127.0.0.2', '127.0.0.3'];
  const origins = hosts.map((host) => `${secure ? 'https' : 'http'}://${host}:${port}`);
  const certificates = secure ? Object.fromEntries([...hosts, 'sso.portal.test'].map((host) => [host, authority.issue(host)])) : {};

  const doorward = await Doorward.create(t);
  doorward.options.port = listen;
  doorward.url = secure ? `https://sso.portal.test:${port}` : `http://localhost:${listen}`;
  doorward.options.environment = {DOORWARD_TRUSTED_PROXIES: '127.0.0.1'};
  doorward.cli('account', 'create', account, '--plan', 'enterprise', '--admin', alice);
  doorward.cli('employee', 'create', account, '--email', ben, '--given-name', 'Zoë', '--family-name', 'Baker');
  const create = (name, origin, access) =>
    doorward.cli('application', 'create', account, name, '--kind', 'proxy', '--origin', origin, '--access', access).application;
  const wiki = create('Wiki', origins[0], 'everyone');
  const board = create('Board', origins[1], 'administrators');
  await doorward.serve(t);

  const application = await startApplication(t);
  const fronts = [wiki, board].map((made, index) =>
    proxies[kind]({
      origin: origins[index],
      id: made.client_id,
      application,
      doorward: `127.0.0.1:${listen}`,
      tls: certificates[hosts[index]],
      host: hosts[index],
      port,
    }));
  if (secure) fronts.push(ownFront[kind]({port, host: 'sso.portal.test', doorward: `127.0.0.1:${listen}`, tls: certificates['sso.portal.test']}));
  await starters[kind](t, fronts.join('\n'));
  return {
    doorward,
    port,
    wiki: origins[0],
    board: origins[1],
    passwords: {[ben]: newPassword(doorward, ben), [alice]: newPassword(doorward, alice)},
    trustedKeys: Object.values(certificates).map(({spki}) => spki),
  };
}

/// A request of a program: status, fields and text.
function ask({origin, port}, path, headers = {}) {
  const {protocol, hostname, host} = new URL(origin);
  const {request} = protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {host: hostname.endsWith('.test') ? '127.0.0.1' : hostname, port, path, servername: hostname, agent: false, rejectUnauthorized: false, headers: {Host: host, ...headers}},
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => (text += piece));
        response.on('end', () => resolve({status: response.statusCode, headers: response.headers, text}));
      },
    );
    outgoing.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({status: response.statusCode, headers: response.headers, text: ''});
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const heardBy = (page) => page.locator('#heard').textContent().then(JSON.parse);
const heardIn = ({text}) => JSON.parse(/id="heard">(.*?)<\/script>/s.exec(text)[1]);

async function signIn(page, email, password) {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', {name: 'Continue'}).click();
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Sign in with password'}).click();
}

for (const kind of Object.keys(proxies)) {
  for (const secure of [true, false]) {
    test(`${kind}, ${secure ? 'TLS on sites of their own' : 'http on loopback'}`, async (t) => {
      const portal = await open(t, kind, {secure});
      const {doorward, wiki, board, port, passwords, trustedKeys} = portal;
      const browser = await openBrowser(t, {trustedKeys});
      const page = await browser.newPage();
      const cookieName = secure ? '__Host-doorward_app' : 'doorward_app';
      const cookieAt = async (origin) => (await browser.cookies(origin)).find(({name}) => name === cookieName);

      // A deep link, and back to it.
      await page.goto(`${wiki}/page?a=1&b=%C3%A9`);
      assert.equal(new URL(page.url()).origin, doorward.url);
      await signIn(page, ben, passwords[ben]);
      await page.waitForURL(`${wiki}/page?a=1&b=%C3%A9`);
      const heard = await heardBy(page);
      assert.equal(heard.url, '/page?a=1&b=%C3%A9');
      assert.equal(heard.headers['x-auth-user'], ben);
      assert.equal(heard.headers['x-auth-email'], ben);
      assert.equal(heard.headers['x-auth-email-verified'], 'false');
      assert.equal(heard.headers['x-auth-name'], 'Zo%C3%AB Baker');
      assert.equal(decodeURIComponent(heard.headers['x-auth-name']), 'Zoë Baker');
      assert.equal(heard.headers['x-auth-account'], account);
      assert.equal(heard.headers['x-auth-administrator'], 'false');
      const cookie = await cookieAt(wiki);
      assert.equal(cookie.secure, secure);
      assert.equal(cookie.httpOnly, true);
      assert.equal(cookie.sameSite, 'Lax');
      const asBen = {Cookie: `${cookieName}=${cookie.value}`};

      // What a visitor says about themselves is nobody's word.
      const lies = Object.fromEntries(
        allFields.flatMap((name) => [[`X-Auth-${name}`, 'eve'], [`X_Auth_${name}`, 'eve']]),
      );
      lies['X-Auth-Email-Verified'] = 'true';
      lies.X_Auth_Email_Verified = 'true';
      const spoofed = await ask({origin: wiki, port}, '/', {...asBen, ...lies});
      assert.equal(spoofed.status, 200);
      assert.ok(!JSON.stringify(heardIn(spoofed).headers).includes('eve'), spoofed.text);
      assert.equal(heardIn(spoofed).headers['x-auth-user'], ben);
      assert.equal(heardIn(spoofed).headers['x-auth-email-verified'], 'false');
      assert.equal(heardIn(spoofed).headers.x_auth_email_verified, undefined);
      // Once the company has proven its domain, it is said so at the next request.
      doorward.cli('domain', 'add', account, 'contoso.example');
      assert.equal(heardIn(await ask({origin: wiki, port}, '/', asBen)).headers['x-auth-email-verified'], 'true');
      assert.equal((await ask({origin: wiki, port}, '/', lies)).status, 401);

      // Nor can a visitor have another application asked about.
      const elsewhere = {
        'X-Forwarded-Host': new URL(wiki).host,
        'X-Forwarded-Proto': new URL(wiki).protocol.slice(0, -1),
        'X-Original-URL': `${wiki}/`,
      };
      for (const more of [{}, elsewhere]) {
        const {status} = await ask({origin: board, port}, '/', {...asBen, ...more});
        assert.ok(status === 401 || status === 403, String(status));
      }

      // Programs and WebSockets are told, not led.
      const plain = await ask({origin: wiki, port}, '/api', {Accept: 'application/json'});
      assert.equal(plain.status, 401);
      assert.equal(plain.headers.location, undefined);
      const socket = {
        Upgrade: 'websocket',
        Connection: 'Upgrade',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version': '13',
        Accept: 'text/html',
      };
      assert.equal((await ask({origin: wiki, port}, '/socket', socket)).status, 401);
      const upgraded = await ask({origin: wiki, port}, '/socket', {...asBen, ...socket});
      assert.equal(upgraded.status, 101);
      assert.equal(upgraded.headers['x-heard'], ben);
      const shown = await ask({origin: wiki, port}, '/a/b?c', {Accept: 'text/html'});
      assert.equal(shown.status, 302);
      assert.equal(shown.headers.location, `${wiki}/.doorward/sign-in?return_to=/a/b?c`);

      // Not for administrators only.
      const denied = await page.goto(`${board}/`);
      assert.equal(denied.status(), 403);
      await page.getByRole('heading', {name: 'You may not use this application'}).waitFor();
      assert.equal(await cookieAt(board), undefined);

      // An image asks for nothing and ends nothing; a link does what it says.
      await page.goto(`${wiki}/`);
      assert.equal((await heardBy(page)).headers['x-auth-user'], ben);
      await page.reload();
      assert.equal((await heardBy(page)).headers['x-auth-user'], ben);
      await page.getByRole('link', {name: 'Sign out'}).click();
      await page.getByRole('heading', {name: /Sign out of Wiki\?|You are signed out of Wiki/}).waitFor();
      if (await page.getByRole('heading', {name: 'Sign out of Wiki?'}).isVisible()) {
        await page.getByRole('button', {name: 'Sign out'}).click();
      }
      await page.getByRole('heading', {name: 'You are signed out of Wiki'}).waitFor();
      await picture(page, `forward-auth-signed-out-${kind}`);
      assert.equal(await cookieAt(wiki), undefined);
      assert.equal((await ask({origin: wiki, port}, '/', asBen)).status, 401);

      // Back without a password, as long as the session is there; out at once when the employee is.
      await page.goto(`${wiki}/again`);
      assert.equal((await heardBy(page)).url, '/again');
      const again = {Cookie: `${cookieName}=${(await cookieAt(wiki)).value}`};
      assert.equal((await ask({origin: wiki, port}, '/', again)).status, 200);
      doorward.cli('employee', 'deactivate', account, ben);
      assert.equal((await ask({origin: wiki, port}, '/', again)).status, 401);
      await page.goto(`${wiki}/again`);
      assert.equal(new URL(page.url()).origin, doorward.url);

      // Another employee, who may use both.
      await signIn(page, alice, passwords[alice]);
      await page.waitForURL(`${wiki}/again`);
      await page.goto(`${board}/minutes`);
      assert.equal((await heardBy(page)).headers['x-auth-administrator'], 'true');
      assert.equal((await heardBy(page)).url, '/minutes');
      assert.notEqual((await cookieAt(board)).value, (await cookieAt(wiki)).value);
    });
  }
}
