// An administrator adds employees by hand in the console, changes them, and finds them again.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {openPortal} from './support/portal.mjs';
import {Scim} from './support/scim.mjs';

/// An administrator in the console. The directory made Mia, and with her the department Sales.
async function openConsole(t) {
  const {doorward} = await openPortal(t);
  const {secret} = doorward.cli('scim-token', 'create', 'contoso', '--name', 'Entra');
  const scim = new Scim(doorward.url, secret);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, 'alice@contoso.example');
  const go = (path) => page.goto(`${doorward.url}/console/${path}`);
  await go('provisioning/settings');
  await page.getByLabel(/made when there is none/).check();
  await page.getByRole('button', {name: 'Save settings'}).click();
  await page.getByText('Saved.').waitFor();
  const mia = await scim.createUser('mia@contoso.example', {given: 'Mia', family: 'Moreau', department: 'Sales'});
  return {doorward, page, go, mia, scim};
}

const heading = (page, name) => page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
const button = (page, name) => page.getByRole('button', {name, exact: true});
const label = (page, name) => page.getByLabel(name, {exact: true});

test('an employee is added by hand, and a taken user name is refused', async (t) => {
  const {page, go} = await openConsole(t);
  await go('employees');
  await page.getByRole('link', {name: 'Add an employee'}).click();
  await heading(page, 'Add an employee');
  await label(page, 'Department').waitFor();
  await inspect(page, 'console-employee-new');

  await button(page, 'Add employee').click();
  await page.getByText('Give an e-mail address or a user name.').waitFor();
  await label(page, 'E-mail address').fill('eve');
  await button(page, 'Add employee').click();
  await page.getByText('“eve” is not an e-mail address.').waitFor();
  assert.equal(await label(page, 'E-mail address').getAttribute('aria-invalid'), 'true');
  await label(page, 'E-mail address').fill('ALICE@contoso.example');
  await button(page, 'Add employee').click();
  await page.getByText('Another employee of this account has this user name. Choose another one.').waitFor();
  assert.equal(await label(page, 'User name').getAttribute('aria-invalid'), 'true');
  await inspect(page, 'console-employee-new-refused');

  await label(page, 'E-mail address').fill('eve@contoso.example');
  await label(page, 'Given name').fill('Eve');
  await label(page, 'Family name').fill('Novak');
  await button(page, 'Add employee').click();
  await heading(page, 'Eve Novak is added');
  await page.getByText('There is no password').waitFor();
  await page.getByText(/^doorward employee recovery-link contoso /).waitFor();
  await inspect(page, 'console-employee-added');
  await page.getByRole('link', {name: 'Open the employee'}).click();
  await heading(page, 'Eve Novak');
  await page.getByText('By hand').waitFor();
  await page.locator('dd', {hasText: /^has none$/}).last().waitFor();
});

test('an employee is edited', async (t) => {
  const {page, go, mia} = await openConsole(t);
  await go('employees/new');
  await label(page, 'E-mail address').fill('eve@contoso.example');
  await label(page, 'Given name').fill('Eve');
  await button(page, 'Add employee').click();
  await page.getByRole('link', {name: 'Open the employee'}).click();
  await button(page, 'Edit').click();
  await heading(page, 'Edit Eve');
  assert.equal(await label(page, 'Display name').inputValue(), '');
  await label(page, 'E-mail address').fill('eve.novak@contoso.example');
  await label(page, 'Department').selectOption('Sales');
  await inspect(page, 'console-employee-edit');
  await button(page, 'Save changes').click();
  await heading(page, 'Eve');
  await page.getByText('Saved.', {exact: true}).waitFor();
  await page.getByText('eve.novak@contoso.example').waitFor();
  await page.locator('dd', {hasText: /^Sales$/}).waitFor();

  await button(page, 'Edit').click();
  await label(page, 'User name').fill('mia@contoso.example');
  await button(page, 'Save changes').click();
  await page.getByText('Another employee of this account has this user name.').waitFor();
  await button(page, 'Cancel').click();
  await heading(page, 'Eve');
  await page.getByText('eve@contoso.example', {exact: true}).waitFor();

  // What the directory manages may be edited, and says for how long that holds.
  await go(`employees/${mia}`);
  await button(page, 'Edit').click();
  await page.getByText('overwrites what you enter there').waitFor();
  await label(page, 'Given name').fill('Maria');
  await inspect(page, 'console-employee-edit-managed');
  await button(page, 'Save changes').click();
  await page.getByText('overwrites what you entered there').waitFor();
});

test('what the directory changed while somebody typed is not overwritten', async (t) => {
  const {page, go, mia, scim} = await openConsole(t);
  await go(`employees/${mia}`);
  await button(page, 'Edit').click();
  await label(page, 'Department').waitFor();
  await label(page, 'Display name').fill('Mia M.');
  await label(page, 'E-mail address').fill('m@contoso.example');
  await scim.patch(`/Users/${mia}`, {op: 'Replace', value: {'name.familyName': 'Novak', 'emails[type eq "work"].value': 'mia.novak@contoso.example'}});

  await button(page, 'Save changes').click();
  await page.getByText('Somebody changed this employee meanwhile.').waitFor();
  await page.getByText('E-mail address: now “mia.novak@contoso.example”').waitFor();
  await page.getByText('Family name: now “Novak”').waitFor();
  assert.equal(await label(page, 'E-mail address').inputValue(), 'm@contoso.example');
  assert.equal(await label(page, 'Display name').inputValue(), 'Mia M.');
  assert.equal(await label(page, 'Family name').inputValue(), 'Novak');
  await inspect(page, 'console-employee-edit-meanwhile');
  await button(page, 'Save changes').click();
  await heading(page, 'Mia M.');
  const {body} = await scim.call('GET', `/Users/${mia}`);
  assert.equal(body.name.familyName, 'Novak');
  assert.equal(body.emails[0].value, 'm@contoso.example');
});

test('employees are searched and filtered', async (t) => {
  const {page, go, mia} = await openConsole(t);
  await go(`employees/${mia}`);
  await button(page, 'Deactivate…').click();
  await page.getByRole('dialog').getByRole('button', {name: 'Deactivate'}).click();
  await page.getByText('every session has ended').waitFor();
  await go('employees');
  const rows = page.getByRole('table').getByRole('row');
  const row = (name) => rows.filter({hasText: name});
  await row('mia@contoso.example').filter({hasText: 'Directory'}).waitFor();
  await row('alice@contoso.example').waitFor();
  await inspect(page, 'console-employees');

  await page.getByLabel('Access').selectOption('Deactivated');
  await row('alice@contoso.example').waitFor({state: 'detached'});
  await row('mia@contoso.example').waitFor();
  await page.getByLabel('Administrators only').check();
  await page.getByText('Nobody matches what you chose above.').waitFor();
  await inspect(page, 'console-employees-none');
  await page.getByLabel('Access').selectOption('Active');
  await row('alice@contoso.example').waitFor();
  await page.getByLabel('Administrators only').uncheck();
  await page.getByLabel('Access').selectOption('Everyone');
  await page.getByLabel('Name, user name or e-mail').fill('mor mi');
  await row('alice@contoso.example').waitFor({state: 'detached'});

  // The filter is still there for whoever comes back.
  await row('mia@contoso.example').getByRole('link').click();
  await heading(page, 'Mia Moreau');
  await page.getByRole('link', {name: 'All employees'}).click();
  await row('mia@contoso.example').waitFor();
  assert.equal(await page.getByLabel('Name, user name or e-mail').inputValue(), 'mor mi');
  assert.equal(await row('alice@contoso.example').count(), 0);
});

test('employees are found by department and origin, and in pages', async (t) => {
  const {doorward, page, go} = await openConsole(t);
  for (let i = 100; i < 160; ++i) {
    doorward.cli('employee', 'create', 'contoso', '--email', `worker${i}@contoso.example`);
  }
  const rows = page.getByRole('table').getByRole('row');
  await go('departments');
  await page.locator('.branch', {hasText: 'Sales'}).getByRole('link', {name: '1 employee'}).click();
  await rows.filter({hasText: 'mia@contoso.example'}).waitFor();
  assert.equal(await rows.count(), 2);
  await page.getByLabel('Department').selectOption('All departments');
  await page.getByLabel('Came from').selectOption('Directory');
  await rows.filter({hasText: 'alice@contoso.example'}).waitFor({state: 'detached'});
  await rows.filter({hasText: 'mia@contoso.example'}).waitFor();
  await page.getByLabel('Came from').selectOption('Anywhere');

  await page.getByLabel('Name, user name or e-mail').fill('worker1');
  await page.getByText('1 to 50 of those found').waitFor();
  await inspect(page, 'console-employees-found');
  await button(page, 'Next page').click();
  await page.getByText('51 to 60 of those found').waitFor();
  await rows.filter({hasText: 'worker159@contoso.example'}).waitFor();
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ''), /^51 to 60/);
  assert.ok(await button(page, 'Next page').isDisabled());
  await button(page, 'Previous page').click();
  await page.getByText('1 to 50 of those found').waitFor();
  await page.getByLabel('Name, user name or e-mail').fill('nobody at all');
  await page.getByText('Nobody is called that.').waitFor();
});

test('a list of employees is looked at and imported', async (t) => {
  const {page, go} = await openConsole(t);
  await go('employees');
  await page.getByRole('link', {name: 'Import a list'}).click();
  await heading(page, 'Import employees');
  await inspect(page, 'console-import');
  const table = page.getByLabel('Or the table itself, pasted');
  await table.fill('email,phone\nx@contoso.example,1\n');
  await button(page, 'See what would happen').click();
  await page.getByText('The column “phone” is not known here.').waitFor();
  await table.fill('email\tgivenName\tdepartment\nnew1@contoso.example\tNova\tSales\nalice@contoso.example\tAlice\t\nnew2\tNobody\t\n');
  await button(page, 'See what would happen').click();
  await page.getByText('1 person would be added. 1 row would change nothing, because the user name exists. 1 row is wrong.').waitFor();
  await page.getByText('“new2” is not an e-mail address.').waitFor();
  assert.ok(await button(page, 'Import 1 person').isDisabled());
  await inspect(page, 'console-import-preview');
  await page.getByLabel('Leave out the wrong row and import the others').check();
  await button(page, 'Import 1 person').click();
  await heading(page, 'The list is imported');
  await page.getByText('1 person was added.').waitFor();
  await inspect(page, 'console-import-done');
  await page.locator('main').getByRole('link', {name: 'All employees'}).first().click();
  await page.getByRole('table').getByRole('row').filter({hasText: 'new1@contoso.example'}).waitFor();
});
