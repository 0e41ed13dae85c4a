// Why somebody cannot sign in: an administrator asks the console by name, by address and by the number on the screen; and
// sends who needs it a mail with a link.
import assert from 'node:assert/strict';
import {createServer} from 'node:net';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, newPassword, signInWithPassword} from './support/pages.mjs';
import {account, openPortal} from './support/portal.mjs';
import {afterwards} from './support/processes.mjs';
import {Scim} from './support/scim.mjs';

/// A mail server that takes every mail, or refuses the recipients that `refuse` names.
async function openMailbox(t) {
  const mailbox = {mails: [], refuse: ''};
  const server = createServer((socket) => {
    let data = null;
    let rest = '';
    const say = (line) => socket.write(`${line}\r\n`);
    say('220 mail.example');
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      rest += piece.toString('utf8');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data !== null) {
          if (line !== '.') {
            data.push(line);
            continue;
          }
          mailbox.mails.push(data.join('\n'));
          data = null;
          say('250 taken');
        } else if (/^DATA/i.test(line)) {
          data = [];
          say('354 go on');
        } else if (/^RCPT/i.test(line) && mailbox.refuse !== '' && line.includes(mailbox.refuse)) {
          say('550 no such mailbox');
        } else if (/^QUIT/i.test(line)) {
          say('221 bye');
          socket.end();
        } else {
          say('250 mail.example');
        }
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => new Promise((resolve) => server.close(resolve)));
  mailbox.address = `smtp://127.0.0.1:${server.address().port}`;
  return mailbox;
}

async function openConsole(t, environment = {}) {
  const {doorward, simulator} = await openPortal(t, {environment});
  const {secret} = doorward.cli('scim-token', 'create', account, '--name', 'Entra');
  const scim = new Scim(doorward.url, secret);
  const page = await (await openBrowser(t, {bypassCSP: true})).newPage();
  await signInWithPassword(page, doorward, 'alice@contoso.example', newPassword(doorward, 'alice@contoso.example'));
  const go = (path) => page.goto(`${doorward.url}/console/${path}`);
  const employee = (email) => doorward.cli('employee', 'show', account, email);
  return {doorward, simulator, scim, page, go, employee};
}

const heading = (page, name) => page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
const button = (page, name) => page.getByRole('button', {name});
const answer = (page) => page.getByRole('region', {name: 'The answer'});

async function ask(page, words) {
  await page.getByLabel('Why can’t this person sign in?').fill(words);
  await button(page, 'Find out').click();
}

test('the directory switched somebody off: the employee’s page says who and when', async (t) => {
  const {page, go, scim} = await openConsole(t);
  const mia = await scim.createUser('mia@contoso.example', {given: 'Mia', family: 'Moreau'});
  await go(`employees/${mia}`);
  await answer(page).getByText('Nothing stands in the way').waitFor();
  await scim.call('PATCH', `/Users/${mia}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{op: 'replace', path: 'active', value: false}],
  });
  await go(`employees/${mia}`);
  await answer(page).getByText(/^Your directory \(“Entra”\) switched Mia Moreau off on .* Nothing is wrong here\.$/).waitFor();
  await answer(page).getByText('Account enabled').waitFor();
  await page.getByText('What holds now, and all that happened').click();
  await page.getByRole('table', {name: /^Sign-ins, changes/}).getByRole('row').nth(1).waitFor();
  await inspect(page, 'console-diagnosis-employee');
  await page.getByRole('table', {name: /^Sign-ins, changes/}).getByRole('link', {name: /request of your directory/}).first().click();
  await page.getByRole('heading', {level: 1}).waitFor();
});

test('a number on the screen, an address and a stranger are found', async (t) => {
  const {doorward, page, go} = await openConsole(t);
  const visitor = await (await openBrowser(t)).newPage();
  await visitor.goto(`${doorward.url}/saml/${account}/login?login_hint=chloe@contoso.example`);
  await visitor.getByRole('button', {name: 'Sign in'}).first().click();
  const reference = await visitor.getByText(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/).first().textContent();

  await go('audit');
  await ask(page, reference.toLowerCase().replace('-', ''));
  await heading(page, `Sign-in ${reference.toLowerCase().replace('-', '')}`);
  await answer(page).getByText(/was refused: /).waitFor();
  await page.getByRole('heading', {name: 'What is known of this person'}).waitFor();
  await inspect(page, 'console-diagnosis-reference');

  await go('sign-ins');
  await inspect(page, 'console-sign-ins-search');
  await ask(page, 'Nobody@Elsewhere.example');
  await heading(page, 'Why can’t Nobody@Elsewhere.example sign in?');
  await answer(page).getByText('Nobody here has the address or user name').waitFor();
  await answer(page).getByText('contoso.example').waitFor();
  await inspect(page, 'console-diagnosis-stranger');

  await go('');
  await ask(page, 'ben@contoso.example');
  await answer(page).getByText('Nothing stands in the way here, and no attempt of Ben Baker has arrived.').waitFor();
  await page.getByRole('link', {name: 'Ben Baker'}).click();
  await heading(page, 'Ben Baker');
});

test('an invitation goes out with the new employee, and a link to who forgot the password', async (t) => {
  const mailbox = await openMailbox(t);
  const {doorward, page, go} = await openConsole(t, {
    DOORWARD_MAIL_SERVER: mailbox.address,
    DOORWARD_MAIL_FROM: 'Portal <portal@contoso.example>',
  });
  const dialog = page.getByRole('dialog');
  await go('employees/new');
  await page.getByLabel('E-mail address').fill('eve@contoso.example');
  await page.getByLabel('Given name').fill('Eve');
  await button(page, 'Add employee').click();
  await heading(page, 'Eve is added');
  await button(page, 'Send an invitation now…').waitFor();
  await inspect(page, 'console-invitation-offered');
  await button(page, 'Send an invitation now…').click();
  await dialog.getByText('eve@contoso.example').waitFor();
  await dialog.getByText('within 7 days').waitFor();
  await inspect(page, 'console-invitation-asked');
  await button(dialog, 'Send the invitation').click();
  await page.getByText('The invitation is on its way to eve@contoso.example.').waitFor();
  await page.getByText('handed to the mail server').waitFor({timeout: 20_000});
  await inspect(page, 'console-invitation-sent');
  assert.equal(mailbox.mails.length, 1);
  assert.match(mailbox.mails[0], /eve@contoso\.example/);

  await page.getByRole('link', {name: 'Open the employee'}).click();
  await button(page, 'Send an invitation…').click();
  await button(dialog, 'Send the invitation').click();
  await page.getByText('less than five minutes ago').waitFor();

  // Somebody with a password gets another link; a mailbox that is not there is told.
  newPassword(doorward, 'ben@contoso.example');
  mailbox.refuse = 'ben@contoso.example';
  await go('employees');
  await page.getByRole('link', {name: 'ben@contoso.example'}).or(page.getByRole('link', {name: 'Ben Baker'})).first().click();
  await button(page, 'Send a link to choose a new password…').click();
  await dialog.getByText('within 24 hours').waitFor();
  await button(dialog, 'Send the link').click();
  await page.getByText('no such mailbox').first().waitFor({timeout: 20_000});
  await inspect(page, 'console-link-failed');
});

test('without a mail server and under single sign-on, the page says what happens instead', async (t) => {
  const {doorward, page, go} = await openConsole(t);
  await go('employees');
  await page.getByRole('link', {name: 'ben@contoso.example'}).or(page.getByRole('link', {name: 'Ben Baker'})).first().click();
  await page.getByText(/^doorward employee recovery-link contoso /).waitFor();
  await inspect(page, 'console-link-no-mail-server');
  const command = await page.getByText(/^doorward employee recovery-link contoso /).textContent();
  assert.match(doorward.cli(...command.split(' ').slice(1)).link, /\/access\?link=/);

  doorward.cli('sso', 'enable', account, '--reason', 'the setup is finished', '--force');
  const administrator = await (await openBrowser(t, {bypassCSP: true})).newPage();
  await administrator.goto(`${doorward.url}/saml/${account}/login?login_hint=alice@contoso.example`);
  await administrator.getByRole('button', {name: 'Sign in'}).first().click();
  await administrator.waitForURL(`${doorward.url}/`);
  await administrator.goto(page.url());
  await administrator.getByText('Nobody needs a password here').waitFor();
  assert.equal(await button(administrator, /new password/).count(), 0);
  await inspect(administrator, 'console-link-enforced');
});
