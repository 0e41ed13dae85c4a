// Apache with mod_auth_openidc in front of pages, as docs/applications.md configures it.
import assert from 'node:assert/strict';
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {register} from './support/applications.mjs';
import {openBrowser} from './support/browser.mjs';
import {account, openPortal} from './support/portal.mjs';
import {afterwards, freePort, start, temporaryFolder} from './support/processes.mjs';

const ben = 'ben@contoso.example';
const modules = '/usr/lib/apache2/modules';

function configuration(folder, port, lines) {
  const loaded = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'mime', 'headers', 'auth_openidc'];
  return [
    `ServerRoot ${folder}`,
    `PidFile ${folder}/apache.pid`,
    `DefaultRuntimeDir ${folder}`,
    `Listen 127.0.0.1:${port}`,
    `ServerName localhost:${port}`,
    `ErrorLog ${folder}/error.log`,
    'LogLevel warn auth_openidc:info',
    ...loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
    // Not to stay root, where the tests run as root.
    ...(process.getuid() === 0 ? ['User www-data', 'Group www-data'] : []),
    'TypesConfig /dev/null',
    `DocumentRoot ${folder}/pages`,
    'DirectoryIndex index.html',
    `<Directory ${folder}/pages>`,
    '  Require all granted',
    '</Directory>',
    ...lines,
  ].join('\n');
}

/// `listens`: it is told when somebody leaves. Otherwise it asks again and again, with a refresh token.
async function startApache(t, doorward, {listens = false} = {}) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const registered = register(doorward, 'Intranet', 'web', {
    'redirect-uri': `${url}/oidc/callback`,
    'post-logout-redirect-uri': `${url}/bye.html`,
    scope: ['openid', 'profile', 'email', 'groups', ...(listens ? [] : ['offline_access'])],
    ...(listens ? {'backchannel-logout-uri': `${url}/oidc/callback?logout=backchannel`} : {}),
  });
  const folder = temporaryFolder(t);
  // Apache reads it as another user.
  chmodSync(folder, 0o755);
  mkdirSync(path.join(folder, 'pages/editors'), {recursive: true});
  writeFileSync(path.join(folder, 'pages/index.html'), '<!doctype html><title>Intranet</title><h1>Intranet</h1>');
  writeFileSync(path.join(folder, 'pages/bye.html'), '<!doctype html><title>Bye</title><h1>Bye</h1>');
  writeFileSync(path.join(folder, 'pages/editors/index.html'), '<!doctype html><title>Editors</title><h1>Editors</h1>');
  const file = path.join(folder, 'apache.conf');
  writeFileSync(file, configuration(folder, port, [
    `OIDCProviderMetadataURL ${doorward.url}/.well-known/openid-configuration`,
    `OIDCClientID ${registered.client_id}`,
    `OIDCClientSecret ${registered.client_secret}`,
    `OIDCRedirectURI ${url}/oidc/callback`,
    'OIDCCryptoPassphrase something-long-and-random',
    `OIDCScope "openid profile email groups${listens ? '' : ' offline_access'}"`,
    'OIDCPKCEMethod S256',
    'OIDCRemoteUserClaim preferred_username',
    // It asks again when the access token has less than this to live of its hour: a second after it got it.
    ...(listens ? [] : ['OIDCRefreshAccessTokenBeforeExpiry 3599 logout_on_error']),
    `OIDCDefaultLoggedOutURL ${url}/`,
    '<Location />',
    '  AuthType openid-connect',
    '  Require valid-user',
    '  Header set X-Remote-User "expr=%{REMOTE_USER}"',
    '  Header set X-Name "%{OIDC_CLAIM_name}e"',
    '  Header set X-Account "%{OIDC_CLAIM_account}e"',
    '</Location>',
    '<Location /editors>',
    '  AuthType openid-connect',
    '  Require claim groups:Editors',
    '</Location>',
    '<Location /bye.html>',
    '  AuthType None',
    '  Require all granted',
    '</Location>',
  ]));
  // What it says of itself, it writes into its log.
  const log = path.join(folder, 'error.log');
  writeFileSync(log, '');
  const words = ['-c', 'tail -n +1 -f "$1" & exec /usr/sbin/apache2 -f "$0" -D FOREGROUND', file, log];
  const {child} = await start(t, '/bin/sh', words, /resuming normal operations/, {detached: true});
  afterwards(t, () => {
    // The reader of the log goes with it.
    process.kill(-child.pid, 'SIGTERM');
  });
  return url;
}

test('Apache knows who it is, and who has left', async (t) => {
  const {doorward} = await openPortal(t);
  doorward.cli('sso', 'enable', account, '--reason', 'test', '--force');
  const intranet = await startApache(t, doorward);
  const page = await (await openBrowser(t)).newPage();
  await page.goto(`${intranet}/?from=link`);
  await page.getByRole('button', {name: /Ben Baker/}).click();
  await page.getByRole('heading', {name: 'Intranet'}).waitFor();
  assert.equal(page.url(), `${intranet}/?from=link`);
  const headers = async (response) => (await response).headers();
  const seen = await headers(page.goto(`${intranet}/`));
  assert.equal(seen['x-remote-user'], ben);
  assert.equal(seen['x-name'], 'Ben Baker');
  assert.equal(seen['x-account'], account);
  // He is no editor.
  assert.ok([401, 403].includes((await page.goto(`${intranet}/editors/`)).status()));

  await page.goto(`${intranet}/oidc/callback?logout=${encodeURIComponent(`${intranet}/bye.html`)}`);
  await page.getByRole('heading', {name: 'Bye'}).waitFor();
  // The session at Doorward has ended too; the provider's own lives on, and lets him in again.
  await page.goto(`${intranet}/`);
  await page.getByRole('heading', {name: 'Intranet'}).waitFor();

  doorward.cli('employee', 'deactivate', account, ben);
  // Now the access token is old enough to be renewed, which is refused: he is sent to sign in again.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await page.goto(`${intranet}/`);
  await page.getByRole('heading', {name: 'Your access has been switched off'}).waitFor();
});

test('Apache is told that somebody has left, and ends the session', async (t) => {
  const {doorward} = await openPortal(t);
  doorward.cli('sso', 'enable', account, '--reason', 'test', '--force');
  const intranet = await startApache(t, doorward, {listens: true});
  const page = await (await openBrowser(t)).newPage();
  await page.goto(`${intranet}/`);
  await page.getByRole('button', {name: /Ben Baker/}).click();
  await page.getByRole('heading', {name: 'Intranet'}).waitFor();

  doorward.cli('employee', 'deactivate', account, ben);
  // Nothing but the logout token ends a session of Apache's own.
  for (let tries = 0; tries < 200; ++tries) {
    await page.goto(`${intranet}/`);
    if (!(await page.getByRole('heading', {name: 'Intranet'}).isVisible())) break;
  }
  await page.getByRole('heading', {name: 'Your access has been switched off'}).waitFor();
  const {entries} = doorward.cli('audit', account);
  const {details} = entries.find(({action}) => action === 'employee.access_ended');
  assert.deepEqual(details.told.map(({name, kind}) => [name, kind]), [['Intranet', 'application']]);
});
