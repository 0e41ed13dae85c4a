// An administrator has a program of the company told of what happens: adding a webhook, a test, deliveries that arrive and
// that do not, and the feed of events.
import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {createServer} from 'node:http';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {account, openPortal} from './support/portal.mjs';
import {afterwards} from './support/processes.mjs';

/// An administrator in the console.
async function openConsole(t) {
  const {doorward} = await openPortal(t);
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, 'alice@contoso.example');
  const go = (path) => page.goto(`${doorward.url}/console/${path}`);
  return {doorward, page, go};
}

/// The program that is told. It answers with `status`, and keeps what came.
async function openReceiver(t) {
  const receiver = {status: 204, received: []};
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      receiver.received.push({headers: request.headers, body});
      response.writeHead(receiver.status).end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => server.close());
  receiver.url = `http://127.0.0.1:${server.address().port}/doorward`;
  return receiver;
}

/// By the rules of Standard Webhooks.
function isSigned({headers, body}, secret) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return headers['webhook-signature'].split(' ').includes(signature);
}

const heading = (page, name) => page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
const button = (page, name) => page.getByRole('button', {name, exact: true});
const dialog = (page) => page.getByRole('dialog');

test('a webhook is added, tested, and told of what happens', async (t) => {
  const {doorward, page, go} = await openConsole(t);
  const receiver = await openReceiver(t);
  await go('applications');
  await page.getByRole('navigation', {name: 'Applications'}).getByRole('link', {name: 'Webhooks'}).click();
  await page.getByText('No webhook yet.').waitFor();
  await inspect(page, 'console-webhooks-empty');

  await page.getByRole('link', {name: 'Add a webhook'}).click();
  await page.getByLabel('Address', {exact: true}).fill('ftp://hr.contoso.example');
  await page.getByLabel('Chosen events').check();
  await button(page, 'Add webhook').click();
  await page.getByText('Choose at least one event.').waitFor();
  await page.getByRole('group', {name: 'Employees'}).getByLabel('All of them').check();
  await button(page, 'Add webhook').click();
  await page.getByRole('alert').filter({hasText: /https?:\/\//}).waitFor();
  await inspect(page, 'console-webhook-new');
  await page.getByLabel('Address', {exact: true}).fill(receiver.url);
  await button(page, 'Add webhook').click();

  await dialog(page).getByText('Copy the signing secret now').waitFor();
  const secret = await dialog(page).getByText(/^whsec_/).textContent();
  await inspect(page, 'console-webhook-secret');
  await page.keyboard.press('Escape');
  assert.ok(await dialog(page).isVisible(), 'the secret is not lost by a slip of the hand');
  await button(dialog(page), 'I have copied it').click();
  await heading(page, new URL(receiver.url).host);
  assert.ok(!(await page.content()).includes(secret));
  await page.getByText('Nothing was delivered yet.').waitFor();
  await inspect(page, 'console-webhook');

  await button(page, 'Send a test').click();
  await page.getByRole('row', {name: /webhook\.test.*arrived/}).waitFor();
  assert.ok(isSigned(receiver.received[0], secret));
  assert.equal(JSON.parse(receiver.received[0].body).type, 'webhook.test');

  // A new secret, and for a day both sign.
  await button(page, 'New secret…').click();
  await dialog(page).getByText('For 24 hours').waitFor();
  await inspect(page, 'console-webhook-new-secret');
  await button(dialog(page), 'Make a new secret').click();
  const newer = await dialog(page).getByText(/^whsec_/).textContent();
  assert.notEqual(newer, secret);
  await button(dialog(page), 'I have copied it').click();
  await page.getByText('The signing secret is replaced.').waitFor();
  await page.getByText('the old one signs as well.').waitFor();
  await button(page, 'Send a test').click();
  await page.getByRole('row', {name: /webhook\.test.*arrived/}).nth(1).waitFor();
  assert.ok(isSigned(receiver.received[1], secret) && isSigned(receiver.received[1], newer));

  // It is told of employees, and says that it cannot take it.
  receiver.status = 503;
  doorward.cli('employee', 'create', account, '--email', 'eve@contoso.example', '--given-name', 'Eve', '--family-name', 'Evans');
  const failed = page.getByRole('row', {name: /employee\.created.*waiting/});
  await failed.getByText('It has a failure of its own.').waitFor();
  await inspect(page, 'console-webhook-deliveries');
  receiver.status = 204;
  await page.getByRole('row', {name: /webhook\.test/}).first().getByRole('button', {name: /^Send again/}).click();
  await page.getByText('It is sent once more.').waitFor();

  await button(page, 'Edit').click();
  await page.getByLabel('Everything').check();
  await inspect(page, 'console-webhook-edit');
  await button(page, 'Save changes').click();
  await page.getByText('Saved. It holds for what happens from now on.').waitFor();
  await page.getByText('everything', {exact: true}).waitFor();

  await button(page, 'Switch off…').click();
  await dialog(page).getByText('It can be undone').waitFor();
  await inspect(page, 'console-webhook-off');
  await button(dialog(page), 'Switch off').click();
  await page.getByText('It is switched off.').waitFor();
  assert.ok(await button(page, 'Send a test').isDisabled());
  await button(page, 'Switch on').click();
  await page.getByText('It is switched on.').waitFor();

  await page.getByRole('link', {name: 'All webhooks'}).click();
  await page.getByRole('link', {name: receiver.url}).waitFor();
  await inspect(page, 'console-webhooks');
  await page.getByRole('link', {name: receiver.url}).click();
  await button(page, 'Delete…').click();
  await dialog(page).getByText('This cannot be undone').waitFor();
  await inspect(page, 'console-webhook-delete');
  await button(dialog(page), 'Delete webhook').click();
  await page.getByText('No webhook yet.').waitFor();
});

test('the feed shows what happened', async (t) => {
  const {doorward, page, go} = await openConsole(t);
  doorward.cli('employee', 'create', account, '--email', 'eve@contoso.example', '--given-name', 'Eve', '--family-name', 'Evans');
  await go('applications/events');
  await page.getByRole('row', {name: /employee\.created/}).first().waitFor();
  // What happened last stands first: below the head of the table.
  assert.match(await page.getByRole('row').nth(1).textContent(), /Eve Evans|eve@contoso\.example/);
  await inspect(page, 'console-events');
  await page.getByRole('row', {name: /employee\.created/}).last().getByText('Show', {exact: true}).click();
  await page.getByLabel('Details of employee.created').last().waitFor();
  await page.getByLabel('Kind').selectOption('sso.disabled');
  await page.getByText('Nothing of this kind has happened yet.').waitFor();
  await inspect(page, 'console-events-none');
});
