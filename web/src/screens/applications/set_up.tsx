// What an application's own side needs from here, and whether it works.
import {useEffect, useMemo, useState} from 'preact/hooks';
import type {Application, Discovery, Grant} from '../../applications';
import {keepsSecrets, usesOpenId} from '../../applications';
import {Copyable, CopyButton} from '../../dialogs';
import {address} from '../../location';
import {Ago, useLoaded, useRefresh} from '../../parts';
import type {Snippet} from '../../snippets';
import {discoveryUrl, homeOf, openIdSnippets, proxySnippets, serviceSnippets} from '../../snippets';
import type {PageProps} from './frame';
import {applicationAddress} from './pages';
import {Secrets} from './secrets';

export function SetUpPage({application, reload}: PageProps) {
  const {kind} = application;
  return (
    <>
      {usesOpenId(kind) && <OpenIdValues application={application} reload={reload} />}
      {kind === 'service' && <ServiceValues application={application} reload={reload} />}
      {kind === 'proxy' && <ProxyValues application={application} />}
      <FirstUse application={application} />
    </>
  );
}

/// Where things are, as this server itself says; nothing until it has answered, or when it did not.
function useDiscovery(): {state: 'asked' | 'failed'; found: null} | {state: 'found'; found: Discovery} {
  const [answer, setAnswer] = useState<Discovery | 'asked' | 'failed'>('asked');
  useEffect(() => {
    let current = true;
    fetch('/.well-known/openid-configuration', {headers: {Accept: 'application/json'}})
      .then(async (response) => (response.ok ? ((await response.json()) as Discovery) : 'failed'))
      .catch(() => 'failed' as const)
      .then((value) => current && setAnswer(value));
    return () => {
      current = false;
    };
  }, []);
  return typeof answer === 'string' ? {state: answer, found: null} : {state: 'found', found: answer};
}

function OpenIdValues({application, reload}: {application: Application; reload: () => void}) {
  const {state, found} = useDiscovery();
  const random = useMemo(randomText, []);
  const redirect = application.redirect_uris[0];
  return (
    <>
      <h2>Values for the application</h2>
      <p>Most software asks for these, and finds out everything else by itself:</p>
      <section class="card" aria-label="Values for the application">
        <Copyable label="Issuer" value={application.issuer} />
        <Copyable label="Client ID" value={application.client_id} />
        {keepsSecrets(application.kind) ? (
          !application.of_all_accounts && <Secrets application={application} changed={reload} />
        ) : (
          <p>It has no secret. It must use PKCE (method S256), as every library for such apps does by itself.</p>
        )}
      </section>
      <details>
        <summary>If it asks for more</summary>
        <Copyable label="Discovery URL" value={discoveryUrl(application.issuer)} />
        {found !== null && (
          <>
            <Copyable label="Authorization endpoint" value={found.authorization_endpoint} />
            <Copyable label="Token endpoint" value={found.token_endpoint} />
            {found.userinfo_endpoint !== undefined && <Copyable label="Userinfo endpoint" value={found.userinfo_endpoint} />}
            <Copyable label="Signing keys (JWKS URI)" value={found.jwks_uri} />
            {found.end_session_endpoint !== undefined && (
              <Copyable label="Sign-out (end session) endpoint" value={found.end_session_endpoint} />
            )}
          </>
        )}
        {state === 'failed' && <p class="problem">The discovery URL does not answer from here. Ask whoever runs this server.</p>}
        {redirect !== undefined && <Copyable label="Redirect URI" value={redirect} />}
        <Copyable label="Scope" value={application.scope} />
        <p class="hint">
          Response type: code. PKCE: S256. ID tokens are signed with {application.id_token_algorithm}. The claim <code>sub</code> is a
          lasting id of the employee: use it, and not the e-mail address, to recognise people.
        </p>
      </details>
      <Snippets snippets={openIdSnippets(application, random)} />
    </>
  );
}

function ServiceValues({application, reload}: {application: Application; reload: () => void}) {
  const {state, found} = useDiscovery();
  const endpoint = found?.token_endpoint ?? `${application.issuer}/oauth2/token`;
  return (
    <>
      <h2>Values for the service</h2>
      <p>It shows its ID and secret at the token endpoint, and gets an access token for an hour.</p>
      <section class="card" aria-label="Values for the service">
        {state !== 'asked' && <Copyable label="Token endpoint" value={endpoint} />}
        <Copyable label="Client ID" value={application.client_id} />
        <Copyable label="Scope" value={application.scope} />
        <Secrets application={application} changed={reload} />
      </section>
      <Snippets snippets={serviceSnippets(application, endpoint)} />
    </>
  );
}

function ProxyValues({application}: {application: Application}) {
  return (
    <>
      <h2>In your reverse proxy</h2>
      <p>
        Before each request your proxy asks this server who it is from. Whoever is signed in and may use the page gets it, and
        the page reads in the header <code>X-Auth-User</code> who that is; others are sent to sign in. Paths below{' '}
        <code>/.doorward/</code> belong to this server.
      </p>
      <p class="attention">
        Make sure that nobody reaches the page but through the proxy: it believes these headers, whoever sends them.
      </p>
      {application.origins.length > 0 && <Snippets snippets={proxySnippets(application)} />}
      {application.origins.length > 1 && (
        <p class="hint">This is for {application.origins[0]}. Write the same for each of the other addresses.</p>
      )}
      <p class="hint">
        The configurations reach this server at its public address. If a proxy stands before that which sets X-Forwarded-Host
        itself, write the address at which this server listens, for example http://127.0.0.1:8080.
      </p>
    </>
  );
}

const randomText = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/// Ready configurations, one at a time.
function Snippets({snippets}: {snippets: Snippet[]}) {
  const [chosen, setChosen] = useState(snippets[0]?.name ?? '');
  const shown = snippets.find(({name}) => name === chosen) ?? snippets[0];
  if (shown === undefined) return null;
  return (
    <>
      <h2>{snippets.length === 1 ? 'Ready to copy' : 'Ready to copy: which software is it?'}</h2>
      {snippets.length > 1 && (
        <div class="buttons" role="group" aria-label="Software">
          {snippets.map(({name}) => (
            <button type="button" class="small" aria-pressed={name === shown.name} onClick={() => setChosen(name)}>
              {name}
            </button>
          ))}
        </div>
      )}
      <p class="where">{shown.where}</p>
      <pre tabIndex={0} aria-label={`Configuration for ${shown.name}`}>
        {shown.text}
      </pre>
      <CopyButton value={shown.text} words="Copy the configuration" />
    </>
  );
}

/// The test that counts: somebody signs in at the application itself. The page notices.
function FirstUse({application}: {application: Application}) {
  const path = `applications/${encodeURIComponent(application.client_id)}/usage`;
  const [loaded, refresh] = useLoaded<{grants: Grant[]}>(path, {limit: '1'});
  const newest = loaded.state === 'done' ? loaded.value.grants[0] : undefined;
  const ready = loaded.state === 'done';
  useRefresh(ready && newest === undefined, refresh);
  const home = homeOf(application);
  const service = application.kind === 'service';
  return (
    <>
      <h2>Test it</h2>
      <div role="status">
        {ready && newest === undefined && (
          <section class="pulse" aria-label="State of the application">
            <p>
              <strong>{service ? 'Waiting for the first token.' : 'Waiting for the first sign-in.'}</strong>{' '}
              {service
                ? 'Let the service get a token, or run the commands above. It appears here as it happens.'
                : 'Open the application and sign in there. It appears here as it happens, and changes nothing for others.'}
            </p>
          </section>
        )}
        {newest !== undefined && (
          <section class="pulse good" aria-label="State of the application">
            <p>
              <strong>It works.</strong> {service ? 'It last used a token' : `${newest.employee?.name ?? 'Somebody'} used it`}{' '}
              <Ago at={newest.last_used_at} />
              {newest.device !== '' && `, ${newest.device}`}. <a href={applicationAddress(application.client_id, 'use')}>See all use</a>
            </p>
          </section>
        )}
      </div>
      {!service && home !== '' && (
        <p>
          <a class="button" href={home} target="_blank" rel="noreferrer">
            Open {home.replace(/^https?:\/\//, '')}
            <span class="for-readers"> (opens in a new tab)</span>
          </a>
        </p>
      )}
      {!service && (
        <p class="hint">
          If this server refuses, its page says why in one sentence, and you find the reference number under{' '}
          <a href={address('sign-ins')}>Sign-ins</a>.{' '}
          {application.kind === 'proxy'
            ? 'If the page opens without asking, the proxy does not use the configuration yet.'
            : 'If the application itself shows an error after signing in, compare its client ID, its secret, and its redirect URI with the values above.'}
        </p>
      )}
    </>
  );
}
