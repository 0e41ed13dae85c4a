// The secrets of an application: shown once when they are made, and two at most.
import {useState} from 'preact/hooks';
import {send} from '../../api';
import type {Application, NewSecret} from '../../applications';
import {Confirm, Copyable, ShownOnce} from '../../dialogs';
import {Done, Problem, Table, Time, useAction} from '../../parts';

const most = 2;

/// The first secret of an application that was just made, on its way to the page that shows it.
let kept: {clientId: string; value: string} | null = null;

export function keepSecretForPage(clientId: string, value: string): void {
  kept = {clientId, value};
}

export function takeKeptSecret(clientId: string): string | null {
  const value = kept?.clientId === clientId ? kept.value : null;
  kept = null;
  return value;
}

export function ShowSecret({application, value, close}: {application: Application; value: string; close: () => void}) {
  return (
    <ShownOnce title="Copy the secret now" close={close}>
      <p>
        It is shown this one time. Whoever has it can pretend to be “{application.name}”: keep it where your application keeps
        its passwords, and out of source code.
      </p>
      <Copyable label="Client ID" value={application.client_id} />
      <Copyable label="Client secret" value={value} />
    </ShownOnce>
  );
}

type Open = {kind: 'show'; value: string} | {kind: 'remove'; id: string} | null;

export function Secrets({application, changed}: {application: Application; changed: () => void}) {
  const secrets = [...application.secrets].sort((a, b) => +new Date(a.created_at) - +new Date(b.created_at));
  const [open, setOpen] = useState<Open>(null);
  const [done, setDone] = useState('');
  const {busy, error, run} = useAction();
  const full = secrets.length >= most;
  const add = () =>
    void run(async () => {
      setDone('');
      const {value} = await send<NewSecret>('POST', `applications/${encodeURIComponent(application.client_id)}/secrets`);
      setOpen({kind: 'show', value});
      changed();
    });
  return (
    <>
      <h3>Client secrets</h3>
      <Done>{done}</Done>
      <Table
        caption="Client secrets"
        columns={['Secret', 'Created', 'Action']}
        empty={
          application.jwks === ''
            ? 'No secret yet. Without one the application cannot prove who it is.'
            : 'No secret: the application proves who it is with its own key.'
        }
        rows={secrets.map(({id, created_at}, i) => [
          <strong>{secrets.length === 1 ? 'The secret' : i === 0 ? 'The older one' : 'The newer one'}</strong>,
          <Time at={created_at} />,
          <button type="button" class="small" onClick={() => setOpen({kind: 'remove', id})}>
            Remove<span class="for-readers"> {i === 0 ? 'the older secret' : 'the newer secret'}</span>
          </button>,
        ])}
      />
      {error && <Problem error={error} />}
      {!full && (
        <button type="button" class={secrets.length === 0 && application.jwks === '' ? 'primary' : ''} disabled={busy} onClick={add}>
          {busy ? 'Working…' : secrets.length === 0 ? 'Create a secret' : 'Add a second secret'}
        </button>
      )}
      <p class="hint">
        {full
          ? 'Both are valid. When your application uses the newer one, remove the older.'
          : secrets.length > 0 &&
            'Nobody can look a secret up again. To replace it without a gap, add a second one, change your application over, then remove the first.'}
      </p>
      {open?.kind === 'show' && <ShowSecret application={application} value={open.value} close={() => setOpen(null)} />}
      {open?.kind === 'remove' && (
        <RemoveSecret
          application={application}
          id={open.id}
          close={() => setOpen(null)}
          removed={() => {
            setOpen(null);
            setDone('The secret is removed.');
            changed();
          }}
        />
      )}
    </>
  );
}

function RemoveSecret(props: {application: Application; id: string; close: () => void; removed: () => void}) {
  const {application} = props;
  const others = application.secrets.length - 1;
  const {busy, error, run} = useAction();
  const remove = () =>
    void run(async () => {
      const path = `applications/${encodeURIComponent(application.client_id)}/secrets/${encodeURIComponent(props.id)}`;
      await send('DELETE', path);
      props.removed();
    });
  return (
    <Confirm
      title="Remove this secret?"
      yes="Remove secret"
      tone="danger"
      busy={busy}
      error={error}
      close={props.close}
      act={remove}
    >
      <p>
        From this moment whoever shows it is refused.{' '}
        {others > 0
          ? `The other one stays valid: nothing breaks if “${application.name}” uses it already.`
          : application.jwks !== ''
            ? 'The application’s own key stays valid.'
            : application.kind === 'service'
              ? `“${application.name}” gets no new tokens until you create another secret and enter it there.`
              : `Nobody can sign in to “${application.name}” until you create another secret and enter it there.`}
      </p>
      <p>
        {application.kind === 'service'
          ? 'The tokens that it holds now end as well: whoever else had the secret may have some. It gets new ones with another secret.'
          : 'Whoever is signed in stays so.'}{' '}
        A removed secret cannot be brought back.
      </p>
    </Confirm>
  );
}
