// What keeps sign-ins alive after the setup: fresh metadata, certificates that do not end unnoticed, keys that change.
import {useState} from 'preact/hooks';
import type {Connection, ConnectionList, EndingCertificate, MetadataRefresh, OwnKey} from '../api';
import {send} from '../api';
import {Confirm, Copyable} from '../dialogs';
import {address} from '../location';
import {Ago, Badge, Done, Marked, Problem, Show, Time, useAction, useLoaded} from '../parts';
import type {ServiceProvider} from '../setup';

const day = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium'});

const titles: Record<EndingCertificate['use'], string> = {
  provider: 'The certificate of your identity provider',
  signing: 'Doorward’s own certificate for signing',
  encryption: 'Doorward’s own certificate for encrypted answers',
};

function Ending({certificate}: {certificate: EndingCertificate}) {
  return (
    <section class="problem" aria-label="A certificate ends">
      <p>
        <strong>
          {titles[certificate.use]} {certificate.ended ? 'ended' : 'ends'} on {day.format(new Date(certificate.endsAt))}.
        </strong>
      </p>
      <p>
        <Marked text={certificate.message} />
      </p>
    </section>
  );
}

const attention: Partial<Record<MetadataRefresh['verdict'], string>> = {
  held: 'Your identity provider changed, and you have to decide.',
  failed: 'The metadata of your identity provider cannot be fetched.',
};

/// Everything about connections that an administrator has to do something about. `link`: to where it is done.
export function UpkeepBanners({list, link = false}: {list: ConnectionList; link?: boolean}) {
  const waiting = list.connections.filter(({refresh}) => refresh && attention[refresh.verdict] !== undefined);
  return (
    <>
      {list.ending.map((certificate) => (
        <Ending certificate={certificate} />
      ))}
      {link &&
        waiting.map(({name, refresh}) => (
          <section class="problem" aria-label={`Connection ${name} needs attention`}>
            <p>
              <strong>{attention[refresh!.verdict]}</strong> Employees sign in as before for now.
            </p>
            <p>
              <a class="button" href={address('security')}>
                See connection {name}
              </a>
            </p>
          </section>
        ))}
    </>
  );
}

const badges: Record<MetadataRefresh['verdict'], {tone: 'good' | 'bad' | 'calm'; word: string}> = {
  none: {tone: 'calm', word: 'not yet'},
  unchanged: {tone: 'good', word: 'up to date'},
  changed: {tone: 'good', word: 'up to date'},
  held: {tone: 'bad', word: 'waits for you'},
  failed: {tone: 'bad', word: 'failed'},
};

function Outcome({refresh}: {refresh: MetadataRefresh}) {
  const {tone, word} = badges[refresh.verdict];
  return (
    <>
      <p>
        Fetched again <Ago at={refresh.at} /> <Badge tone={tone}>{word}</Badge>
        <span class="hint">
          {' '}
          Next time: <Time at={refresh.dueAt} />
        </span>
      </p>
      {refresh.changes.length > 0 && (
        <ul class="points">
          {refresh.changes.map((change) => (
            <li>{change}</li>
          ))}
        </ul>
      )}
      {refresh.problem !== '' && (
        <p class="attention">
          <Marked text={refresh.problem} />
          {refresh.failingSince !== null && (
            <>
              {' '}
              It has failed since <Time at={refresh.failingSince} />. Employees sign in as before; it is tried again every hour.
            </>
          )}
        </p>
      )}
    </>
  );
}

/// How the metadata of a connection stays fresh, and *Refresh now*.
export function Refreshing({connection, done}: {connection: Connection; done: () => void}) {
  const {busy, error, run} = useAction();
  const [said, setSaid] = useState('');
  const [accepting, setAccepting] = useState(false);
  const {refresh = null, name} = connection;
  const fetchAgain = (accept: string) =>
    void run(async () => {
      setSaid('');
      const answer = await send<{refresh: MetadataRefresh}>('POST', 'connections/refresh', {connection: name, accept});
      setAccepting(false);
      if (answer.refresh.verdict === 'unchanged') setSaid('Fetched again: nothing is new.');
      if (answer.refresh.verdict === 'changed') setSaid('Fetched again: what is new was taken over.');
      done();
    });
  if (connection.metadataUrl === '') {
    return (
      <p class="hint">
        This connection was made from a file, so a new certificate has to be given by hand:{' '}
        <a href={address('security', 'setup', 'connection')}>Service URL and check</a>
      </p>
    );
  }
  return (
    <>
      <h4>Metadata</h4>
      {refresh === null ? <p>Fetched every day by itself; new certificates count from then on.</p> : <Outcome refresh={refresh} />}
      {error && !accepting && <Problem error={error} />}
      <div class="buttons">
        <button type="button" onClick={() => fetchAgain('')} disabled={busy}>
          {busy ? 'Fetching…' : 'Refresh now'}
        </button>
        {refresh !== null && refresh.held !== '' && (
          <button type="button" class="danger-line" onClick={() => setAccepting(true)} disabled={busy}>
            Accept the new address…
          </button>
        )}
      </div>
      <Done>{said}</Done>
      {accepting && refresh !== null && (
        <Confirm
          title="Accept the new sign-in address?"
          yes="Accept it"
          tone="danger"
          busy={busy}
          error={error}
          close={() => setAccepting(false)}
          act={() => fetchAgain(refresh.held)}
        >
          <p>
            <Marked text={refresh.problem} />
          </p>
          <p>From then on, everybody who signs in through {name} types their password there.</p>
        </Confirm>
      )}
    </>
  );
}

const purposes: Record<OwnKey['purpose'], string> = {signing: 'Signs requests', encryption: 'Opens encrypted answers'};

function KeyList({keys}: {keys: OwnKey[]}) {
  return (
    <dl>
      {keys.map((key) => (
        <>
          <dt>{purposes[key.purpose]}</dt>
          <dd>
            <code>{key.thumbprint}</code>{' '}
            {key.state === 'next' && <Badge tone="calm">new, published</Badge>}
            {key.state === 'current' && <Badge tone="good">in use</Badge>}
            {key.state === 'retiring' && <Badge tone="calm">old</Badge>}
            <br />
            {key.deletedAt !== null ? (
              <>
                is deleted on <Time at={key.deletedAt} />
              </>
            ) : (
              key.notAfter !== null && (
                <>
                  valid until <Time at={key.notAfter} />
                </>
              )
            )}
          </dd>
        </>
      ))}
    </dl>
  );
}

type Asking = 'confirm' | 'cancel' | null;

/// The account's own keys, and how they change without locking anybody out.
export function OwnKeys() {
  const [loaded, retry] = useLoaded<{keys: OwnKey[]; overlapDays: number}>('own-keys');
  const [provider] = useLoaded<ServiceProvider>('connections/service-provider');
  const {busy, error, run} = useAction();
  const [asking, setAsking] = useState<Asking>(null);
  const [said, setSaid] = useState('');
  const step = (name: string, words: string) =>
    void run(async () => {
      setSaid('');
      await send('POST', 'own-keys/rotation', {step: name});
      setAsking(null);
      setSaid(words);
      retry();
    });
  return (
    <details class="card">
      <summary>Doorward’s own keys</summary>
      <Show loaded={loaded} retry={retry}>
        {({keys, overlapDays}) => {
          const next = keys.filter(({state}) => state === 'next');
          const old = keys.filter(({state}) => state === 'retiring');
          return (
            <>
              <p>
                With these, Doorward signs what it sends to your identity provider and opens what is encrypted for it. They last
                ten years; change them earlier when your company’s rules ask for it.
              </p>
              <KeyList keys={keys} />
              {error && asking === null && <Problem error={error} />}
              {next.length === 0 ? (
                <div class="buttons">
                  <button
                    type="button"
                    disabled={busy}
                    onClick={() => step('begin', 'The new keys are published beside the current ones. Give them to your provider now.')}
                  >
                    Start new keys
                  </button>
                  {old.length > 0 && (
                    <button
                      type="button"
                      disabled={busy}
                      onClick={() => step('keep', `The old keys stay for another ${overlapDays} days.`)}
                    >
                      Keep the old keys {overlapDays} more days
                    </button>
                  )}
                </div>
              ) : (
                <>
                  <h4>Give the new keys to your provider</h4>
                  <ol class="instructions">
                    <li>
                      In Entra, open your application. Where it uses <em>Token encryption</em>, import the certificate for
                      encrypted answers there and activate it; where it verifies signed requests (<em>Verification certificates</em>{' '}
                      under <em>Single sign-on</em>), add the one for signing. A provider that reads metadata needs only its address.
                    </li>
                    <li>Try a sign-in: both the current and the new keys work now.</li>
                    <li>Come back and confirm. Only then Doorward signs with the new key.</li>
                  </ol>
                  {provider.state === 'done' && <Copyable label="Metadata of Doorward" value={provider.value.metadataUrl} />}
                  {next.map((key) => (
                    <Copyable
                      label={key.purpose === 'signing' ? 'New certificate for signing' : 'New certificate for encrypted answers'}
                      value={key.certificate}
                    />
                  ))}
                  <div class="buttons">
                    <button type="button" class="primary" disabled={busy} onClick={() => setAsking('confirm')}>
                      My provider has the new keys…
                    </button>
                    <button type="button" disabled={busy} onClick={() => setAsking('cancel')}>
                      Give up the change…
                    </button>
                  </div>
                </>
              )}
              <Done>{said}</Done>
              {asking === 'confirm' && (
                <Confirm
                  title="Does your provider have the new keys?"
                  yes="Use the new keys"
                  tone="primary"
                  busy={busy}
                  error={error}
                  close={() => setAsking(null)}
                  act={() => step('confirm', 'The new keys are in use.')}
                >
                  <p>
                    Doorward signs with the new key from now on. A provider that verifies requests and does not know it refuses
                    every sign-in.
                  </p>
                  <p>
                    Encrypted answers are opened with the old key for {overlapDays} more days. You get a mail a week before it is
                    deleted.
                  </p>
                </Confirm>
              )}
              {asking === 'cancel' && (
                <Confirm
                  title="Give up the change?"
                  yes="Give it up"
                  tone="primary"
                  busy={busy}
                  error={error}
                  close={() => setAsking(null)}
                  act={() => step('cancel', 'The current keys stay in use. The new ones are published no more.')}
                >
                  <p>
                    The current keys stay in use. What was encrypted with the new one is opened for {overlapDays} more days, in case
                    your provider uses it already.
                  </p>
                </Confirm>
              )}
            </>
          );
        }}
      </Show>
    </details>
  );
}
