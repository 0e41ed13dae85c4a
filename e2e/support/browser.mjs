// Debian's Chromium, driven by playwright-core. Host names under `.test` are mapped to loopback, so that two sites
// can be told apart as in real life.
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {chromium} from 'playwright-core';
import {afterwards, root, temporaryFolder} from './processes.mjs';

const artefacts = path.join(root, 'e2e/artefacts');

/// A fresh browser without cookies. `trustedKeys` are SPKI hashes of self-made TLS certificates to accept.
export async function openBrowser(t, {trustedKeys = [], ...contextOptions} = {}) {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--host-resolver-rules=MAP *.test 127.0.0.1',
  ];
  if (trustedKeys.length > 0) args.push(`--ignore-certificate-errors-spki-list=${trustedKeys.join(',')}`);
  const context = await chromium.launchPersistentContext(temporaryFolder(t), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args,
    locale: 'en-GB',
    ...contextOptions,
  });
  afterwards(t, () => context.close());
  return context;
}

/// Keeps a picture of the page among the test artefacts.
export async function picture(page, name) {
  mkdirSync(artefacts, {recursive: true});
  await page.screenshot({path: path.join(artefacts, `${name}.png`), fullPage: true});
}
