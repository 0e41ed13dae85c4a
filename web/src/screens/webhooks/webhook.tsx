// One webhook: how its deliveries do, and what can be done about them.
import {useCallback, useState} from 'preact/hooks';
import {send} from '../../api';
import {Confirm} from '../../dialogs';
import {isChangedMeanwhile} from '../../edited';
import {address, go} from '../../location';
import {Ago, Badge, count, Done, More, Problem, Show, Table, Time, Title, useAction, useLoaded, usePages, useRefresh} from '../../parts';
import type {Delivery, EventType, Webhook} from '../../webhooks';
import {problemWords, testEvent, wants} from '../../webhooks';
import {WebhookForm} from './form';
import {WebhookState} from './list';
import {SigningSecret} from './secret';

export function WebhookScreen({id}: {id: string}) {
  const path = `webhooks/${encodeURIComponent(id)}`;
  const [loaded, reload] = useLoaded<Webhook>(path);
  const [done, setDone] = useState('');
  const [editing, setEditing] = useState(false);
  const changed = (words: string) => {
    void reload().then(() => setDone(words));
  };
  return (
    <>
      <p>
        <a href={address('applications', 'webhooks')}>All webhooks</a>
      </p>
      <Title>{loaded.state === 'done' ? hostOf(loaded.value.url) : 'Webhook'}</Title>
      <Show loaded={loaded} retry={reload}>
        {(webhook) =>
          editing ? (
            <WebhookForm
              initial={webhook}
              submit="Save changes"
              save={async (fields) => {
                try {
                  await send('PUT', path, {...fields, active: webhook.active, version: webhook.version});
                } catch (caught) {
                  // The form keeps what was typed; the next attempt is made from what it is now.
                  if (isChangedMeanwhile(caught)) reload();
                  throw caught;
                }
                setEditing(false);
                changed('Saved. It holds for what happens from now on.');
              }}
            >
              <button type="button" onClick={() => setEditing(false)}>
                Cancel
              </button>
            </WebhookForm>
          ) : (
            <>
              <p>
                <WebhookState webhook={webhook} />
              </p>
              <Done>{done}</Done>
              <Actions webhook={webhook} path={path} changed={changed} edit={() => setEditing(true)} />
              <Facts webhook={webhook} path={path} changed={changed} />
              <Deliveries webhook={webhook} path={path} reload={reload} />
            </>
          )
        }
      </Show>
    </>
  );
}

const hostOf = (url: string) => {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
};

function Facts({webhook, path, changed}: {webhook: Webhook; path: string; changed: (words: string) => void}) {
  const [types] = useLoaded<{types: EventType[]}>('event-types');
  const told = types.state === 'done' ? types.value.types.filter(({name}) => name !== testEvent && wants(webhook, name)) : [];
  return (
    <dl>
      <dt>Address</dt>
      <dd>{webhook.url}</dd>
      <dt>Told of</dt>
      <dd>
        {webhook.event_types.length === 0 ? (
          'everything'
        ) : told.length === 0 ? (
          webhook.event_types.join(', ')
        ) : (
          <ul class="plain tight">
            {told.map(({name, help}) => (
              <li>
                {help} <code class="hint">{name}</code>
              </li>
            ))}
          </ul>
        )}
      </dd>
      <dt>Signing secret</dt>
      <dd>
        <SigningSecret webhook={webhook} path={path} changed={changed} />
      </dd>
      <dt>Added</dt>
      <dd>
        <Time at={webhook.created_at} />
        {webhook.created_by !== '' && ` by ${webhook.created_by}`}
      </dd>
    </dl>
  );
}

type Asked = 'off' | 'delete' | null;

function Actions(props: {webhook: Webhook; path: string; changed: (words: string) => void; edit: () => void}) {
  const {webhook, path} = props;
  const [asked, setAsked] = useState<Asked>(null);
  const {busy, error, run} = useAction();
  const put = (active: boolean, words: string) =>
    void run(async () => {
      const {url, event_types, version} = webhook;
      try {
        await send('PUT', path, {url, event_types, active, version});
      } catch (caught) {
        if (isChangedMeanwhile(caught)) props.changed('');
        throw caught;
      }
      setAsked(null);
      props.changed(words);
    });
  const test = () =>
    void run(async () => {
      await send('POST', `${path}/test`);
      props.changed('A test is on its way: see below whether it arrives.');
    });
  const remove = () =>
    void run(async () => {
      await send('DELETE', path);
      go(address('applications', 'webhooks'));
    });
  return (
    <>
      <div class="buttons">
        <button type="button" class="primary" disabled={busy || !webhook.active} onClick={test}>
          Send a test
        </button>
        <button type="button" onClick={props.edit}>
          Edit
        </button>
        {webhook.active ? (
          <button type="button" class="danger-line" onClick={() => setAsked('off')}>
            Switch off…
          </button>
        ) : (
          <button type="button" disabled={busy} onClick={() => put(true, 'It is switched on.')}>
            Switch on
          </button>
        )}
        <button type="button" class="danger-line" onClick={() => setAsked('delete')}>
          Delete…
        </button>
      </div>
      {error && asked === null && <Problem error={error} />}
      {asked === 'off' && (
        <Confirm
          title="Switch this webhook off?"
          yes="Switch off"
          tone="danger"
          busy={busy}
          error={error}
          close={() => setAsked(null)}
          act={() => put(false, 'It is switched off.')}
        >
          <p>
            It is not told of what happens while it is off, not even later.{' '}
            {webhook.waiting > 0 && `${count(webhook.waiting, 'delivery waits', 'deliveries wait')} until it is on again. `}
            It can be undone: switch it on again.
          </p>
        </Confirm>
      )}
      {asked === 'delete' && (
        <Confirm
          title="Delete this webhook?"
          yes="Delete webhook"
          tone="danger"
          busy={busy}
          error={error}
          close={() => setAsked(null)}
          act={remove}
        >
          <p>
            {hostOf(webhook.url)} is told of nothing any more
            {webhook.waiting > 0 && `, and ${count(webhook.waiting, 'delivery that waits is', 'deliveries that wait are')} dropped`}. Its
            signing secret and the list of deliveries are gone. This cannot be undone: one that you add anew has another secret.
          </p>
        </Confirm>
      )}
    </>
  );
}

const states: Record<Delivery['state'], {tone: 'good' | 'bad' | 'calm'; word: string}> = {
  waiting: {tone: 'calm', word: 'waiting'},
  delivered: {tone: 'good', word: 'arrived'},
  dead: {tone: 'bad', word: 'given up'},
};

function Deliveries({webhook, path, reload}: {webhook: Webhook; path: string; reload: () => void}) {
  const {first, retry, items, more} = usePages<Delivery>(`${path}/deliveries`, 'deliveries', 'before');
  const [done, setDone] = useState('');
  const refresh = useCallback(() => {
    retry();
    reload();
  }, [retry, reload]);
  const {error, run} = useAction();
  // A first try takes a second or so, and is worth watching.
  useRefresh(webhook.active, refresh, webhook.waiting > 0 ? 2000 : 10_000);
  const replay = (delivery: Delivery) =>
    void run(async () => {
      await send('POST', `deliveries/${encodeURIComponent(delivery.id)}/replay`);
      setDone('It is sent once more.');
      refresh();
    });
  return (
    <>
      <h2>Deliveries</h2>
      <Done>{done}</Done>
      {error && <Problem error={error} />}
      <Show loaded={first} retry={retry}>
        {() => (
          <div class="roomy">
            <Table
              caption="Deliveries, newest first"
              columns={['When', 'Event', 'State', 'What came of it', 'Action']}
              empty="Nothing was delivered yet. Send a test to see whether it arrives."
              rows={items.map((delivery) => [
                <Time at={delivery.created_at} />,
                <code>{delivery.event?.type ?? 'event'}</code>,
                <Badge tone={states[delivery.state].tone}>{states[delivery.state].word}</Badge>,
                <Outcome delivery={delivery} />,
                delivery.state === 'waiting' ? (
                  ''
                ) : (
                  <button type="button" class="small" onClick={() => replay(delivery)}>
                    Send again<span class="for-readers"> {delivery.event?.type}</span>
                  </button>
                ),
              ])}
            />
            <More load={more} />
          </div>
        )}
      </Show>
    </>
  );
}

function triesText(state: Delivery['state'], attempts: number): string {
  if (attempts === 0) return 'Not tried yet.';
  if (state === 'delivered') return attempts === 1 ? 'At the first try.' : `At try ${attempts}.`;
  return attempts === 1 ? 'Tried once.' : `Tried ${attempts} times.`;
}

function Outcome({delivery}: {delivery: Delivery}) {
  const {state, attempts, last_status, due_at} = delivery;
  const problem = state === 'delivered' || attempts === 0 ? '' : problemWords(delivery);
  return (
    <>
      {problem !== '' && (
        <>
          {problem}
          {last_status > 0 && <span class="hint"> (HTTP {last_status})</span>}{' '}
        </>
      )}
      {triesText(state, attempts)}{' '}
      {state === 'waiting' && attempts > 0 && (
        <>
          Next <Ago at={due_at} />.
        </>
      )}
    </>
  );
}
