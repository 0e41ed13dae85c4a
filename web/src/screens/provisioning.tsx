import type {ComponentChildren} from 'preact';
import type {DepartureBatch, ProvisioningTokens, Pulse} from '../api';
import {Copyable} from '../dialogs';
import {address} from '../location';
import {Ago, Badge, count, Show, Table, Time, Title, useLoaded, useRefresh} from '../parts';
import {BrakeBanner, peopleOf} from './departures';
import {Tokens} from './provisioning_tokens';

const pages: [string[], string][] = [
  [[], 'Connection'],
  [['log'], 'Log'],
  [['settings'], 'Settings'],
];

/// The pages about provisioning.
export function ProvisioningPages({current}: {current: string}) {
  return (
    <nav class="pages" aria-label="Provisioning">
      {pages.map(([parts, name]) => (
        <a href={address('provisioning', ...parts)} aria-current={name === current ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

export function Provisioning() {
  const [pulse, retryPulse] = useLoaded<Pulse>('provisioning/pulse');
  const [tokens, retryTokens] = useLoaded<ProvisioningTokens>('provisioning/tokens');
  // The first request is worth waiting for: it says that the connection works.
  useRefresh(pulse.state === 'done' && pulse.value.state === 'waiting', retryPulse);
  const changed = () => {
    retryTokens();
    retryPulse();
  };
  return (
    <>
      <Title>Provisioning</Title>
      <ProvisioningPages current="Connection" />
      <Show loaded={pulse} retry={retryPulse}>
        {(value) => (
          <>
            {value.brakeOn && <BrakeBanner />}
            <PulseCard pulse={value} />
          </>
        )}
      </Show>
      <Show loaded={tokens} retry={retryTokens}>
        {(value) =>
          value.planAllows || value.tokens.length > 0 ? (
            <>
              <h2>Where your directory sends people</h2>
              <p>
                Paste the address into Microsoft Entra: <em>Enterprise applications</em> › your application › <em>Provisioning</em> ›{' '}
                <em>Admin credentials</em>.
              </p>
              <Copyable label="Tenant URL" value={value.tenantUrl} />
              <Tokens tokens={value} changed={changed} />
            </>
          ) : null
        }
      </Show>
      <PastDepartures />
    </>
  );
}

interface Words {
  tone: 'good' | 'bad' | 'calm';
  word: string;
  text: ComponentChildren;
}

function Failure({pulse}: {pulse: Pulse}) {
  if (!pulse.lastFailure) return null;
  return (
    <>
      {' '}
      <a href={address('provisioning', 'log', String(pulse.lastFailure.id))}>
        {pulse.lastFailure.summary || 'See the last failure'}
      </a>
    </>
  );
}

/// How provisioning is doing, in one sentence.
function wordsOf(pulse: Pulse): Words {
  const last = pulse.lastRequestAt && <Ago at={pulse.lastRequestAt} />;
  const changes = pulse.changed === 0 ? 'nothing changed' : count(pulse.changed, 'change');
  const failures = count(pulse.failed, 'request');
  switch (pulse.state) {
    case 'not-in-plan':
      return {
        tone: 'calm',
        word: 'Not available',
        text: 'Provisioning belongs to the Enterprise plan. Ask support to change the plan of this account.',
      };
    case 'not-set-up':
      return {
        tone: 'calm',
        word: 'Not set up yet',
        text: 'Create a token, then paste it with the tenant URL into your directory.',
      };
    case 'stopped':
      return {
        tone: 'bad',
        word: 'Stopped',
        text: 'No token is valid any more, so your directory cannot come in. Create a new one and paste it there.',
      };
    case 'waiting':
      return {
        tone: 'calm',
        word: 'Waiting for your directory',
        text: (
          <>
            Choose <em>Test Connection</em> there. The request appears in the{' '}
            <a href={address('provisioning', 'log')}>log</a> as it arrives.
          </>
        ),
      };
    case 'failing':
      return {
        tone: 'bad',
        word: 'Failing',
        text: (
          <>
            The last request, {last}, did not succeed.
            <Failure pulse={pulse} />
          </>
        ),
      };
    case 'silent':
      return {
        tone: 'calm',
        word: 'Silent',
        text: (
          <>
            The last request came {last}. That is normal when nothing changes in your directory; if something did, look
            there whether provisioning is paused or in quarantine.
          </>
        ),
      };
    case 'partly-failing':
      return {
        tone: 'bad',
        word: 'Working, with failures',
        text: (
          <>
            Last request {last}. In the last 24 hours {failures} failed, and there {pulse.changed === 1 ? 'was' : 'were'}{' '}
            {pulse.changed === 0 ? 'no changes' : changes}.<Failure pulse={pulse} />
          </>
        ),
      };
    case 'working':
      return {
        tone: 'good',
        word: 'Working',
        text: (
          <>
            Last request {last}. In the last 24 hours: {changes}, no failures.
          </>
        ),
      };
  }
}

/// The sentence, and what will need attention soon.
export function PulseCard({pulse, link = false}: {pulse: Pulse; link?: boolean}) {
  const {tone, word, text} = wordsOf(pulse);
  return (
    <section class={`pulse ${tone}`} aria-label="State of provisioning">
      <p>
        <strong>{word}.</strong> {text}
      </p>
      {pulse.tokens.map((token) => (
        <p class="hint">
          {token.reason === 'expires' && token.expiresAt ? (
            <>
              The token “{token.name}” expires <Ago at={token.expiresAt} />. Create a second one, paste it into your
              directory, then revoke this one.
            </>
          ) : (
            <>
              The token “{token.name}”, created <Ago at={token.createdAt} />, was never used.
            </>
          )}
        </p>
      ))}
      {link && (
        <p>
          <a href={address('provisioning')}>Go to provisioning</a>
        </p>
      )}
    </section>
  );
}

const states = {open: 'waiting for a decision', restored: 'restored', confirmed: 'confirmed'};

function PastDepartures() {
  const [loaded, retry] = useLoaded<{batches: DepartureBatch[]}>('departure-batches');
  return (
    <Show loaded={loaded} retry={retry}>
      {({batches}) =>
        batches.length === 0 ? null : (
          <>
            <h2>When many left at once</h2>
            <Table
              caption="Times when many employees left at once, newest first"
              columns={['When', 'Who left', 'Decision', 'More']}
              empty=""
              rows={batches.map((batch) => [
                <Time at={batch.openedAt} />,
                count(peopleOf(batch), 'employee'),
                <>
                  <Badge tone={batch.state === 'open' ? 'bad' : 'calm'}>{states[batch.state]}</Badge>
                  {batch.closedBy !== '' && ` by ${batch.closedBy}`}
                </>,
                <a href={address('provisioning', 'departures', batch.id)}>
                  Details<span class="for-readers"> of these departures</span>
                </a>,
              ])}
            />
          </>
        )
      }
    </Show>
  );
}
