// What the tests of pages have in common: looking at a page as people do, and signing in.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {picture} from './browser.mjs';
import {account} from './portal.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const phone = {device: 'phone', width: 375};
const desk = {device: 'desk', width: 1440};
const light = 'light';
const dark = 'dark';
const everyLook = [[phone, light], [desk, dark], [phone, dark], [desk, light]];

/// Ways to look at a page. The long form tries every one; otherwise each page has one of the first two, always the same.
function looksAt(name) {
  if (process.env.DOORWARD_LONG === '1') return everyLook;
  const letters = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return [everyLook[letters % 2]];
}

async function resize(page, width, where) {
  await page.setViewportSize({width, height: 800});
  const sizes = await page.evaluate(() => {
    const {scrollWidth, clientWidth} = document.documentElement;
    return {scrollWidth, clientWidth};
  });
  assert.ok(sizes.scrollWidth <= sizes.clientWidth, `${where}: ${sizes.scrollWidth} > ${sizes.clientWidth}`);
}

/// Fails for what axe finds, and for a page that is wider than a phone; keeps pictures, and leaves the page as wide as a desk.
export async function inspect(page, name) {
  for (const {device, width} of [phone, desk]) await resize(page, width, `${name}, ${device}`);
  for (const [{device, width}, colorScheme] of looksAt(name)) {
    const where = `${name}, ${device}, ${colorScheme}`;
    await page.emulateMedia({colorScheme, reducedMotion: 'reduce'});
    await resize(page, width, where);
    await picture(page, `page-${name}-${device}-${colorScheme}`);
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
    // Nodes that are as they must be are many, and nobody looks at them.
    const violations = await page.evaluate(async () =>
      (await globalThis.axe.run({resultTypes: ['violations'], preload: false})).violations);
    const found = violations.map(({id, nodes}) => `${id}: ${nodes.map(({target, failureSummary}) => `${target} ${failureSummary}`).join('; ')}`);
    assert.deepEqual(found, [], where);
  }
  await page.setViewportSize({width: desk.width, height: 800});
}

/// The browser of somebody who is signed in with a password.
export async function signInWithPassword(page, doorward, email, password) {
  await page.goto(`${doorward.url}/sign-in`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', {name: 'Continue'}).click();
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Sign in with password'}).click();
  await page.getByRole('heading', {name: /Welcome/}).waitFor();
}

/// The same without looking at the pages that lead there, for tests of what comes after.
export async function letIn(page, doorward, email) {
  const form = {email, password: newPassword(doorward, email)};
  const answer = await page.context().request.post(`${doorward.url}/sign-in/password`, {form, maxRedirects: 0});
  assert.equal(answer.status(), 303);
}

export function newPassword(doorward, email) {
  return doorward.cli('employee', 'reset-password', account, email).password;
}
