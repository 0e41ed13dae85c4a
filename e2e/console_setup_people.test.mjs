// The second half of the setup: the directory provisions, domains and who is outside them, the default department, the
// test sign-in, and the decision.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {account, openPortal} from './support/portal.mjs';
import {Scim} from './support/scim.mjs';

const administrator = 'alice@contoso.example';

/// An administrator who has started the setup and chosen Entra; the provider is connected and contoso.example is theirs.
async function openSetup(t) {
  const portal = await openPortal(t);
  const {doorward} = portal;
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, administrator);
  const go = (path) => page.goto(`${doorward.url}/console/${path}`);
  const open = async (step, name) => {
    await go(`security/setup/${step}`);
    await page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
  };
  await go('');
  const api = (method, path, body) =>
    page.evaluate(
      async ([method, path, body]) => {
        const headers = {'Content-Type': 'application/json'};
        const answer = await fetch(`/api/v1/${path}`, {method, headers, body: body && JSON.stringify(body)});
        return {status: answer.status, body: await answer.json()};
      },
      [method, path, body],
    );
  assert.equal((await api('POST', 'setup/start', {})).status, 200);
  assert.equal((await api('PUT', 'setup/provider', {provider: 'entra'})).status, 200);
  assert.equal((await api('PUT', 'setup/application', {done: true})).status, 200);
  return {...portal, page, open, api};
}

const button = (page, name) => page.getByRole('button', {name});
const dialog = (page) => page.getByRole('dialog');
const standing = async (api, step) => (await api('GET', 'setup')).body.steps.find((one) => one.step === step);
const focused = (page) => page.evaluate(() => document.activeElement.textContent);

test('the directory comes while the administrator looks on', async (t) => {
  const {doorward, page, open, api} = await openSetup(t);
  await open('provisioning', 'Provisioning');
  await page.getByText('There is none yet.').waitFor();
  await page.getByText('The attribute mappings as they should be').click();
  await page.getByRole('cell', {name: 'mailNickname', exact: true}).waitFor();
  await inspect(page, 'setup-provisioning');

  await button(page, 'Create token').click();
  await dialog(page).getByRole('button', {name: 'Create token'}).click();
  const secret = await dialog(page).getByText(/^scim_/).textContent();
  await dialog(page).getByRole('button', {name: 'I have copied it'}).click();
  await page.getByText('The test appears here by itself').waitFor();
  assert.notEqual((await standing(api, 'provisioning')).state, 'done');

  const scim = new Scim(doorward.url, secret);
  assert.equal((await scim.testConnection()).status, 200);
  await page.getByText('address and token are right.').first().waitFor();
  await page.getByRole('link', {name: /^Continue/}).waitFor();
  assert.equal((await standing(api, 'provisioning')).state, 'done');
  await scim.createUser('mia@contoso.example', {given: 'Mia', family: 'Moreau'});
  await page.getByRole('link', {name: /created Mia Moreau/}).waitFor();
  await page.getByText('The first employees arrived.').waitFor();

  // A second person with that user name: in words, with the way to the entry.
  await assert.rejects(scim.createUser('mia@contoso.example', {given: 'Mia', family: 'Moreau'}), /409/);
  await page.getByText('A request of your directory failed.').waitFor();
  await inspect(page, 'setup-provisioning-failing');
  await page.getByRole('region', {name: 'State of provisioning'}).getByRole('link').click();
  await page.getByRole('heading', {name: 'A request of your directory', level: 1}).waitFor();
});

test('a directory that is not Entra is not told what Entra calls things', async (t) => {
  const {page, open, api} = await openSetup(t);
  await api('PUT', 'setup/provider', {provider: 'okta'});
  await open('provisioning', 'Provisioning');
  await button(page, 'Create token').click();
  await dialog(page).getByRole('button', {name: 'Create token'}).click();
  await dialog(page).getByText('where your directory asks for a SCIM server').waitFor();
  assert.doesNotMatch(await dialog(page).innerText(), /Entra/);
});

test('employees are kept by hand, until the administrator thinks better of it', async (t) => {
  const {page, open, api} = await openSetup(t);
  await open('provisioning', 'Provisioning');
  await button(page, 'Our directory will not provision').click();
  await page.getByRole('heading', {name: 'You keep your employees by hand'}).waitFor();
  assert.equal(await focused(page), 'You keep your employees by hand');
  assert.equal((await standing(api, 'provisioning')).state, 'done');
  await inspect(page, 'setup-provisioning-declined');
  await button(page, 'Set provisioning up after all').click();
  await button(page, 'Create token').waitFor();
  assert.equal((await standing(api, 'provisioning')).blocks, true);
});

test('a domain is claimed, and its record shown', async (t) => {
  const {page, open} = await openSetup(t);
  await open('domains', 'Domains');
  await page.getByRole('row', {name: /contoso\.example.*added by support/}).waitFor();
  assert.equal(await button(page, /^Remove contoso\.example/).count(), 0);
  await page.getByLabel('Another domain').fill('gmail.com');
  await button(page, 'Add domain').click();
  await page.locator('#domain[aria-invalid="true"]').waitFor();
  assert.notEqual(await page.locator('#domain-problem').textContent(), '');
  await page.getByLabel('Another domain').fill('Contoso.Test');
  await button(page, 'Add domain').click();
  const claim = page.getByRole('region', {name: 'Prove contoso.test'});
  await claim.getByText('_doorward.contoso.test', {exact: true}).waitFor();
  await claim.getByText(/^doorward-verification=[\w-]{32}$/).waitFor();
  assert.equal(await page.locator('#domain').inputValue(), '');
  await inspect(page, 'setup-domains-claim');
  await claim.getByRole('button', {name: /^Remove/}).click();
  await page.getByText('contoso.test is removed.').waitFor();
  await claim.waitFor({state: 'detached'});
  assert.equal(await focused(page), 'Your domains');
});

test('every employee outside the domains is decided about', async (t) => {
  const {doorward, page, open, api} = await openSetup(t);
  for (const [email, given] of [['eve@gmail.com', 'Eve'], ['gus@partner.example', 'Gus'], ['una@partner.example', 'Una']]) {
    doorward.cli('employee', 'create', account, '--email', email, '--given-name', given, '--family-name', 'Novak');
  }
  await open('domains', 'Domains');
  await page.getByText('3 employees have an address outside your domains.').waitFor();
  assert.equal(await page.getByText('You are one of them.').count(), 0);
  await button(page, /^View/).click();
  const row = (name) => page.getByRole('row', {name: new RegExp(name)});
  await row('Eve Novak').getByText('eve@gmail.com').waitFor();
  await inspect(page, 'setup-domains-outsiders');

  await row('Eve Novak').getByRole('button', {name: /^Edit/}).click();
  const address = dialog(page).getByLabel('E-mail address');
  await address.fill('eve');
  await button(dialog(page), 'Save address').click();
  await dialog(page).getByText('“eve” is not an e-mail address.').waitFor();
  await inspect(page, 'setup-domains-edit');
  await address.fill('eve@contoso.example');
  await button(dialog(page), 'Save address').click();
  await row('Eve Novak').waitFor({state: 'detached'});
  assert.equal(await focused(page), 'Employees');
  const {body: found} = await api('GET', 'employees?search=eve');
  assert.equal(found.employees[0].email, 'eve@contoso.example');
  // The name that is made of the others stays so.
  assert.equal((await api('GET', `employees/${found.employees[0].id}`)).body.ownDisplayName, '');

  await row('Gus Novak').getByRole('button', {name: /^Allow/}).click();
  await row('Gus Novak').getByText('may lose access').waitFor();
  await page.getByText('1 employee has an address outside your domains.').waitFor();
  await row('Gus Novak').getByRole('button', {name: /^Undo/}).click();
  await page.getByText('2 employees have an address outside your domains.').waitFor();

  // Nobody is allowed unseen: somebody else came in between.
  doorward.cli('employee', 'create', account, '--email', 'zoe@partner.example', '--given-name', 'Zoe');
  await button(page, /^Allow all 2/).click();
  await button(dialog(page), 'Allow all 2').click();
  await dialog(page).getByRole('alert').waitFor();
  await button(dialog(page), 'Allow all 3').waitFor();
  await inspect(page, 'setup-domains-allow-all');
  await button(dialog(page), 'Allow all 3').click();
  await page.getByText('Everybody is decided about.').waitFor();
  assert.equal((await standing(api, 'domains')).blocks, false);
});

test('an administrator who would lock themselves out is warned', async (t) => {
  const {page, open, api} = await openSetup(t);
  const {body: me} = await api('GET', 'session');
  const {body: now} = await api('GET', `employees/${me.employee.id}`);
  const {userName, givenName, familyName, ownDisplayName: displayName, department} = now;
  const fields = {userName, givenName, familyName, displayName, department: department.id, email: 'alice@gmail.com'};
  assert.equal((await api('PUT', `employees/${me.employee.id}`, fields)).status, 200);
  await open('domains', 'Domains');
  await page.getByText('You are one of them.').waitFor();
  await inspect(page, 'setup-domains-yourself');
});

test('the default department is chosen', async (t) => {
  const {page, open, api} = await openSetup(t);
  await open('department', 'Default department');
  const {departments} = (await api('GET', 'departments')).body;
  const standard = departments.find((each) => each.default);
  assert.equal(await page.getByLabel('Default department').inputValue(), standard.id);
  await inspect(page, 'setup-department');
  await button(page, 'Use this department').click();
  await page.getByRole('link', {name: /^Continue/}).waitFor();
  assert.equal((await standing(api, 'department')).state, 'done');
});

/// Follows the link as somebody in a private window.
async function followLink(t, link, email) {
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  await page.goto(`${link}&login_hint=${encodeURIComponent(email)}`);
  return page;
}

test('a test sign-in is followed until it works', async (t) => {
  const {simulator, page, open, api} = await openSetup(t);
  await open('test', 'Test');
  await button(page, 'Create the test link').click();
  await page.getByRole('heading', {name: 'Open this link in a private window'}).waitFor();
  assert.equal(await focused(page), 'Open this link in a private window');
  await page.getByText('Waiting for the link to be opened.').first().waitFor();
  await inspect(page, 'setup-test-link');
  const link = () => page.locator('.copyable code').textContent();

  await simulator.setFaults('wrong_audience');
  const strange = await followLink(t, await link(), administrator);
  await page.getByText('The link was opened.').first().waitFor();
  await strange.getByRole('button', {name: 'Sign in'}).first().click();
  await page.getByText('The test failed.').first().waitFor();
  await page.getByRole('heading', {name: 'What to change'}).waitFor();
  await inspect(page, 'setup-test-failed');
  await strange.context().close();
  assert.notEqual((await standing(api, 'test')).state, 'done');

  // Somebody who is no administrator: it works, and does not count.
  await simulator.setFaults();
  await button(page, 'Create the test link').click();
  const ben = await followLink(t, await link(), 'ben@contoso.example');
  await ben.getByRole('button', {name: 'Sign in'}).first().click();
  await page.getByText(/Ben Baker passed the test, but is not an administrator/).waitFor();
  await ben.context().close();

  // The page may be loaded anew meanwhile.
  await button(page, /^Create .*test link$/).click();
  await page.getByText('Waiting for the link to be opened.').first().waitFor();
  await page.reload();
  const alice = await followLink(t, await link(), administrator);
  await alice.getByRole('button', {name: 'Sign in'}).first().click();
  await page.getByText('It counts: you can go on.').waitFor();
  await page.getByRole('cell', {name: /emailaddress/}).waitFor();
  await inspect(page, 'setup-test-passed');
  assert.equal((await standing(api, 'test')).state, 'done');
  // Nobody is signed in by a test.
  assert.equal((await alice.request.get(new URL('/api/v1/session', page.url()).href)).status(), 401);
});

/// Everything before the last step, without looking.
async function prepareEverything(t, {page, open, api}) {
  await api('PUT', 'setup/provisioning', {declined: true});
  const {departments} = (await api('GET', 'departments')).body;
  await api('PUT', 'setup/department', {department: departments[0].id});
  await open('test', 'Test');
  await button(page, 'Create the test link').click();
  const tester = await followLink(t, await page.locator('.copyable code').textContent(), administrator);
  await tester.getByRole('button', {name: 'Sign in'}).first().click();
  await page.getByText('It counts: you can go on.').waitFor();
  await tester.context().close();
}

test('single sign-on is enabled once nothing is missing', async (t) => {
  const setup = await openSetup(t);
  const {page, open, api} = setup;
  await open('enable', 'Enable for all');
  const missing = page.getByRole('region', {name: 'What is missing'});
  await missing.getByRole('link', {name: 'Test'}).waitFor();
  assert.equal(await button(page, 'Enable for all employees').count(), 0);
  await inspect(page, 'setup-enable-blocked');
  // Nor does the API let it pass.
  assert.notEqual((await api('POST', 'setup/enable', {accountName: account})).status, 200);

  await prepareEverything(t, setup);
  await open('enable', 'Enable for all');
  await page.getByText('you cannot switch it off yourself').waitFor();
  await page.getByText('and so are you').waitFor();
  const letter = page.getByLabel(/^Sign-in instructions/);
  assert.match(await letter.inputValue(), /\/sign-in\?account=contoso/);
  await button(page, 'Enable for all employees').click();
  const name = page.getByLabel(/^Type the name/);
  await page.getByText(/To confirm, type the account/).waitFor();
  assert.equal(await name.getAttribute('aria-invalid'), 'true');
  await inspect(page, 'setup-enable');
  assert.equal((await api('GET', 'setup')).body.enforcedAt, null);
  await name.fill(account);
  await name.press('Enter');
  await page.getByRole('heading', {name: 'Single sign-on is enabled'}).waitFor();
  assert.equal(await focused(page), 'Single sign-on is enabled');
  await page.getByText('sign in again through your provider').waitFor();
  await inspect(page, 'setup-enabled');
  assert.equal((await api('GET', 'session')).status, 401);
});

test('the setup is cancelled, and the employees stay', async (t) => {
  const {doorward, page, open, api} = await openSetup(t);
  await open('enable', 'Enable for all');
  await button(page, 'Cancel the setup…').click();
  await dialog(page).getByText('This stays').waitFor();
  await inspect(page, 'setup-cancel');
  await button(dialog(page), 'Cancel the setup').click();
  await dialog(page).getByText(/To confirm, type the account/).waitFor();
  await dialog(page).getByLabel(/^Type the name/).fill(account);
  await button(dialog(page), 'Cancel the setup').click();
  await page.waitForURL(`${doorward.url}/console/security`);
  await page.getByRole('heading', {name: 'SSO and SCIM', level: 1}).waitFor();
  const {body: wizard} = await api('GET', 'setup');
  assert.equal(wizard.setup, null);
  assert.equal(wizard.people.active, 3);
  assert.deepEqual((await api('GET', 'connections')).body.connections, []);
});
