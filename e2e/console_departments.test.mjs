// An administrator builds the tree of departments, by mouse and by keyboard alone.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {openPortal} from './support/portal.mjs';

async function openDepartments(t) {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, 'alice@contoso.example');
  await page.goto(`${doorward.url}/console/departments`);
  await page.getByRole('heading', {name: 'Departments', level: 1}).waitFor();
  return {doorward, page};
}

const button = (page, name) => page.getByRole('button', {name, exact: true});
const dialog = (page) => page.getByRole('dialog');

async function add(page, name, opener = 'Add a department…') {
  await button(page, opener).click();
  await dialog(page).getByLabel('Name').fill(name);
  await dialog(page).getByRole('button', {name: 'Add', exact: true}).click();
  await page.getByText(`${name} is added.`).waitFor();
}

test('departments are added, moved, renamed, made the default and deleted', async (t) => {
  const {doorward, page} = await openDepartments(t);
  await add(page, 'Sales');
  await add(page, 'North', 'Add below… Sales');
  const inTree = (above, below) => page.locator('li', {hasText: above}).locator('ul li', {hasText: below});
  await inTree('Sales', 'North').waitFor();
  await button(page, 'Add a department…').click();
  await dialog(page).getByLabel('Name').fill('SALES');
  await dialog(page).getByRole('button', {name: 'Add', exact: true}).click();
  await dialog(page).getByText('in this place already').waitFor();
  await inspect(page, 'console-department-refused');
  await dialog(page).getByRole('button', {name: 'Cancel'}).click();

  await button(page, 'Edit… North').click();
  await dialog(page).getByLabel('Name').fill('Northern region');
  await dialog(page).getByLabel('Below').selectOption({label: 'No other department'});
  await dialog(page).getByLabel('The default department').check();
  await inspect(page, 'console-department-edit');
  await dialog(page).getByRole('button', {name: 'Save'}).click();
  await page.getByText('New employees start in Northern region from now on.').waitFor();
  await inTree('Sales', 'Northern region').waitFor({state: 'detached'});
  doorward.cli('employee', 'create', 'contoso', '--email', 'nora@contoso.example');
  await page.reload();
  await page.getByRole('link', {name: '1 employee', exact: true}).waitFor();
  await inspect(page, 'console-departments');

  // Below itself there is no place.
  await add(page, 'Coast', 'Add below… Northern region');
  await button(page, 'Edit… Northern region').click();
  const places = await dialog(page).getByLabel('Below').locator('option').allTextContents();
  assert.deepEqual(places.filter((place) => /Northern|Coast/.test(place)), []);
  assert.ok(await dialog(page).getByLabel('The default department').isDisabled());
  await dialog(page).getByRole('button', {name: 'Cancel'}).click();

  await button(page, 'Delete… Northern region').click();
  await dialog(page).getByText('Make another one the default first.').waitFor();
  await inspect(page, 'console-department-kept');
  await dialog(page).getByRole('button', {name: 'Close'}).click();
  await button(page, 'Edit… Sales').click();
  await dialog(page).getByLabel('The default department').check();
  await dialog(page).getByRole('button', {name: 'Save'}).click();
  await page.getByText('New employees start in Sales').waitFor();
  await button(page, 'Delete… Coast').click();
  await dialog(page).getByText('Nobody is in this department.').waitFor();
  await dialog(page).getByRole('button', {name: 'Delete'}).click();
  await page.getByText('Coast is deleted.').waitFor();
  await button(page, 'Delete… Northern region').click();
  await dialog(page).getByText('1 employee will move to Sales.').waitFor();
  await inspect(page, 'console-department-delete');
  await dialog(page).getByRole('button', {name: 'Delete'}).click();
  await page.getByText('Northern region is deleted. 1 employee moved to Sales.').waitFor();
});

test('the tree of departments works with the keyboard alone', async (t) => {
  const {page} = await openDepartments(t);
  const tabTo = async (name) => {
    for (let i = 0; i < 60; ++i) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
      });
      if (focused === name) return;
    }
    assert.fail(`the Tab key does not lead to “${name}”`);
  };
  await tabTo('Add a department…');
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('Sales');
  await page.keyboard.press('Enter');
  await page.getByText('Sales is added.').waitFor();
  await tabTo('Delete… Sales');
  await page.keyboard.press('Enter');
  await tabTo('Delete');
  await page.keyboard.press('Enter');
  await page.getByText('Sales is deleted.').waitFor();
  const where = await page.evaluate(() => document.activeElement?.textContent ?? '');
  assert.match(where, /Sales is deleted/);
});
