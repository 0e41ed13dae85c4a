// What people see: every page and every screen of the console, light and dark, on a phone and on a desk, checked by
// axe for accessibility and looked at for what runs over the edge. The pictures are in e2e/artefacts.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, newPassword, signInWithPassword} from './support/pages.mjs';
import {account, openPortal} from './support/portal.mjs';

test('the pages of an employee', async (t) => {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  const password = newPassword(doorward, 'ben@contoso.example');

  await page.goto(`${doorward.url}/`);
  await inspect(page, 'sign-in');
  await page.getByLabel('E-mail address').fill('ben@contoso.example');
  await page.getByRole('button', {name: 'Continue'}).click();
  await page.getByLabel('Password').waitFor();
  await inspect(page, 'password');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', {name: 'Sign in with password'}).click();
  await page.getByRole('alert').waitFor();
  await inspect(page, 'password-wrong');
  await page.getByRole('link', {name: 'Sign in with your company account'}).waitFor();

  await page.goto(`${doorward.url}/nothing`);
  await inspect(page, 'not-found');

  await signInWithPassword(page, doorward, 'ben@contoso.example', password);
  await inspect(page, 'home');
  await page.goto(`${doorward.url}/console/`);
  await page.waitForURL(/\/console\/profile$/);
  await page.goto(`${doorward.url}/console/employees`);
  await page.getByRole('heading', {name: 'This is for administrators'}).waitFor();
  await inspect(page, 'console-not-administrator');
  await page.goto(`${doorward.url}/`);
  await page.getByRole('button', {name: 'Sign out'}).click();
  await page.getByRole('heading', {name: 'You are signed out'}).waitFor();
  await inspect(page, 'signed-out');
});

test('the pages of a sign-in at the provider', async (t) => {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await page.goto(`${doorward.url}/saml/${account}/login?purpose=test&login_hint=ben@contoso.example`);
  await page.getByRole('button', {name: 'Sign in'}).first().click();
  await page.getByRole('heading', {name: 'The test sign-in worked'}).waitFor();
  await inspect(page, 'test-passed');

  doorward.cli('employee', 'deactivate', account, 'ben@contoso.example');
  // The provider knows the browser by now, and asks nothing.
  await page.goto(`${doorward.url}/saml/${account}/login?login_hint=ben@contoso.example`);
  await page.getByRole('heading', {name: 'Your access has been switched off'}).waitFor();
  await inspect(page, 'trouble');
});

test('every screen of the console', async (t) => {
  const {doorward, simulator} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  const attempt = async (email) => {
    const other = await openBrowser(t);
    const tab = await other.newPage();
    await tab.goto(`${doorward.url}/saml/${account}/login?login_hint=${email}`);
    await tab.getByRole('button', {name: 'Sign in'}).first().click();
    await tab.waitForURL((url) => url.origin === doorward.url);
    await other.close();
  };
  await attempt('ben@contoso.example');
  await attempt('eve@contoso.example');
  await simulator.setFaults('wrong_audience');
  await attempt('ben@contoso.example');
  await simulator.setFaults();
  doorward.cli('employee', 'deactivate', account, 'dan@contoso.example');
  const name = 'a-very-long-name-without-any-place-to-break-it-that-somebody-really-has@contoso.example';
  doorward.cli('employee', 'create', account, '--email', name);

  // The console leads to the sign-in page and back.
  await page.goto(`${doorward.url}/console/sign-ins`);
  await page.waitForURL(`${doorward.url}/sign-in?return_to=%2Fconsole%2Fsign-ins`);
  await signInWithPassword(page, doorward, 'alice@contoso.example', newPassword(doorward, 'alice@contoso.example'));
  await inspect(page, 'home-administrator');
  await page.getByRole('link', {name: 'Open the console'}).click();

  await page.getByRole('heading', {name: 'Connections'}).waitFor();
  await page.getByText('contoso.example', {exact: false}).first().waitFor();
  await inspect(page, 'console-overview');
  await page.getByRole('link', {name: 'Employees'}).click();
  await page.getByRole('cell', {name: name, exact: false}).first().waitFor();
  await inspect(page, 'console-employees');
  await page.getByRole('searchbox').fill('nobody');
  await page.getByText('Nobody is called that.').waitFor();
  await inspect(page, 'console-employees-empty');
  await page.getByRole('link', {name: 'Sign-ins'}).click();
  await page.getByRole('cell', {name: 'Made for another service', exact: false}).waitFor();
  await inspect(page, 'console-sign-ins');

  await page.getByRole('row', {name: /Made for another service/}).getByRole('link').click();
  await page.getByRole('heading', {name: 'What went wrong'}).waitFor();
  await inspect(page, 'console-story-audience');
  await page.getByRole('link', {name: 'All sign-ins'}).click();
  await page.getByRole('row', {name: /outside the company/}).getByRole('link').click();
  await page.getByText('Would have been accepted').waitFor();
  await inspect(page, 'console-story-domain');
  await page.getByRole('link', {name: 'Sign-ins', exact: true}).click();
  await page.getByLabel(/Why can’t this person sign in/).fill('K7QM-2XPD');
  await page.getByRole('button', {name: 'Find out'}).click();
  await page.getByRole('alert').waitFor();
  await inspect(page, 'console-story-unknown');
  await page.getByRole('link', {name: 'Audit'}).click();
  await page.getByRole('table').waitFor();
  await inspect(page, 'console-audit');
  await page.goto(`${doorward.url}/console/nothing`);
  await page.getByRole('heading', {name: 'There is nothing here'}).waitFor();
  await inspect(page, 'console-nothing');

  // An ended session leads to the sign-in page wherever one is.
  await page.goto(`${doorward.url}/console/employees`);
  await page.getByRole('table').waitFor();
  newPassword(doorward, 'alice@contoso.example');
  await page.getByRole('link', {name: 'Audit'}).click();
  await page.waitForURL(/\/sign-in\?return_to=%2Fconsole%2Faudit$/);
});

test('signing in with the keyboard alone', async (t) => {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const password = newPassword(doorward, 'ben@contoso.example');
  await page.goto(`${doorward.url}/`);
  // The browser gives the field its focus a moment after the page has loaded.
  await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'email');
  await page.keyboard.type('ben@contoso.example');
  await page.keyboard.press('Enter');
  await page.getByLabel('Password').waitFor();
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  // The field has the focus again, and says what is wrong with it.
  const field = page.getByLabel('Password');
  assert.equal(await field.evaluate((element) => element === document.activeElement), true);
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: /Welcome/}).waitFor();
  // Every control can be reached, and shows that it has the focus.
  for (let i = 0; i < 20; ++i) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      return {text: element.textContent, outline: getComputedStyle(element).outlineStyle};
    });
    assert.equal(focus.outline, 'solid', focus.text);
    if (focus.text === 'Sign out') break;
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: 'You are signed out'}).waitFor();
});

test('a phone in German', async (t) => {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true, locale: 'de-DE'});
  const page = await browser.newPage();
  await page.goto(`${doorward.url}/`);
  await page.getByRole('heading', {name: 'Anmelden'}).waitFor();
  await inspect(page, 'sign-in-german');
});
