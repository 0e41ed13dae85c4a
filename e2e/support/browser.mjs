// Debian's Chromium, driven by playwright-core. Host names under `.test` are mapped to loopback, so that two sites
// can be told apart as in real life.
//
// One browser serves a test file; each test has contexts of its own in it, which share no cookies and no storage. The
// headless shell is the same engine without the windows around it, which cost more than the pages; the long form drives
// the whole browser.
import {existsSync, mkdirSync} from 'node:fs';
import path from 'node:path';
import {after} from 'node:test';
import {chromium} from 'playwright-core';
import {afterwards, root} from './processes.mjs';

const artefacts = path.join(root, 'e2e/artefacts');

const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const executablePath =
  process.env.CHROMIUM ?? (process.env.DOORWARD_LONG === '1' ? installed[1] : installed.find((file) => existsSync(file)));

// For pages, and for what is waited for on them: a busy machine takes its time.
const patience = 60_000;

/// The running browsers of this test file, by the keys that they trust.
const running = new Map();

// At the end of the file.
after(async () => {
  for (const browser of running.values()) await (await browser).close();
});

/// In the page: what looks for news every few seconds does so sooner.
function hurry() {
  const {setInterval} = globalThis;
  globalThis.setInterval = (task, every, ...words) => setInterval(task, Math.min(every, 400), ...words);
}

async function launch(trustedKeys) {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    // Processes for each site and each page protect people from hostile pages; cookies and origins are kept apart
    // without them.
    '--disable-site-isolation-trials',
    '--renderer-process-limit=1',
  ];
  if (trustedKeys !== '') args.push(`--ignore-certificate-errors-spki-list=${trustedKeys}`);
  const browser = await chromium.launch({executablePath, headless: true, args, timeout: patience});
  // One that crashed fails one test, not those after it.
  browser.on('disconnected', () => running.delete(trustedKeys));
  return browser;
}

/// The browser of somebody new: without cookies, and apart from the others that are open. `trustedKeys` are SPKI
/// hashes of self-made TLS certificates to accept.
export async function openBrowser(t, {trustedKeys = [], ...contextOptions} = {}) {
  const key = trustedKeys.join(',');
  if (!running.has(key)) running.set(key, launch(key));
  const browser = await running.get(key);
  const context = await browser.newContext({locale: 'en-GB', ...contextOptions});
  context.setDefaultTimeout(patience);
  await context.addInitScript(hurry);
  afterwards(t, () => context.close());
  return context;
}

/// Keeps a picture of the page among the test artefacts.
export async function picture(page, name) {
  mkdirSync(artefacts, {recursive: true});
  await page.screenshot({path: path.join(artefacts, `${name}.png`), fullPage: true});
}
