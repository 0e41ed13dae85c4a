// A real identity provider: Debian's SimpleSAMLphp under PHP's own web server, configured in a folder of the test.
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {spawn} from 'node:child_process';
import {afterwards, freePort, run, temporaryFolder} from './processes.mjs';

export const installed = '/usr/share/simplesamlphp';

/// People who can sign in, with the password `password`.
export const people = {
  ada: {uid: 'ada', mail: 'ada@contoso.test', givenName: 'Ada', sn: 'Zeynalova-Ångström', displayName: 'Ada Å'},
  bob: {uid: 'bob', mail: 'bob@elsewhere.test', givenName: 'Bob', sn: 'Brown', displayName: 'Bob Brown'},
};

const php = (value) => {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(php).join(', ')}]`;
  return `[${Object.entries(value).map(([key, entry]) => `${php(key)} => ${php(entry)}`).join(', ')}]`;
};

/// Starts it. `spMetadataUrl` is where it reads the service provider's metadata; `settings` go into its hosted
/// metadata (`saml20.sign.response`, `saml20.sign.assertion`, `assertion.encryption`, `sharedkey_algorithm` …).
export async function startSimpleSamlPhp(t, {spMetadataUrl, settings = {}}) {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  for (const name of ['config', 'metadata', 'cert', 'log', 'data', 'tmp', 'sessions']) mkdirSync(path.join(folder, name));
  run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=idp', '-keyout',
    path.join(folder, 'cert/idp.pem'), '-out', path.join(folder, 'cert/idp.crt')]);
  writeFileSync(path.join(folder, 'config/config.php'), `<?php $config = ${php({
    baseurlpath: `${url}/`,
    certdir: `${folder}/cert/`,
    loggingdir: `${folder}/log/`,
    datadir: `${folder}/data/`,
    tempdir: `${folder}/tmp`,
    metadatadir: `${folder}/metadata/`,
    technicalcontact_name: 'Test',
    technicalcontact_email: 'test@contoso.test',
    timezone: 'UTC',
    secretsalt: 'a salt for tests only',
    'auth.adminpassword': 'a password for tests only',
    'admin.checkforupdates': false,
    'logging.handler': 'file',
    'enable.saml20-idp': true,
    'module.enable': {exampleauth: true, core: true, saml: true},
    'session.cookie.secure': false,
    'session.cookie.samesite': 'Lax',
    'session.phpsession.savepath': `${folder}/sessions`,
    'language.default': 'en',
    'language.cookie.secure': false,
    'store.type': 'phpsession',
    'metadata.sources': [{type: 'flatfile'}, {type: 'xml', url: spMetadataUrl}],
  })};\n`);
  const users = Object.fromEntries(
    Object.entries(people).map(([name, attributes]) => [
      `${name}:password`,
      Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, [value]])),
    ]),
  );
  writeFileSync(path.join(folder, 'config/authsources.php'),
    `<?php $config = ['example-userpass' => array_merge(['exampleauth:UserPass'], ${php(users)})];\n`);
  writeFileSync(path.join(folder, 'metadata/saml20-idp-hosted.php'), `<?php $metadata['${url}/idp'] = ${php({
    host: '__DEFAULT__',
    privatekey: 'idp.pem',
    certificate: 'idp.crt',
    auth: 'example-userpass',
    'signature.algorithm': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'sign.logout': true,
    'validate.logout': true,
    authproc: {
      1: {class: 'saml:AttributeNameID', attribute: 'uid', Format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'},
    },
    ...settings,
  })};\n`);
  const server = spawn('php', ['-d', 'session.gc_probability=0', '-S', `127.0.0.1:${port}`, '-t', `${installed}/www`], {
    env: {...process.env, SIMPLESAMLPHP_CONFIG_DIR: path.join(folder, 'config'), PHP_CLI_SERVER_WORKERS: '4'},
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise((resolve) => server.once('close', resolve));
  afterwards(t, async () => {
    process.kill(-server.pid, 'SIGKILL');
    await ended;
  });
  const metadataUrl = `${url}/saml2/idp/metadata.php`;
  await untilAnswers(`${url}/index.php`);
  return {url, metadataUrl, folder};
}

async function untilAnswers(url) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await fetch(url, {redirect: 'manual'});
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
