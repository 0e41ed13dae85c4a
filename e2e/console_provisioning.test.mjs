// An administrator sets provisioning up in the console, and a directory service uses it: the token, the log as
// requests arrive, groups that mean something, employees, and the brake against accidental mass deletion.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {openPortal} from './support/portal.mjs';
import {Scim} from './support/scim.mjs';

/// An administrator in the console.
async function openConsole(t) {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, 'alice@contoso.example');
  const go = (path) => page.goto(`${doorward.url}/console/${path}`);
  return {doorward, page, go};
}

const heading = (page, name) => page.getByRole('heading', {name, level: 1}).waitFor();
const dialog = (page) => page.getByRole('dialog');

test('a token is created, shown once, used and revoked', async (t) => {
  const {doorward, page, go} = await openConsole(t);
  await go('provisioning');
  await page.getByText('Not set up yet').waitFor();
  await inspect(page, 'console-provisioning-empty');

  await page.getByRole('button', {name: 'Create token'}).click();
  await page.getByLabel('Name').fill('Entra of Contoso');
  await inspect(page, 'console-token-create');
  // The window can be left by the keyboard, which is then where it was.
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({state: 'detached'});
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Create token');
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('button', {name: 'Create token'}).click();
  await dialog(page).getByText('Copy the secret token now').waitFor();
  const secret = await dialog(page).getByText(/^scim_/).textContent();
  assert.match(secret, /^scim_[0-9a-f-]{36}\.[\w-]{43}$/);
  assert.ok(await dialog(page).getByText(`${doorward.url}/scim/v2`).isVisible());
  await inspect(page, 'console-token-secret');
  await page.keyboard.press('Escape');
  assert.ok(await dialog(page).isVisible(), 'the secret is not lost by a slip of the hand');
  await dialog(page).getByRole('button', {name: 'I have copied it'}).click();
  await page.getByText('Waiting for your directory').waitFor();
  assert.ok(!(await page.content()).includes(secret));
  await page.reload();
  await page.getByText('never used').first().waitFor();
  assert.ok(!(await page.content()).includes(secret));

  // The first Test Connection appears while somebody looks at the log.
  await page.getByRole('navigation', {name: 'Provisioning'}).getByRole('link', {name: 'Log'}).click();
  await page.getByText('Nothing yet.', {exact: false}).waitFor();
  await inspect(page, 'console-provisioning-log-empty');
  const scim = new Scim(doorward.url, secret);
  assert.equal((await scim.testConnection()).status, 200);
  await page.getByRole('table').getByRole('row').nth(1).waitFor();

  await go('provisioning');
  await page.getByText('Working.').waitFor();
  await page.getByRole('button', {name: 'Create token'}).click();
  await dialog(page).getByRole('button', {name: 'Create token'}).click();
  await dialog(page).getByRole('button', {name: 'I have copied it'}).click();
  await page.getByText('Two tokens are valid').waitFor();
  assert.ok(await page.getByRole('button', {name: 'Create token'}).isDisabled());
  await inspect(page, 'console-provisioning-two-tokens');

  await page.getByRole('row').last().getByRole('button', {name: /Revoke/}).click();
  await dialog(page).getByText('cannot be brought back').waitFor();
  await inspect(page, 'console-token-revoke');
  await dialog(page).getByRole('button', {name: 'Revoke token'}).click();
  await page.getByText('is revoked.').waitFor();
  assert.equal((await scim.testConnection()).status, 401);
});

/// A console with a company that its directory fills.
async function openCompany(t) {
  const {doorward, page, go} = await openConsole(t);
  const {secret} = doorward.cli('scim-token', 'create', 'contoso', '--name', 'Entra');
  const scim = new Scim(doorward.url, secret);
  const manager = await scim.createUser('mia@contoso.example', {given: 'Mia', family: 'Moreau', department: 'Sales'});
  const people = [];
  for (const name of ['Noah', 'Olga', 'Paul', 'Quin', 'Rosa']) {
    people.push(
      await scim.createUser(`${name.toLowerCase()}@contoso.example`, {given: name, family: 'Novak', title: 'Clerk', department: 'Sales', manager}),
    );
  }
  return {doorward, page, go, scim, manager, people};
}

test('the log tells what the directory did', async (t) => {
  const {page, go, scim, people} = await openCompany(t);
  await scim.patch(`/Users/${people[0]}`, {op: 'Replace', path: 'title', value: 'Head of sales'});
  await scim.patch(`/Users/${people[0]}`, {op: 'Replace', path: 'title', value: 'Head of sales'});
  await scim.call('POST', '/Users', {schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'mia@contoso.example'});
  await go('provisioning/log');
  await page.getByRole('table').waitFor();
  await page.getByRole('row', {name: /changed nothing of Noah Novak.*nothing to change/}).waitFor();
  await inspect(page, 'console-provisioning-log');
  await page.getByLabel('Outcome').selectOption('failed');
  await page.getByRole('row').nth(2).waitFor({state: 'detached'});
  await page.getByRole('row').nth(1).getByRole('link').click();
  await heading(page, 'A request of your directory');
  await page.getByText('What your directory sent').waitFor();
  await inspect(page, 'console-provisioning-entry-failed');
  await page.goBack();
  await heading(page, 'Provisioning log');
  assert.equal(await page.getByLabel('Outcome').inputValue(), 'failed');
  await page.getByLabel('Outcome').selectOption('changed');
  await page.getByLabel('Contains').fill('title');
  await page.getByRole('row').nth(1).getByRole('link').click();
  await page.getByRole('cell', {name: 'Head of sales'}).waitFor();
  await inspect(page, 'console-provisioning-entry-changed');
  await page.goBack();
  await page.getByLabel('Contains').fill('nothing like this');
  await page.getByText('No entry is like this.').waitFor();
  await go('provisioning');
  await page.getByText('Working, with failures').or(page.getByText('Failing.')).first().waitFor();
  await inspect(page, 'console-provisioning-failures');
  await go('provisioning/log/999999');
  await page.getByRole('alert').waitFor();
});

test('an employee, and what an administrator does to them', async (t) => {
  const {page, go, people} = await openCompany(t);
  await go('employees');
  await page.getByRole('link', {name: 'Noah Novak'}).click();
  await heading(page, 'Noah Novak');
  await page.getByRole('link', {name: 'Mia Moreau'}).waitFor();
  await page.getByText('Clerk').waitFor();
  await inspect(page, 'console-employee');
  await page.getByRole('button', {name: 'Grant administrator rights…'}).click();
  await dialog(page).getByRole('button', {name: 'Grant administrator rights'}).click();
  await page.getByText('Administrator rights are granted.').waitFor();
  await page.getByRole('button', {name: 'Deactivate…'}).click();
  await inspect(page, 'console-employee-deactivate');
  await dialog(page).getByRole('button', {name: 'Deactivate'}).click();
  await page.getByText('every session has ended').waitFor();
  await page.getByRole('button', {name: 'Activate…'}).click();
  await dialog(page).getByRole('button', {name: 'Activate'}).click();
  await page.getByText('must be granted them again').waitFor();
  await page.getByRole('button', {name: 'Grant administrator rights…'}).waitFor();
  await inspect(page, 'console-employee-active-again');
  await page.getByRole('link', {name: 'All entries about this employee'}).click();
  await page.getByText('Entries about one').waitFor();

  // The last administrator stays one, and is told why.
  await go('employees');
  await page.getByRole('link', {name: 'alice@contoso.example'}).first().click();
  await page.getByRole('button', {name: 'Deactivate…'}).click();
  await dialog(page).getByText('This is you').waitFor();
  await dialog(page).getByRole('button', {name: 'Deactivate'}).click();
  await dialog(page).getByRole('alert').waitFor();
  await inspect(page, 'console-employee-last-administrator');
  await go(`employees/${crypto.randomUUID()}`);
  await page.getByRole('alert').waitFor();
  assert.equal(people.length, 5);
});

test('a group gets a meaning', async (t) => {
  const {page, go, scim, people} = await openCompany(t);
  await go('groups');
  await page.getByText('has sent no groups').waitFor();
  await inspect(page, 'console-groups-empty');
  await scim.createGroup('Portal administrators', people.slice(0, 3));
  await scim.createGroup('Sales', people);
  await page.reload();
  await page.getByRole('link', {name: 'Portal administrators'}).waitFor();
  await inspect(page, 'console-groups');
  await page.getByRole('link', {name: 'Portal administrators'}).click();
  await heading(page, 'Portal administrators');
  await page.getByRole('cell', {name: 'Noah Novak'}).waitFor();
  await inspect(page, 'console-group');
  await page.getByLabel(/Members are administrators/).check();
  await page.getByRole('button', {name: 'Review the change…'}).click();
  await dialog(page).getByText('3 people').first().waitFor();
  await inspect(page, 'console-group-mapping');
  await dialog(page).getByRole('button', {name: 'Give administrator rights to 3 people'}).click();
  await page.getByText('It holds for the members now').waitFor();
  await page.getByRole('row', {name: /Noah Novak.*administrator/}).waitFor();
  await page.getByLabel(/Members are administrators/).uncheck();
  await page.getByRole('button', {name: 'Review the change…'}).click();
  await dialog(page).getByRole('button', {name: 'Take administrator rights from 3 people'}).click();
  await page.getByText('administrator', {exact: true}).first().waitFor({state: 'detached'});
});

test('the brake holds what looks like an accident', async (t) => {
  const {page, go, scim, people} = await openCompany(t);
  await go('provisioning/settings');
  await page.getByLabel('More employees than').fill('2');
  await page.getByLabel(/more than this share/).fill('0');
  await inspect(page, 'console-provisioning-settings');
  await page.getByRole('button', {name: 'Save settings'}).click();
  await page.getByText('Saved.').waitFor();
  await page.getByRole('button', {name: 'Declare attribute'}).click();
  await dialog(page).getByLabel('Name').fill('badgeNumber');
  await inspect(page, 'console-attribute-declare');
  await dialog(page).getByRole('button', {name: 'Declare'}).click();
  await page.getByRole('cell', {name: 'badgeNumber', exact: true}).waitFor();
  await page.getByRole('button', {name: 'Remove badgeNumber'}).click();
  await dialog(page).getByRole('button', {name: 'Remove attribute'}).click();
  await page.getByText('No attribute of your own yet').waitFor();

  for (const id of people.slice(0, 3)) assert.ok((await scim.deactivate(id)).status < 300);
  assert.equal((await scim.call('DELETE', `/Users/${people[3]}`)).status, 204);
  await go('');
  await page.getByText('4 employees left within an hour: deletions are held.').waitFor();
  await inspect(page, 'console-overview-brake');
  await go(`employees/${people[3]}`);
  await page.getByText('deletion held').waitFor();
  await inspect(page, 'console-employee-held');
  await go('provisioning');
  await page.getByRole('link', {name: 'See who left, and decide'}).click();
  await page.getByRole('cell', {name: 'quin@contoso.example'}).waitFor();
  await inspect(page, 'console-departures');
  await page.getByRole('button', {name: 'Confirm the departures…'}).click();
  await dialog(page).getByText('This cannot be undone.').waitFor();
  await inspect(page, 'console-departures-confirm');
  await dialog(page).getByRole('button', {name: 'Cancel'}).click();
  await page.getByRole('button', {name: 'Restore all…'}).click();
  await inspect(page, 'console-departures-restore');
  await dialog(page).getByRole('button', {name: 'Restore 4 employees'}).click();
  await page.getByText('4 employees have access again').waitFor();
  await inspect(page, 'console-departures-restored');
  await go('provisioning');
  await page.getByText('restored').waitFor();
  assert.equal(await page.getByText('deletions are held').count(), 0);

  // Two are gone before the third is one too many.
  for (const id of people.slice(0, 3)) assert.equal((await scim.call('DELETE', `/Users/${id}`)).status, 204);
  await page.reload();
  await page.getByRole('link', {name: 'See who left, and decide'}).click();
  await page.getByText('Deleted before the brake went on').waitFor();
  await page.getByRole('button', {name: 'Confirm the departures…'}).click();
  await dialog(page).getByRole('button', {name: 'Delete 1 employee for good'}).click();
  await page.getByText('1 employee deleted for good.').waitFor();
  assert.equal((await scim.call('GET', `/Users/${people[2]}`)).status, 404);
});
