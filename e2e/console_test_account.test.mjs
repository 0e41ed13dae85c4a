// An administrator tries SSO in a test account: one click makes it, a link leads in, and the console says everywhere
// that it is one.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {openPortal} from './support/portal.mjs';

const administrator = 'alice@contoso.example';

test('a test account is made, opened, marked, and deleted', async (t) => {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, administrator);
  await page.goto(`${doorward.url}/console/security/setup/prepare`);
  await page.getByRole('heading', {name: 'Try it in a separate account first'}).waitFor();
  await inspect(page, 'test-account-offer');

  await page.getByRole('button', {name: 'Make a test account'}).click();
  const dialog = page.getByRole('dialog');
  const link = await dialog.getByText(/access\?link=dwl_/).textContent();
  await dialog.getByText('yours is not copied').waitFor();
  await inspect(page, 'test-account-way-in');
  await dialog.getByRole('button', {name: 'I have copied the link'}).click();
  await page.getByRole('cell', {name: 'contoso (test)', exact: true}).waitFor();

  // In a private window, as the page says.
  const inside = await (await openBrowser(t, {bypassCSP: true})).newPage();
  await inside.goto(link);
  await inside.getByLabel('New password').fill('a password of the test account');
  await inside.getByLabel('The same again').fill('a password of the test account');
  await inside.getByRole('button').last().click();
  await inside.getByRole('heading', {name: /Welcome/}).waitFor();
  for (const path of ['', 'employees', 'security/setup/prepare', 'profile']) {
    await inside.goto(`${doorward.url}/console/${path}`);
    await inside.getByRole('heading', {level: 1}).waitFor();
    await inside.getByText('Test account of contoso.').waitFor();
    if (path === 'employees') {
      await inside.getByRole('row').nth(1).waitFor();
      assert.equal(await inside.getByRole('row').count(), 2, 'nobody but the administrator');
    }
    if (path === '') await inspect(inside, 'test-account-overview');
  }
  // The domains of the real account count, and this one has none of its own.
  await inside.goto(`${doorward.url}/console/security/setup/prepare`);
  await inside.getByText('This is the test account').waitFor();
  await inside.getByRole('button', {name: 'Start the setup'}).click();
  await inside.getByRole('heading', {name: 'Create the SAML application', level: 1}).waitFor();
  await inside.goto(`${doorward.url}/console/security/setup/domains`);
  await inside.getByText('A test account uses the domains of contoso.').waitFor();
  assert.equal(await inside.getByRole('button', {name: 'Add domain'}).count(), 0);
  await inspect(inside, 'test-account-domains');

  // Without a word of this, everybody else signs in to the company as before.
  const employee = await (await openBrowser(t)).newPage();
  await employee.goto(`${doorward.url}/sign-in`);
  await employee.getByLabel('E-mail address').fill('ben@contoso.example');
  await employee.getByRole('button', {name: 'Continue'}).click();
  const companyLink = employee.getByRole('link', {name: /company/i}).first();
  assert.match(await companyLink.getAttribute('href'), /^\/saml\/contoso\/login/);

  // The command line knows them, too.
  assert.deepEqual(doorward.cli('account', 'show', 'contoso').account.test_accounts, ['contoso-test']);
  assert.equal(doorward.cli('account', 'show', 'contoso-test').account.test_account_of, 'contoso');

  // Gone, and whoever was in it is out.
  await page.goto(`${doorward.url}/console/security/test-accounts`);
  await page.getByRole('button', {name: 'Delete… contoso (test)'}).click();
  await inspect(page, 'test-account-delete');
  await dialog.getByRole('button', {name: 'Delete', exact: true}).click();
  await page.getByText('contoso (test) is deleted.').waitFor();
  await page.getByRole('button', {name: 'Make a test account'}).waitFor();
  const answer = await inside.request.get(`${doorward.url}/api/v1/session`);
  assert.equal(answer.status(), 401);
  await page.goto(`${doorward.url}/console/audit`);
  await page.getByText('test account deleted').first().waitFor();
});
