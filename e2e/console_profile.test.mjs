// Employees look after themselves: who they are, where they are signed in, and their password.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, newPassword, signInWithPassword} from './support/pages.mjs';
import {openPortal} from './support/portal.mjs';

const button = (page, name) => page.getByRole('button', {name, exact: true});
const label = (page, name) => page.getByLabel(name, {exact: true});

test('an employee without rights sees themselves, signs out elsewhere and changes the password', async (t) => {
  const {doorward} = await openPortal(t);
  const password = newPassword(doorward, 'ben@contoso.example');
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  // Three devices, of which this one is the last.
  const cookies = [];
  for (let i = 0; i < 3; ++i) {
    await browser.clearCookies();
    await signInWithPassword(page, doorward, 'ben@contoso.example', password);
    cookies.push(await browser.cookies());
  }
  await page.getByRole('link', {name: 'Profile and password'}).click();
  await page.getByRole('heading', {name: 'Ben Baker', level: 1}).waitFor();
  await page.locator('dd', {hasText: 'ben@contoso.example'}).first().waitFor();
  assert.deepEqual(await page.getByRole('navigation', {name: 'Console'}).getByRole('link').allTextContents(), ['Profile']);
  await inspect(page, 'console-profile');

  await page.getByRole('link', {name: 'Security', exact: true}).click();
  await page.getByRole('heading', {name: 'Where you are signed in'}).waitFor();
  assert.equal(await page.getByRole('link', {name: 'Open SSO and SCIM'}).count(), 0);
  await inspect(page, 'console-profile-security');
  await page.getByRole('button', {name: /^Sign out there/}).first().click();
  await page.getByText('is signed out.').waitFor();
  assert.equal(await page.getByRole('button', {name: /^Sign out there/}).count(), 1);

  await label(page, 'Your password now').fill('wrong password');
  await label(page, 'New password').fill('a wholly new password');
  await label(page, 'New password again').fill('a wholly other password');
  await button(page, 'Change password').click();
  await page.getByText('These two differ.').waitFor();
  await label(page, 'New password again').fill('a wholly new password');
  await button(page, 'Change password').click();
  await page.getByText('That is not your password.').waitFor();
  await inspect(page, 'console-profile-password-wrong');
  await label(page, 'Your password now').fill(password);
  await button(page, 'Change password').click();
  await page.getByText('Your password is changed.').waitFor();
  // This one goes on; the others ended.
  await page.reload();
  await page.getByRole('heading', {name: 'Ben Baker', level: 1}).waitFor();
  for (const before of cookies) {
    // The console asks for things in the background, and leaves for the sign-in page when it is nobody any more.
    await page.goto('about:blank');
    await browser.clearCookies();
    await browser.addCookies(before);
    await page.goto(`${doorward.url}/`);
    await page.getByRole('button', {name: 'Continue'}).waitFor();
  }
  await signInWithPassword(page, doorward, 'ben@contoso.example', 'a wholly new password');
});

test('an administrator goes from the profile to SSO and SCIM', async (t) => {
  const {doorward} = await openPortal(t);
  const password = newPassword(doorward, 'alice@contoso.example');
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await signInWithPassword(page, doorward, 'alice@contoso.example', password);
  await page.goto(`${doorward.url}/console/profile/security`);
  await page.getByRole('link', {name: 'Open SSO and SCIM'}).waitFor();
  await inspect(page, 'console-profile-administrator');
  await page.getByRole('link', {name: 'Open SSO and SCIM'}).click();
  await page.waitForURL(/\/console\/security$/);
});
