// The whole setup without a mouse: every step is done with the keyboard alone, and the focus is never lost.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {Keyboard} from './support/keyboard.mjs';
import {newPassword, signInWithPassword} from './support/pages.mjs';
import {account, openPortal} from './support/portal.mjs';
import {Scim} from './support/scim.mjs';

const administrator = 'alice@contoso.example';

const title = (page, name) => page.getByRole('heading', {name, level: 1, exact: true});
const subtitle = (page, name) => page.getByRole('heading', {name, level: 2, exact: true});
const button = (page, name) => page.getByRole('button', {name});
const link = (page, name) => page.getByRole('link', {name});

/// An administrator at the overview, of an account without a connection.
async function openConsole(t) {
  const {doorward, app} = await openPortal(t);
  doorward.cli('saml', 'remove-connection', account, '--yes');
  const page = await (await openBrowser(t)).newPage();
  await page.setViewportSize({width: 1280, height: 800});
  await signInWithPassword(page, doorward, administrator, newPassword(doorward, administrator));
  await page.goto(`${doorward.url}/console/`);
  return {doorward, app, page, keys: new Keyboard(page)};
}

/// Follows *Continue*, which leads to the step `name`.
const goOn = (page, keys, name) => keys.use(link(page, /^Continue/), title(page, name));

async function applicationAndConnection({page, keys, app}) {
  await keys.use(button(page, 'Microsoft Entra ID'), subtitle(page, 'In Microsoft Entra ID'), 'Space');
  await keys.use(button(page, /^Copy ACS URL/), page.getByText(/^(Copied|Selected)/).first());
  const script = page.locator('summary', {hasText: 'PowerShell'});
  await keys.use(script, button(page, 'Copy the script'), 'Space');
  await keys.use(button(page, 'Choose another'), subtitle(page, 'Which account do your employees sign in with?'));
  await keys.use(button(page, 'Microsoft Entra ID'), subtitle(page, 'In Microsoft Entra ID'));
  await keys.use(button(page, 'I have created it'), title(page, 'Connect your provider'));

  const address = page.getByLabel('App Federation Metadata Url');
  await keys.use(button(page, 'Check now'), page.getByText('Paste the App Federation Metadata Url first.'));
  assert.ok(await address.evaluate((field) => field === document.activeElement), 'the field that is wrong has the focus');
  await keys.use(button(page, 'Paste the XML'), page.getByLabel('Metadata XML'), 'Space');
  await keys.use(button(page, 'Use an address'), address);
  await keys.write(address, app.metadata_url);
  await keys.use(address, subtitle(page, 'Connection established'));
  await goOn(page, keys, 'Provisioning');
}

async function provisioning({page, keys, doorward}) {
  const dialog = page.getByRole('dialog');
  await keys.use(button(page, 'Create token'), dialog.getByRole('heading'));
  await keys.press('Escape');
  await dialog.waitFor({state: 'detached'});
  await keys.kept('Escape');
  await keys.use(button(page, 'Create token'), dialog.getByRole('heading'));
  await keys.use(button(dialog, 'Create token'), dialog.getByText(/^scim_/));
  const secret = await dialog.getByText(/^scim_/).textContent();
  await keys.to(button(dialog, 'I have copied it'));
  await keys.press('Enter');
  await dialog.waitFor({state: 'detached'});
  await keys.kept('the token was copied');
  // What arrives by itself takes the focus from nobody.
  const mappings = page.locator('summary', {hasText: 'attribute mappings'});
  await keys.use(mappings, page.getByRole('table', {name: 'Attribute mappings of users'}));
  await new Scim(doorward.url, secret).createUser('gus@elsewhere.example', {given: 'Gus', family: 'Guest'});
  await page.getByText('address and token are right.').first().waitFor({timeout: 15_000});
  assert.ok(await mappings.evaluate((summary) => summary === document.activeElement), 'the focus stayed where it was');
  await keys.use(button(page, 'Our directory will not provision'), subtitle(page, 'You keep your employees by hand'));
  await keys.use(button(page, 'Set provisioning up after all'), subtitle(page, 'Let Microsoft Entra in'));
  await goOn(page, keys, 'Domains');
}

async function domainsAndDepartment({page, keys}) {
  const dialog = page.getByRole('dialog');
  await keys.write(page.getByLabel('Another domain'), 'gmail.com');
  await keys.press('Enter');
  await page.getByRole('alert').filter({hasText: /gmail/i}).waitFor();
  await keys.kept('a refused domain');
  await keys.write(page.getByLabel('Another domain'), 'fabrikam.example');
  await keys.use(page.getByLabel('Another domain'), page.getByRole('region', {name: 'Prove fabrikam.example'}));
  const claim = page.getByRole('region', {name: 'Prove fabrikam.example'});
  await keys.to(claim.getByRole('button').last());
  await keys.press('Enter');
  await claim.waitFor({state: 'detached'});
  await keys.kept('a claim was withdrawn');

  const guest = page.getByRole('row', {name: /Gus Guest/});
  const view = button(page, /^View/);
  await keys.use(view, guest);
  await keys.use(button(guest, /Edit/), dialog.getByLabel('E-mail address'));
  await keys.press('Escape');
  await dialog.waitFor({state: 'detached'});
  await keys.kept('Escape');
  await keys.use(button(guest, /Allow/), page.getByText('Everybody is decided about.'), 'Space');
  await goOn(page, keys, 'Default department');

  await keys.to(page.getByLabel('Default department'));
  await keys.press('ArrowDown', 'ArrowUp');
  await keys.use(button(page, /^Use this department/), link(page, /^Continue/));
  await goOn(page, keys, 'Test');
}

async function testAndEnable({page, keys, doorward}, t) {
  await keys.use(button(page, 'Create the test link'), page.locator('.copyable code'));
  const tester = await (await openBrowser(t)).newPage();
  await tester.goto(await page.locator('.copyable code').textContent());
  await tester.getByRole('button', {name: /Alice/}).first().click();
  await tester.getByText('The test sign-in worked').first().waitFor();
  await page.getByText('It counts: you can go on.').waitFor({timeout: 15_000});
  await keys.kept('a test that came through');
  await goOn(page, keys, 'Enable for all');

  const name = page.getByLabel(/^Type the name/);
  await keys.write(name, 'northwind');
  await keys.press('Enter');
  await page.getByRole('alert').filter({hasText: /name/i}).first().waitFor();
  await keys.kept('another account’s name');
  await keys.write(name, account);
  await keys.use(button(page, 'Enable for all employees'), subtitle(page, 'Single sign-on is enabled'), 'Space');
  assert.notEqual(doorward.cli('sso', 'status', account).enforced_since ?? doorward.cli('sso', 'status', account), null);
}

test('the setup is done with the keyboard alone', async (t) => {
  const console_ = await openConsole(t);
  const {page, keys} = console_;
  await title(page, account).waitFor();
  await page.keyboard.press('Tab');
  await keys.kept('the first Tab');
  await keys.use(link(page.getByRole('navigation', {name: 'Console'}), 'Security'), title(page, 'SSO and SCIM'));
  await keys.use(link(page, 'Configure now'), title(page, 'Before you start'));
  await keys.use(button(page, 'Start the setup'), title(page, 'Create the SAML application'), 'Space');
  await applicationAndConnection(console_);
  await provisioning(console_);
  await domainsAndDepartment(console_);
  await testAndEnable(console_, t);
});
