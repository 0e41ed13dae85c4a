import type {Connection, Domain, Pulse, Session} from '../api';
import {address} from '../location';
import {Badge, Show, Time, Title, useLoaded} from '../parts';
import {BrakeBanner} from './departures';
import {PulseCard} from './provisioning';

export function Overview({session}: {session: Session}) {
  const [connections, retryConnections] = useLoaded<{connections: Connection[]}>('connections');
  const [pulse, retryPulse] = useLoaded<Pulse>('provisioning/pulse');
  const [domains, retryDomains] = useLoaded<{domains: Domain[]}>('domains');
  return (
    <>
      <Title>{session.account.name}</Title>
      <p>
        Signed in as {session.employee.displayName}. <a href="/">Back to your home page</a>
      </p>
      {pulse.state === 'done' && pulse.value.brakeOn && <BrakeBanner />}
      <h2>Connections</h2>
      <Show loaded={connections} retry={retryConnections}>
        {(loaded) =>
          loaded.connections.length === 0 ? (
            <p class="empty">
              No identity provider is connected yet. Support connects one with{' '}
              <code>doorward saml set-metadata {session.account.slug} --url …</code>
            </p>
          ) : (
            <>
              {loaded.connections.map((connection) => (
                <ConnectionCard connection={connection} />
              ))}
            </>
          )
        }
      </Show>
      <h2>Domains</h2>
      <Show loaded={domains} retry={retryDomains}>
        {(loaded) =>
          loaded.domains.length === 0 ? (
            <p class="empty">No domain yet. Without one, nobody’s e-mail address leads to single sign-on.</p>
          ) : (
            <ul class="plain">
              {loaded.domains.map((domain) => (
                <li>
                  {domain.name}{' '}
                  <Badge tone="calm">{domain.proof === 'dns' ? 'proven by DNS' : 'added by support'}</Badge>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
      <h2>Provisioning</h2>
      <Show loaded={pulse} retry={retryPulse}>
        {(value) => <PulseCard pulse={value} link />}
      </Show>
      <h2>When somebody cannot sign in</h2>
      <p>
        Ask for the reference number on their screen and look it up under <a href={address('sign-ins')}>Sign-ins</a>.
      </p>
    </>
  );
}

function ConnectionCard({connection}: {connection: Connection}) {
  return (
    <section class="card">
      <h3>
        {connection.name}{' '}
        <Badge tone={connection.active ? 'good' : 'bad'}>{connection.active ? 'active' : 'switched off'}</Badge>
        {connection.allowSha1 && (
          <>
            {' '}
            <Badge tone="bad">SHA-1 allowed: unsafe</Badge>
          </>
        )}
      </h3>
      <dl>
        <dt>Entity ID</dt>
        <dd>{connection.entityId}</dd>
        {connection.metadataUrl !== '' && (
          <>
            <dt>Metadata URL</dt>
            <dd>{connection.metadataUrl}</dd>
          </>
        )}
        {connection.certificates.map((certificate) => {
          const expired = Date.parse(certificate.notAfter) < Date.now();
          return (
            <>
              <dt>Certificate</dt>
              <dd>
                <code>{certificate.thumbprint}</code>
                <br />
                {expired ? <Badge tone="bad">expired</Badge> : 'valid'} until <Time at={certificate.notAfter} />
              </dd>
            </>
          );
        })}
      </dl>
    </section>
  );
}
