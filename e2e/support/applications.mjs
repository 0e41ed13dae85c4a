// Applications that rely on Doorward: a small web server that people come back to, and openid-client.
import {createServer} from 'node:http';
import {custom, generators, Issuer} from 'openid-client';
import {afterwards, freePort} from './processes.mjs';
import {account} from './portal.mjs';

// Its own patience of 3.5 seconds is for machines that have nothing else to do.
custom.setHttpOptionsDefaults({timeout: 60_000});

/// A server that answers every address with a page that says which, and remembers what it was asked.
export async function openApplication(t) {
  const port = await freePort();
  const requests = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      const {pathname, search} = new URL(request.url, 'http://localhost');
      if (pathname !== '/favicon.ico') requests.push({method: request.method, url: request.url, body});
      response.setHeader('Content-Type', 'text/html');
      response.end(`<!doctype html><title>Application</title><h1>Back at ${pathname}</h1><p>${search === '' ? '' : 'with an answer'}`);
    });
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  afterwards(t, () => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  }));
  const url = `http://localhost:${port}`;
  return {url, callback: `${url}/callback`, bye: `${url}/bye`, requests, last: () => requests.at(-1)};
}

/// Registers an application; `options` are those of the command. Gives its id, and its secret if it has one.
export function register(doorward, name, kind, options) {
  const words = Object.entries(options).flatMap(([option, values]) =>
    [values].flat().flatMap((value) => [`--${option}`, value]));
  const {application, secret} = doorward.cli('application', 'create', account, name, '--kind', kind, ...words);
  return {client_id: application.client_id, client_secret: secret};
}

/// One sign-in by openid-client: the address to go to, and how to finish with what came back.
export class RelyingParty {
  static async discover(doorward, application, registered, metadata = {}, jwks) {
    const party = new RelyingParty();
    party.issuer = await Issuer.discover(doorward.url);
    party.client = new party.issuer.Client(
      {...registered, redirect_uris: [application.callback], post_logout_redirect_uris: [application.bye],
        response_types: ['code'], ...metadata}, jwks);
    party.application = application;
    return party;
  }

  parameters(wishes = {}) {
    this.checks = {code_verifier: generators.codeVerifier(), state: generators.state(), nonce: generators.nonce(),
      response_type: 'code'};
    return {
      scope: 'openid profile email',
      code_challenge: generators.codeChallenge(this.checks.code_verifier),
      code_challenge_method: 'S256',
      state: this.checks.state,
      nonce: this.checks.nonce,
      ...wishes,
    };
  }

  begin(wishes) {
    return this.client.authorizationUrl(this.parameters(wishes));
  }

  /// What came back last, exchanged; throws what openid-client finds wrong, also an answer that is an error.
  finish(checks = {}) {
    const {callback} = this.application;
    return this.client.callback(callback, this.client.callbackParams(this.application.last()), {...this.checks, ...checks});
  }
}

/// From wherever the browser was sent for a sign-in, through the company's provider.
export async function signInAtProvider(page) {
  await page.getByRole('button', {name: 'Sign in'}).first().click();
}
