import type {ConnectionList, Domain, Pulse, Session} from '../api';
import {address} from '../location';
import {Badge, Show, Title, useLoaded} from '../parts';
import {proofNames} from '../setup';
import {ConnectionCard} from './connection_card';
import {WhySearch} from './diagnosis';
import {BrakeBanner} from './departures';
import {PulseCard} from './provisioning';
import {UpkeepBanners} from './upkeep';

export function Overview({session}: {session: Session}) {
  const [connections, retryConnections] = useLoaded<ConnectionList>('connections');
  const [pulse, retryPulse] = useLoaded<Pulse>('provisioning/pulse');
  const [domains, retryDomains] = useLoaded<{domains: Domain[]}>('domains');
  return (
    <>
      <Title>{session.account.name}</Title>
      <p>
        Signed in as {session.employee.displayName}. <a href="/">Back to your home page</a>
      </p>
      {pulse.state === 'done' && pulse.value.brakeOn && <BrakeBanner />}
      {connections.state === 'done' && <UpkeepBanners list={connections.value} link />}
      <h2>Connections</h2>
      <Show loaded={connections} retry={retryConnections}>
        {(loaded) =>
          loaded.connections.length === 0 ? (
            <p class="empty">
              No identity provider is connected yet. <a href={address('security')}>Set up SSO and SCIM</a>
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
                  <Badge tone="calm">{proofNames[domain.proof]}</Badge>
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
      <p>Ask for the reference number on their screen, or for the e-mail address.</p>
      <WhySearch />
    </>
  );
}
