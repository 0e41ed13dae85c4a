// A certificate authority and server certificates for one test run, made by openssl.
import {createHash, X509Certificate} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {run} from './processes.mjs';

/// Makes a CA in `folder`; returns `{caFile, issue(host)}`, where `issue` gives `{certificate, key, spki}`.
export function makeAuthority(folder) {
  const caFile = path.join(folder, 'ca.pem');
  const caKey = path.join(folder, 'ca.key');
  run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=Test authority', '-keyout', caKey, '-out', caFile], {stdio: ['ignore', 'pipe', 'pipe']});
  return {
    caFile,
    issue(host) {
      const base = path.join(folder, host);
      const extensions = `${base}.ext`;
      writeFileSync(extensions, `subjectAltName=DNS:${host}\n`);
      run('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${host}`,
        '-keyout', `${base}.key`, '-out', `${base}.csr`]);
      run('openssl', ['x509', '-req', '-in', `${base}.csr`, '-CA', caFile, '-CAkey', caKey, '-CAcreateserial',
        '-days', '2', '-extfile', extensions, '-out', `${base}.pem`]);
      const key = new X509Certificate(readFileSync(`${base}.pem`)).publicKey;
      const spki = createHash('sha256').update(key.export({type: 'spki', format: 'der'})).digest('base64');
      return {certificate: `${base}.pem`, key: `${base}.key`, spki};
    },
  };
}
