// An administrator sets up sign-in for the mobile app: what Entra gets, what comes back from it, and what is wrong with it.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openBrowser} from './support/browser.mjs';
import {inspect, letIn} from './support/pages.mjs';
import {openPortal} from './support/portal.mjs';

const administrator = 'alice@contoso.example';
const bundle = 'com.contoso.portal';
const hash = 'VzSiQcXRmi2kyjzcA+mYLEtbGVs=';
const settings = {
  DOORWARD_MOBILE_IOS_BUNDLE_ID: bundle,
  DOORWARD_MOBILE_ANDROID_PACKAGE: bundle,
  DOORWARD_MOBILE_ANDROID_SIGNATURE_HASHES: hash,
};

/// An administrator who has started the setup with Entra as the provider.
async function openSetup(t, environment = {}) {
  const portal = await openPortal(t, {environment});
  const {doorward} = portal;
  const browser = await openBrowser(t, {bypassCSP: true});
  const page = await browser.newPage();
  await letIn(page, doorward, administrator);
  const go = (path) => page.goto(`${doorward.url}/console/${path}`);
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
  return {...portal, page, go, api};
}

const heading = (page, name) => page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
const button = (page, name) => page.getByRole('button', {name, exact: true});
const dialog = (page) => page.getByRole('dialog');
const copied = (page, label) => page.getByRole('group', {name: label, exact: true}).first().textContent();
const rail = (page, name) => page.getByRole('navigation', {name: 'Steps of the setup'}).getByRole('link', {name});

test('without an app the setup leads past the page, which says why', async (t) => {
  const {page, go} = await openSetup(t);
  await go('security/setup/department');
  await heading(page, 'Default department');
  await rail(page, /Mobile app.*Not offered by this server/).waitFor();
  await page.getByRole('link', {name: /^(Skip for now|Continue) to Test$/}).waitFor();
  await rail(page, /Mobile app/).click();
  await heading(page, 'Mobile app');
  await page.getByText('This server has no mobile app.').waitFor();
  await page.getByText('mobile.ios_bundle_id').waitFor();
  await inspect(page, 'console-mobile-none');
  await page.getByRole('link', {name: /^Continue to Test$/}).click();
  await heading(page, 'Test');
});

test('the app is set up for both systems, and removed', async (t) => {
  const {page, go, api} = await openSetup(t, settings);
  const {app} = (await api('GET', 'setup/mobile')).body;
  assert.equal(app.ios_bundle_id, bundle);
  const [androidRedirect] = app.android_redirects;
  await go('security/setup/department');
  await page.getByRole('link', {name: /^(Skip for now|Continue) to Mobile app$/}).click();
  await heading(page, 'Mobile app');
  await rail(page, /Mobile app.*You are here · Optional/).waitFor();
  await page.getByText('This is optional').waitFor();
  assert.equal(await copied(page, 'Bundle ID'), bundle);
  assert.equal(await copied(page, 'Package name'), bundle);
  assert.equal(await copied(page, 'Signature hash'), hash);
  await button(page, 'Check').click();
  await page.getByText('Nothing to check yet').waitFor();
  await inspect(page, 'console-mobile');

  // Everything that is wrong is said at once, and nothing is saved.
  await page.getByLabel('Redirect URI for iOS').fill('msauth.com.contoso.another://auth');
  await page.getByLabel('MSAL Configuration for Android').fill('{"client_id": "6731de76"');
  await button(page, 'Check').click();
  await page.getByRole('heading', {name: /things? to fix/}).waitFor();
  await inspect(page, 'console-mobile-wrong');
  assert.equal(await button(page, 'Save').count(), 0);
  assert.equal((await api('GET', 'setup/mobile')).body.setup, null);

  const {connections} = (await api('GET', 'connections')).body;
  const tenant = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(connections[0].entityId)[0];
  const configuration = {
    client_id: '6731de76-14a6-49ae-97bc-6eba6914391e',
    authorization_user_agent: 'DEFAULT',
    redirect_uri: androidRedirect,
    authorities: [{type: 'AAD', audience: {type: 'AzureADMyOrg', tenant_id: tenant}}],
  };
  await page.getByLabel('Redirect URI for iOS').fill(`msauth.${bundle}://auth`);
  await page.getByLabel('MSAL Configuration for Android').fill(JSON.stringify(configuration, null, 2));
  await button(page, 'Check').click();
  await page.getByRole('heading', {name: 'Everything is right: save it'}).waitFor();
  await inspect(page, 'console-mobile-right');
  await button(page, 'Save').click();
  await page.getByText('Employees can sign in to the mobile app now.').waitFor();
  await rail(page, /Mobile app.*Done/).waitFor();
  await inspect(page, 'console-mobile-saved');
  assert.equal((await api('GET', 'setup/mobile')).body.setup.client_id, configuration.client_id);

  // It can be changed later, without the rest of the setup.
  await go('security/mobile');
  await heading(page, 'Mobile app');
  await button(page, 'Change').click();
  assert.equal(await page.getByLabel('Redirect URI for iOS').inputValue(), `msauth.${bundle}://auth`);
  await button(page, 'Check').click();
  await page.getByRole('heading', {name: 'Everything is right: save it'}).waitFor();
  await button(page, 'Cancel').click();
  await button(page, 'Remove…').click();
  await dialog(page).getByText('It can be undone').waitFor();
  await inspect(page, 'console-mobile-remove');
  await button(dialog(page), 'Remove').click();
  await page.getByText('The mobile app is not set up any more.').waitFor();
  assert.equal((await api('GET', 'setup/mobile')).body.setup, null);
});
