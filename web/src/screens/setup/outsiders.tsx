// Active employees whose e-mail address lies in none of the company's domains: a new address, or the loss of access.
import {useState} from 'preact/hooks';
import type {EmployeeDetails, Session} from '../../api';
import {send} from '../../api';
import {Confirm, Dialog} from '../../dialogs';
import {isChangedMeanwhile} from '../../edited';
import {Badge, count, More, Problem, Show, Table, useAction, useLoaded, usePages} from '../../parts';
import type {Outsider, Wizard} from '../../setup';
import {plural} from './standing';

interface Props {
  wizard: Wizard;
  domains: string[];
  /// Nothing else is waiting on this page.
  isNext: boolean;
  changed: (wizard: Wizard) => void;
  reload: () => void;
  /// What was done; `gone`: so that its button is no longer there.
  tell: (words: string, gone: boolean) => void;
}

export function Outsiders({wizard, domains, isNext, changed, reload, tell}: Props) {
  const {people} = wizard;
  const {first, retry, items, more} = usePages<Outsider>('setup/outsiders', 'outsiders', 'after');
  const [session] = useLoaded<Session>('session');
  const [shown, setShown] = useState(false);
  const [editing, setEditing] = useState<Outsider | null>(null);
  const [all, setAll] = useState(false);
  // Decisions of this visit: the list itself is not loaded anew for each, and stays where it is.
  const [decided, setDecided] = useState<Record<string, boolean>>({});
  const {busy, error, run} = useAction();
  const isAccepted = (outsider: Outsider) => decided[outsider.id] ?? outsider.accepted;
  const anew = (words: string) => {
    tell(words, true);
    setDecided({});
    retry();
  };
  const decide = (outsider: Outsider, accepted: boolean) =>
    void run(async () => {
      const answer = await send<Wizard>('PUT', `setup/outsiders/${encodeURIComponent(outsider.id)}`, {accepted});
      setDecided((before) => ({...before, [outsider.id]: accepted}));
      const {displayName: name} = outsider;
      const fate = accepted ? 'will lose access once single sign-on is enabled.' : 'is to be decided about again.';
      tell(`${name} ${fate}`, false);
      changed(answer);
    });
  const open = people.outside - people.accepted;
  return (
    <>
      {session.state === 'done' && areYouOutside(session.value, items, more !== null, domains) && (
        <section class="problem" aria-label="You are among them">
          <p>
            <strong>You are one of them.</strong>{' '}
            {session.value.employee.email === ''
              ? 'You have no e-mail address'
              : `Your own address, ${session.value.employee.email}, lies outside the domains`}
            : you would lock yourself out. Add its domain above, or change your address.
          </p>
        </section>
      )}
      <section class={open > 0 ? 'pulse bad' : 'pulse good'}>
        <p>
          {open > 0 ? (
            <>
              <strong>
                {count(open, 'employee has', 'employees have')} an address outside your domains.
              </strong>{' '}
              They will not be able to sign in once single sign-on is enabled. Correct the address with <em>Edit</em>,
              or choose{' '}
              <em>Allow</em> when the person no longer needs access.
            </>
          ) : (
            <>
              <strong>Everybody is decided about.</strong> You allowed
              that {count(people.accepted, 'employee loses', 'employees lose')}{' '}
              access. You can take that back until single sign-on is enabled.
            </>
          )}
        </p>
        <div class="buttons">
          <button
            type="button"
            class={open > 0 && isNext && !shown ? 'primary' : ''}
            aria-expanded={shown}
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide the list' : 'View'}
            {!shown && <span class="for-readers"> the employees outside your domains</span>}
          </button>
          {open > 0 && (
            <button type="button" onClick={() => setAll(true)}>
              Allow all {people.outside.toLocaleString()}…
            </button>
          )}
        </div>
      </section>
      {error && <Problem error={error} />}
      {shown && (
        <Show loaded={first} retry={retry}>
          {() => (
            <>
              <Table
                caption="Active employees outside your domains"
                columns={['Employee', 'Decision', 'Action']}
                empty="Nobody is outside any more."
                rows={items.map((outsider) => [
                  <>
                    {outsider.displayName} {outsider.administrator && <Badge tone="calm">administrator</Badge>}
                    <span class="hint value">
                      {outsider.email === '' ? <Badge tone="bad">no e-mail address</Badge> : outsider.email}
                    </span>
                  </>,
                  isAccepted(outsider) ? <Badge tone="calm">may lose access</Badge> : <Badge tone="bad">to decide</Badge>,
                  <div class="actions">
                    <button type="button" class="small" onClick={() => setEditing(outsider)}>
                      Edit<span class="for-readers"> the address of {outsider.displayName}</span>
                    </button>
                    <button type="button" class="small" disabled={busy} onClick={() => decide(outsider, !isAccepted(outsider))}>
                      {isAccepted(outsider) ? 'Undo' : 'Allow'}
                      <span class="for-readers"> the loss of access of {outsider.displayName}</span>
                    </button>
                  </div>,
                ])}
              />
              <More load={more} />
            </>
          )}
        </Show>
      )}
      {editing && (
        <EditAddress
          outsider={editing}
          close={() => setEditing(null)}
          saved={(words) => {
            setEditing(null);
            anew(words);
            reload();
          }}
        />
      )}
      {all && (
        <AllowAll
          expected={people.outside}
          close={() => setAll(false)}
          moved={() => {
            retry();
            reload();
          }}
          allowed={(answer) => {
            setAll(false);
            anew(`${count(people.outside, 'employee')} will lose access once single sign-on is enabled.`);
            changed(answer);
          }}
        />
      )}
    </>
  );
}

/// The list tells, as far as it is loaded; for the rest of it the domain of the address does.
function areYouOutside({employee}: Session, items: Outsider[], isMore: boolean, domains: string[]): boolean {
  if (items.some(({id}) => id === employee.id)) return true;
  const domain = employee.email.slice(employee.email.lastIndexOf('@') + 1).toLowerCase();
  return isMore && !domains.includes(domain);
}

function EditAddress({outsider, close, saved}: {outsider: Outsider; close: () => void; saved: (words: string) => void}) {
  const path = `employees/${encodeURIComponent(outsider.id)}`;
  const [employee, retry] = useLoaded<EmployeeDetails>(path);
  const [email, setEmail] = useState(outsider.email);
  const {busy, error, run} = useAction();
  const save = (now: EmployeeDetails) => (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const {userName, givenName, familyName, ownDisplayName, department, version} = now;
      const fields = {userName, email: email.trim(), givenName, familyName, displayName: ownDisplayName};
      try {
        const {note} = await send<{note: string}>('PUT', path, {...fields, department: department.id, version});
        saved(`${outsider.displayName}: ${note}`);
      } catch (caught) {
        // The other fields go back as they are now, and what was typed stays.
        if (isChangedMeanwhile(caught)) retry();
        throw caught;
      }
    });
  };
  return (
    <Dialog title={`Edit the address of ${outsider.displayName}`} close={close}>
      <Show loaded={employee} retry={retry}>
        {(now) => (
          <form onSubmit={save(now)} noValidate>
            {now.provisionedAt !== null && (
              <p>
                Your directory manages this employee: change the address there too, because its next change overwrites
                what you enter here.
              </p>
            )}
            <label class="field">
              E-mail address
              <input
                type="email"
                autocomplete="off"
                value={email}
                aria-invalid={error !== null}
                onInput={(event) => setEmail(event.currentTarget.value)}
              />
            </label>
            {now.email !== outsider.email && <p class="hint">The address is “{now.email}” by now.</p>}
            <p class="hint">The user name, {now.userName}, stays as it is.</p>
            {error && <Problem error={error} />}
            <div class="buttons">
              <button type="submit" class="primary" disabled={busy}>
                {busy ? 'Saving…' : 'Save address'}
              </button>
              <button type="button" onClick={close}>
                Cancel
              </button>
            </div>
          </form>
        )}
      </Show>
    </Dialog>
  );
}

function AllowAll(props: {expected: number; close: () => void; moved: () => void; allowed: (wizard: Wizard) => void}) {
  const {expected} = props;
  const {busy, error, run} = useAction();
  const allow = () =>
    void run(async () => {
      try {
        props.allowed(await send<Wizard>('POST', 'setup/outsiders/accept-all', {expected}));
      } catch (caught) {
        // The number may have changed: the window shows the new one, and the list behind it who they are.
        props.moved();
        throw caught;
      }
    });
  return (
    <Confirm
      title={`Allow that ${count(expected, 'employee loses', 'employees lose')} access?`}
      yes={`Allow all ${expected.toLocaleString()}`}
      tone="danger"
      busy={busy}
      error={error}
      close={props.close}
      act={allow}
    >
      <p>
        Once single sign-on is enabled, {plural(expected, 'this employee', 'these employees')} cannot sign in any
        more, by any way, because the address lies outside your domains.
      </p>
      <p>Until then nothing changes, and you can undo it for each of them.</p>
    </Confirm>
  );
}
