// The brake: many employees left at once, and an administrator decides what that was.
import {useState} from 'preact/hooks';
import type {Departure, DepartureBatch} from '../api';
import {ApiError, send} from '../api';
import {Confirm} from '../dialogs';
import {address} from '../location';
import {Badge, count, Done, More, Show, Table, Time, Title, useAction, useLoaded, usePages} from '../parts';

export const peopleOf = (batch: DepartureBatch) => batch.deactivated + batch.deleted + batch.deletionsHeld;

const are = (number: number) => (number === 1 ? 'is' : 'are');

/// On every page that an administrator opens first.
export function BrakeBanner() {
  const [loaded] = useLoaded<{batches: DepartureBatch[]}>('departure-batches', {limit: '1'});
  const batch = loaded.state === 'done' ? loaded.value.batches[0] : undefined;
  if (batch?.state !== 'open') return null;
  return (
    <section class="problem" aria-label="The brake is on">
      <p>
        <strong>{count(peopleOf(batch), 'employee')} left within an hour: deletions are held.</strong>
      </p>
      <p>
        “{batch.cause}” switched their access off. {batch.deletionsHeld > 0 && <>{count(batch.deletionsHeld, 'deletion')} {are(batch.deletionsHeld)} held until you decide. </>}
        If this was a mistake, everybody can have their access back at once.
      </p>
      <p>
        <a class="button" href={address('provisioning', 'departures', batch.id)}>
          See who left, and decide
        </a>
      </p>
    </section>
  );
}

const kinds: Record<Departure['kind'], string> = {
  deactivated: 'deactivated',
  deleted: 'deleted',
  'deletion-held': 'deactivated, deletion held',
};

export function Departures({id}: {id: string}) {
  const path = `departure-batches/${encodeURIComponent(id)}`;
  const {first, retry, items, more} = usePages<Departure>(path, 'departures', 'after');
  const [done, setDone] = useState('');
  const decided = (words: string) => {
    void retry().then(() => setDone(words));
  };
  return (
    <>
      <p>
        <a href={address('provisioning')}>Provisioning</a>
      </p>
      <Title>Many employees left at once</Title>
      <Done>{done}</Done>
      <Show loaded={first} retry={retry}>
        {(value) => (
          <>
            <Batch batch={value['batch'] as DepartureBatch} decided={decided} />
            <h2>Who left</h2>
            <Table
              caption="Who left, in order"
              columns={['When', 'User name', 'What happened']}
              empty="Nobody."
              rows={items.map((departure) => [
                <Time at={departure.at} />,
                departure.kind === 'deleted' ? (
                  departure.userName
                ) : (
                  <a href={address('employees', departure.employee)}>{departure.userName}</a>
                ),
                departure.undoneAt === null ? (
                  kinds[departure.kind]
                ) : (
                  <>
                    has access again since <Time at={departure.undoneAt} />
                  </>
                ),
              ])}
            />
            <More load={more} />
          </>
        )}
      </Show>
    </>
  );
}

function Batch({batch, decided}: {batch: DepartureBatch; decided: (words: string) => void}) {
  const [asked, setAsked] = useState<'restore' | 'confirm' | null>(null);
  return (
    <>
      <p>
        “{batch.cause}” sent <strong>{count(peopleOf(batch), 'employee')}</strong> away within an hour, more than your
        settings allow. The brake went on <Time at={batch.openedAt} />.
      </p>
      <dl>
        <dt>Deactivated</dt>
        <dd>{batch.deactivated.toLocaleString()}</dd>
        <dt>Deactivated, deletion held</dt>
        <dd>{batch.deletionsHeld.toLocaleString()}</dd>
        {batch.deleted > 0 && (
          <>
            <dt>{batch.state === 'confirmed' ? 'Deleted' : 'Deleted before the brake went on'}</dt>
            <dd>{batch.deleted.toLocaleString()}</dd>
          </>
        )}
      </dl>
      {batch.state === 'open' ? (
        <>
          <p>
            While you decide, all of them are without access, and your directory can deactivate more employees but delete
            nobody.
          </p>
          <div class="buttons">
            <button type="button" class="primary" onClick={() => setAsked('restore')}>
              Restore all…
            </button>
            <button type="button" class="danger-line" onClick={() => setAsked('confirm')}>
              Confirm the departures…
            </button>
          </div>
        </>
      ) : (
        <p>
          <Badge tone="calm">{batch.state}</Badge>{' '}
          {batch.closedAt !== null && (
            <>
              <Time at={batch.closedAt} /> by {batch.closedBy}
            </>
          )}
        </p>
      )}
      {batch.state !== 'open' && (batch.left ?? 0) > 0 && <GoOn batch={batch} decided={decided} />}
      {asked === 'restore' && <Restore batch={batch} close={() => setAsked(null)} decided={decided} />}
      {asked === 'confirm' && <ConfirmDepartures batch={batch} close={() => setAsked(null)} decided={decided} />}
    </>
  );
}

const restoredWords = (number: number) =>
  `${count(number, 'employee has', 'employees have')} access again. Administrator rights have to be granted anew.`;
const deletedWords = (number: number) => `The departures are confirmed, and ${count(number, 'employee')} deleted for good.`;

/// Carries the decision out, request by request, because a whole company takes a while. Says for how many it is done.
async function carryOut(batch: DepartureBatch, what: 'restore' | 'confirm', progress: (words: string) => void): Promise<number> {
  let all = 0;
  for (;;) {
    try {
      const path = `departure-batches/${encodeURIComponent(batch.id)}/${what}`;
      const answer = await send<{restored?: number; deleted?: number; left: number}>('POST', path);
      all += answer.restored ?? answer.deleted ?? 0;
      if (answer.left === 0) return all;
      progress(`${count(all, 'employee is', 'employees are')} done, ${answer.left.toLocaleString()} to go. You may leave this page and come back.`);
    } catch (caught) {
      // Somebody else, who does the same, finished it.
      if (all > 0 && caught instanceof ApiError && caught.code === 'directory.batch_closed') return all;
      throw caught;
    }
  }
}

/// A decision that was interrupted: the page was closed, or the server was restarted.
function GoOn({batch, decided}: {batch: DepartureBatch; decided: (words: string) => void}) {
  const {busy, error, run} = useAction();
  const [progress, setProgress] = useState('');
  const what = batch.state === 'restored' ? 'restore' : 'confirm';
  const goOn = () =>
    void run(async () => {
      const all = await carryOut(batch, what, setProgress);
      decided(what === 'restore' ? restoredWords(all) : deletedWords(all));
    });
  return (
    <section class="problem" aria-label="Not finished">
      <p>
        <strong>
          {count(batch.left ?? 0, 'employee')} {are(batch.left ?? 0)} still to be {what === 'restore' ? 'given access back' : 'deleted'}.
        </strong>{' '}
        {!busy && 'It was interrupted. Go on, and it continues where it ended.'}
      </p>
      {error && <p>{error.message}</p>}
      <Done>{progress}</Done>
      <p>
        <button type="button" disabled={busy} onClick={goOn}>
          {busy ? 'Going on…' : 'Go on'}
        </button>
      </p>
    </section>
  );
}

interface Deciding {
  batch: DepartureBatch;
  close: () => void;
  decided: (words: string) => void;
}

function Restore({batch, close, decided}: Deciding) {
  const {busy, error, run} = useAction();
  const [progress, setProgress] = useState('');
  const most = batch.deactivated + batch.deletionsHeld;
  const restore = () =>
    void run(async () => {
      const restored = await carryOut(batch, 'restore', setProgress);
      close();
      decided(restoredWords(restored));
    });
  return (
    <Confirm
      title="Restore all?"
      yes={`Restore ${count(most, 'employee')}`}
      tone="primary"
      busy={busy}
      error={error}
      close={close}
      act={restore}
    >
      <ul>
        <li>
          {count(most, 'employee')} {most === 1 ? 'gets' : 'get'} access back: whoever had it before, and has not got it
          back since.
        </li>
        <li>Administrator rights do not come back. Grant them again where they are needed.</li>
        {batch.deleted > 0 && <li>{count(batch.deleted, 'employee')} deleted before the brake went on cannot be restored here.</li>}
        <li>Your directory may send them away again at its next run: put it right there first.</li>
        <li>It can be undone: you can deactivate them again, one by one.</li>
      </ul>
      <Done>{progress}</Done>
    </Confirm>
  );
}

function ConfirmDepartures({batch, close, decided}: Deciding) {
  const {busy, error, run} = useAction();
  const [progress, setProgress] = useState('');
  const held = batch.deletionsHeld;
  const confirm = () =>
    void run(async () => {
      const deleted = await carryOut(batch, 'confirm', setProgress);
      close();
      decided(deletedWords(deleted));
    });
  return (
    <Confirm
      title="Confirm the departures?"
      yes={held > 0 ? `Delete ${count(held, 'employee')} for good` : 'Confirm'}
      tone="danger"
      busy={busy}
      error={error}
      close={close}
      act={confirm}
    >
      <ul>
        {held > 0 ? (
          <li>
            {count(held, 'employee')} whose deletion was held {are(held)} deleted for good. <strong>This cannot be undone.</strong>
          </li>
        ) : (
          <li>Nobody is deleted: no deletion was held.</li>
        )}
        <li>
          {count(batch.deactivated, 'employee')} who {batch.deactivated === 1 ? 'was' : 'were'} deactivated stay
          {batch.deactivated === 1 ? 's' : ''} so. You can give access back one by one.
        </li>
        <li>From now on your directory may delete employees again.</li>
      </ul>
      <Done>{progress}</Done>
    </Confirm>
  );
}
