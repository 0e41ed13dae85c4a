// An administrator sets SSO up in the console: from Configure now to an identity provider that is connected.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {account, openPortal} from './support/portal.mjs';

/// An administrator in the console of an account that has no connection yet.
async function openConsole(t, {connected = false} = {}) {
  const {doorward, simulator, app} = await openPortal(t);
  if (!connected) doorward.cli('saml', 'remove-connection', account, '--yes');
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, 'alice@contoso.example');
  const go = (path) => page.goto(`${doorward.url}/console/${path}`);
  return {doorward, simulator, app, browser, page, go};
}

const heading = (page, name) => page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
const button = (page, name) => page.getByRole('button', {name, exact: true});
const link = (page, name) => page.getByRole('link', {name});
const dialog = (page) => page.getByRole('dialog');
/// A step in the rail, as it stands there.
const step = (page, name) => page.getByRole('navigation', {name: 'Steps of the setup'}).getByRole('link', {name});
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());

/// The setup, begun, at the step `name`.
async function begin(console_, name) {
  await console_.go('security/setup/prepare');
  await button(console_.page, 'Start the setup').click();
  await heading(console_.page, 'Create the SAML application');
  await console_.go(`security/setup/${name}`);
}

test('the setup begins with what will change, and keeps its place', async (t) => {
  const {doorward, page, go} = await openConsole(t);
  doorward.cli('account', 'set-plan', account, '--plan', 'free');
  await go('security');
  await heading(page, 'SSO and SCIM');
  await page.getByText('belong to the Enterprise plan').waitFor();
  assert.equal(await link(page, 'Configure now').count(), 0);
  await inspect(page, 'console-security-plan');
  await go('security/setup/connection');
  await page.getByText('belong to the Enterprise plan').waitFor();

  doorward.cli('account', 'set-plan', account, '--plan', 'enterprise');
  // A step that cannot be done yet leads to the start.
  await go('security/setup/test');
  await page.waitForURL(`${doorward.url}/console/security/setup/prepare`);
  await go('security/setup');
  await page.waitForURL(`${doorward.url}/console/security/setup/prepare`);

  await go('');
  await page.getByRole('navigation', {name: 'Console'}).getByRole('link', {name: 'Security'}).click();
  await heading(page, 'SSO and SCIM');
  await inspect(page, 'console-security');
  await link(page, 'Configure now').click();
  await heading(page, 'Before you start');
  assert.equal(await focused(page), 'Before you start');
  for (const words of ['removes their access at once', 'not administrator rights', 'separate account first', 'Cloud Application Administrator']) {
    await page.getByText(words).first().waitFor();
  }
  await inspect(page, 'console-setup-prepare');
  await button(page, 'Start the setup').click();
  await heading(page, 'Create the SAML application');
  assert.equal(await step(page, 'Create the SAML application').getAttribute('aria-current'), 'step');
  await step(page, /Before you start.*Done/).waitFor();

  // The place is in the address, and the state is on the server.
  await page.reload();
  await heading(page, 'Create the SAML application');
  await go('security');
  await page.getByText('alice@contoso.example started it').waitFor();
  await inspect(page, 'console-security-under-way');
  await link(page, 'Continue the setup').click();
  await heading(page, 'Create the SAML application');
});

test('the application is created from this account’s own values', async (t) => {
  const portal = await openConsole(t);
  const {doorward, page} = portal;
  await begin(portal, 'application');
  await button(page, 'Okta').waitFor();
  await inspect(page, 'console-setup-provider');
  await page.getByRole('button', {name: 'Microsoft Entra ID'}).click();
  await page.getByRole('heading', {name: 'In Microsoft Entra ID'}).waitFor();
  assert.equal(await focused(page), 'In Microsoft Entra ID');
  await page.getByText('AADSTS50105').first().waitFor();
  await page.locator('em', {hasText: 'Contact info'}).first().waitFor();
  await inspect(page, 'console-setup-application');

  const acs = `${doorward.url}/saml/${account}/acs`;
  const entityId = `${doorward.url}/saml/${account}/metadata`;
  await page.getByRole('group', {name: 'ACS URL', exact: true}).filter({hasText: acs}).waitFor();
  await page.getByRole('group', {name: 'SP Entity ID', exact: true}).filter({hasText: entityId}).waitFor();
  await button(page, 'Copy ACS URL for Reply URL (Assertion Consumer Service URL)').waitFor();
  await button(page, 'Copy SP Entity ID for Identifier (Entity ID)').waitFor();
  const [metadata] = await Promise.all([page.waitForEvent('download'), link(page, 'Download the SP metadata file').click()]);
  assert.ok(readFileSync(await metadata.path(), 'utf8').includes(acs));

  await page.getByText('Let PowerShell do all of this').click();
  const [script] = await Promise.all([page.waitForEvent('download'), button(page, 'Download the script').click()]);
  assert.equal(script.suggestedFilename(), `doorward-${account}-entra.ps1`);
  const text = readFileSync(await script.path(), 'utf8');
  assert.ok(text.startsWith('\uFEFF'), 'Windows PowerShell must know that it is UTF-8');
  assert.ok(text.includes(`$acsUrl = '${acs}'\r\n`));
  assert.ok(text.includes(`$entityId = '${entityId}'\r\n`));
  await inspect(page, 'console-setup-script');

  await button(page, 'I have created it').click();
  await heading(page, 'Connect your provider');
  await page.getByLabel('App Federation Metadata Url').waitFor();
  await step(page, /Create the SAML application.*Done/).waitFor();

  // Another provider is another application.
  await step(page, 'Create the SAML application').click();
  await button(page, 'Choose another').click();
  await button(page, 'Okta').click();
  await page.getByText('Single sign-on URL').first().waitFor();
  await step(page, /Create the SAML application.*You are here$/).waitFor();
  await inspect(page, 'console-setup-application-okta');
});

test('the script takes a company’s name for nothing but a name', async (t) => {
  const portal = await openConsole(t);
  const {page} = portal;
  await begin(portal, 'application');
  await page.route('**/api/v1/setup', async (route) => {
    const response = await route.fetch();
    const wizard = await response.json();
    await route.fulfill({response, json: {...wizard, account: {...wizard.account, name: "O'Brien’s\n$(exit) ‘Ltd’"}}});
  });
  await page.getByRole('button', {name: 'Microsoft Entra ID'}).click();
  await page.getByRole('heading', {name: 'In Microsoft Entra ID'}).waitFor();
  await page.reload();
  await page.getByText('Let PowerShell do all of this').click();
  // PowerShell ends a string at typographic quotes as well.
  const script = await page.getByLabel('PowerShell script').innerText();
  assert.match(script, /^ {2}\$name = 'Doorward \(O''Brien’’s \$\(exit\) ‘‘Ltd’’\)'$/m);
});

test('every provider has instructions', async (t) => {
  const portal = await openConsole(t);
  const {page, go} = portal;
  await begin(portal, 'application');
  await button(page, 'Okta').waitFor();
  const names = await page.locator('.choices strong').allTextContents();
  assert.equal(new Set(names).size, 9);
  assert.equal(names[0], 'Microsoft Entra ID');
  for (const name of names) {
    await page.locator('.choices button').filter({hasText: name}).click();
    await page.getByRole('heading', {name: `In ${name}`, exact: true}).waitFor();
    await page.locator('.instructions > li').nth(3).waitFor();
    await page.locator('.instructions .copyable').first().waitFor();
    await go('security/setup/connection');
    await button(page, 'Check now').waitFor();
    await go('security/setup/application');
    await button(page, 'Choose another').click();
  }
});

test('Check now tells what to fix, and connects', async (t) => {
  const portal = await openConsole(t);
  const {doorward, app, page, go} = portal;
  await begin(portal, 'connection');
  await link(page, 'Create the SAML application').first().waitFor();
  await go('security/setup/application');
  await page.getByRole('button', {name: 'Microsoft Entra ID'}).click();
  await page.getByRole('heading', {name: 'In Microsoft Entra ID'}).waitFor();
  await go('security/setup/connection');
  const address = page.getByLabel('App Federation Metadata Url');
  await button(page, 'Check now').click();
  await page.getByText('Paste the App Federation Metadata Url first.').waitFor();
  assert.equal(await address.getAttribute('aria-invalid'), 'true');
  await inspect(page, 'console-setup-connection');

  await address.fill(`${doorward.url}/sign-in`);
  await button(page, 'Check now').click();
  await page.getByRole('heading', {name: /^Not connected: 1 thing to fix$/}).waitFor();
  assert.match(await focused(page), /^Not connected/);
  await page.getByText('not metadata').first().waitFor();
  await inspect(page, 'console-setup-connection-refused');

  await button(page, 'Use a file').click();
  await page.getByLabel('Metadata file').setInputFiles({name: 'metadata.xml', mimeType: 'text/xml', buffer: Buffer.from('{"issuer": 1}')});
  await button(page, 'Check now').click();
  await page.getByText('This is JSON').waitFor();

  await button(page, 'Use an address').click();
  await address.fill(app.metadata_url);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: 'Connection established'}).waitFor();
  assert.equal(await focused(page), 'Connection established');
  await step(page, /Connect your provider.*Done/).waitFor();
  await page.getByRole('region', {name: 'Connection default'}).getByText('valid until').waitFor();
  await page.getByText('Everything that was checked').click();
  await inspect(page, 'console-setup-connection-established');

  const [tab] = await Promise.all([page.waitForEvent('popup'), link(page, /^Try signing in now/).click()]);
  await tab.getByLabel('Use another account').fill('alice@contoso.example');
  await tab.getByRole('button', {name: 'Sign in', exact: true}).last().click();
  await tab.getByRole('heading', {name: 'The test sign-in worked'}).waitFor();
  await tab.close();

  // Whoever comes back sees what is connected.
  await page.reload();
  await page.getByRole('heading', {name: 'Connected now'}).waitFor();
  await inspect(page, 'console-setup-connection-present');
  await button(page, 'Check again').click();
  await page.getByRole('heading', {name: 'Connection established'}).waitFor();
  await link(page, /^Continue/).click();
  await heading(page, 'Provisioning');
});

test('another provider is connected only after consent', async (t) => {
  const portal = await openConsole(t, {connected: true});
  const {doorward, page} = portal;
  const tab = await (await openBrowser(t)).newPage();
  await tab.goto(`${doorward.url}/saml/${account}/login?login_hint=ben@contoso.example`);
  await tab.getByRole('button', {name: 'Sign in'}).first().click();
  await tab.getByRole('heading', {name: 'Welcome, Ben Baker'}).waitFor();

  await begin(portal, 'connection');
  const entityId = await page.getByRole('region', {name: 'Connection default'}).locator('dd').first().innerText();
  const other = 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/';
  const metadata = readFileSync(`${doorward.folder}/metadata.xml`, 'utf8').replace(`entityID="${entityId}"`, `entityID="${other}"`);
  assert.ok(metadata.includes(other));
  const paste = async () => {
    await page.getByLabel('Metadata XML').fill(metadata);
    await button(page, 'Check now').click();
    await dialog(page).getByText('1 employee is linked').waitFor();
    await dialog(page).getByText(other).waitFor();
  };
  await button(page, 'Paste the XML').click();
  await paste();
  await inspect(page, 'console-setup-replace');
  await button(dialog(page), 'Cancel').click();
  await page.getByText('Nothing was changed').waitFor();
  assert.equal(doorward.cli('saml', 'show', account).connections[0].entity_id, entityId);
  await paste();
  await button(dialog(page), 'Replace the provider').click();
  await page.getByRole('heading', {name: 'Connection established'}).waitFor();
  assert.equal(doorward.cli('saml', 'show', account).connections[0].entity_id, other);
});

test('once SSO is enabled, the page says how it is doing', async (t) => {
  const {doorward} = await openPortal(t);
  doorward.cli('sso', 'enable', account, '--reason', 'the setup is finished', '--force');
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await page.goto(`${doorward.url}/saml/${account}/login?login_hint=alice@contoso.example`);
  await page.getByRole('button', {name: 'Sign in'}).first().click();
  await page.waitForURL(`${doorward.url}/`);
  await page.goto(`${doorward.url}/console/security`);
  await page.getByText('SSO is enabled.').waitFor();
  await page.getByText('To switch SSO off, contact support.').waitFor();
  await page.getByRole('region', {name: 'Connection default'}).getByText('valid until').waitFor();
  await page.getByRole('cell', {name: 'contoso.example'}).waitFor();
  await page.getByRole('region', {name: 'State of provisioning'}).waitFor();
  // Alice has just signed in, and nobody was refused.
  await page.getByRole('heading', {name: 'The last 30 days'}).waitFor();
  const chart = page.getByRole('img', {name: /^Sign-ins per day/});
  await chart.waitFor();
  assert.equal(await chart.locator('rect.good:not([height="0"])').count(), 1);
  assert.equal(await chart.locator('rect.bad:not([height="0"])').count(), 0);
  await page.getByText('1 sign-in, 0 refused.', {exact: true}).waitFor();
  await page.getByText('Your directory changed nothing, and nothing failed.').waitFor();
  await inspect(page, 'console-security-enabled');
  await page.getByText('Day by day, as a table').click();
  await page.getByRole('table', {name: /day by day/}).waitFor();
  await inspect(page, 'console-security-days');
  await page.goto(`${doorward.url}/console/security/setup/application`);
  await heading(page, 'The setup is finished');
  await inspect(page, 'console-setup-finished');
});
