// What everybody may see and do about themselves: who they are, where they are signed in, their password.
import type {ComponentChildren} from 'preact';
import {useId, useState} from 'preact/hooks';
import type {Employee, Session} from '../api';
import {send} from '../api';
import {Confirm} from '../dialogs';
import {address} from '../location';
import {Ago, Badge, Done, Problem, Show, Title, count, useAction, useFocus, useLoaded} from '../parts';

interface Profile {
  account: {id: string; name: string};
  employee: Employee;
  department: {id: string; name: string};
  method: 'saml' | 'password';
  password: {changeable: boolean; obstacle: '' | 'sso-enforced' | 'no-password'; minCharacters: number};
}

interface OwnSession {
  id: string;
  device: string;
  clientAddress: string;
  method: 'saml' | 'password';
  createdAt: string;
  lastSeenAt: string;
  current: boolean;
}

export function ProfileScreen({session, page}: {session: Session; page: 'who' | 'security'}) {
  const [profile, retry] = useLoaded<Profile>('profile');
  return (
    <>
      <Title>{session.employee.displayName}</Title>
      <nav class="pages" aria-label="Profile">
        <a href={address('profile')} aria-current={page === 'who' ? 'page' : undefined}>
          Profile
        </a>
        <a href={address('profile', 'security')} aria-current={page === 'security' ? 'page' : undefined}>
          Security
        </a>
      </nav>
      <Show loaded={profile} retry={retry}>
        {(value) => (page === 'who' ? <WhoIAm profile={value} /> : <Security profile={value} changed={retry} />)}
      </Show>
    </>
  );
}

function WhoIAm({profile: {account, employee, department, method}}: {profile: Profile}) {
  const facts: [string, ComponentChildren][] = [
    ['Name', employee.displayName],
    ['User name', employee.userName],
    ['E-mail', employee.email],
    ['Company', account.name],
    ['Department', department.name],
    ['Rights', employee.administrator ? <Badge tone="calm">administrator</Badge> : 'none besides your own'],
    ['Signed in by', method === 'saml' ? 'your company’s sign-in' : 'password'],
  ];
  return (
    <>
      <dl>
        {facts
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
      </dl>
      <p class="hint">
        {employee.administrator ? (
          <a href={address('employees', employee.id)}>Your entry among the employees</a>
        ) : (
          'Something is wrong here? Your administrators can change it.'
        )}
      </p>
      {/* Signing out may lead to the provider, where this page's policy sends no form. */}
      <p>
        <a class="button" href="/">
          Home page, and sign out
        </a>
      </p>
    </>
  );
}

function Security({profile, changed}: {profile: Profile; changed: () => void}) {
  const [sessions, retry] = useLoaded<{sessions: OwnSession[]}>('profile/sessions');
  return (
    <>
      {profile.employee.administrator && (
        <section class="card">
          <h2>SSO and SCIM</h2>
          <p>How your whole company signs in, and how its directory manages employees here.</p>
          <a class="button" href={address('security')}>
            Open SSO and SCIM
          </a>
        </section>
      )}
      <h2>Where you are signed in</h2>
      <Show loaded={sessions} retry={retry}>
        {(value) => <Sessions sessions={value.sessions} changed={retry} />}
      </Show>
      <h2>Password</h2>
      <Password
        profile={profile}
        changed={() => {
          changed();
          retry();
        }}
      />
    </>
  );
}

function Sessions({sessions, changed}: {sessions: OwnSession[]; changed: () => Promise<void>}) {
  const {busy, error, run} = useAction();
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState('');
  const said = useFocus<HTMLDivElement>(note);
  const others = sessions.filter(({current}) => !current).length;
  const end = (path: string, words: (ended: number) => string) =>
    run(async () => {
      const {ended} = await send<{ended: number}>('DELETE', path);
      await changed();
      setAsking(false);
      setNote(words(ended));
    });
  return (
    <>
      <div ref={said} tabIndex={-1}>
        <Done>{note}</Done>
      </div>
      <ul class="tree">
        {sessions.map((each) => (
          <li key={each.id}>
            <div class="branch">
              <div>
                <strong>{each.device}</strong>
                <div class="hint">
                  {each.clientAddress} · {each.method === 'saml' ? 'single sign-on' : 'password'} · last used{' '}
                  <Ago at={each.lastSeenAt} />
                </div>
              </div>
              {each.current ? (
                <Badge tone="good">here</Badge>
              ) : (
                <button
                  type="button"
                  class="small"
                  disabled={busy}
                  aria-label={`Sign out there: ${each.device}, ${each.clientAddress}`}
                  onClick={() =>
                    void end(`profile/sessions/${encodeURIComponent(each.id)}`, () => `${each.device} is signed out.`)
                  }
                >
                  Sign out there
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {error && !asking && <Problem error={error} />}
      {others > 1 && (
        <button type="button" onClick={() => setAsking(true)}>
          Sign out everywhere else…
        </button>
      )}
      {asking && (
        <Confirm
          title="Sign out everywhere else?"
          yes="Sign out"
          tone="danger"
          busy={busy}
          error={error}
          close={() => setAsking(false)}
          act={() => void end('profile/sessions', (ended) => `${count(ended, 'sign-in')} ended.`)}
        >
          <p>{count(others, 'other sign-in')} of yours will end. You stay signed in here.</p>
        </Confirm>
      )}
    </>
  );
}

/// The fields that a refusal is about; any other stands below the form.
const culprits: Record<string, 'current' | 'new'> = {
  'profile.wrong_password': 'current',
  'profile.too_many_attempts': 'current',
  'profile.same_password': 'new',
  'crypto.password_refused': 'new',
};

function Password({profile, changed}: {profile: Profile; changed: () => void}) {
  const [fields, setFields] = useState({current: '', new: '', again: ''});
  const [note, setNote] = useState('');
  const [differ, setDiffer] = useState(false);
  const {busy, error, run} = useAction();
  const {obstacle, minCharacters} = profile.password;
  if (obstacle === 'sso-enforced') {
    return <p>Your company signs in through its own directory only. Change your password there.</p>;
  }
  if (obstacle === 'no-password') return <p>You have no password here: you sign in through your company.</p>;
  const submit = (event: Event) => {
    event.preventDefault();
    setNote('');
    setDiffer(fields.new !== fields.again);
    if (fields.new !== fields.again) return;
    void run(async () => {
      const answer = await send<{note: string}>('POST', 'profile/password', {current: fields.current, new: fields.new});
      setFields({current: '', new: '', again: ''});
      setNote(answer.note);
      changed();
    });
  };
  const field = (name: keyof typeof fields) => ({
    value: fields[name],
    change: (value: string) => setFields((before) => ({...before, [name]: value})),
    problem: error && culprits[error.code] === name ? error.message : '',
  });
  return (
    <form class="narrow" onSubmit={submit}>
      <Done>{note}</Done>
      {/* Password managers look for the name that belongs to a password. */}
      <input type="hidden" autocomplete="username" value={profile.employee.userName} />
      <Secret label="Your password now" autocomplete="current-password" {...field('current')} />
      <Secret
        label="New password"
        hint={`At least ${minCharacters} characters. A few words make a good one.`}
        autocomplete="new-password"
        {...field('new')}
      />
      <Secret
        label="New password again"
        autocomplete="new-password"
        {...field('again')}
        problem={differ ? 'These two differ.' : ''}
      />
      {error && culprits[error.code] === undefined && <Problem error={error} />}
      <p class="hint">It ends your sign-ins everywhere else.</p>
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Changing…' : 'Change password'}
      </button>
    </form>
  );
}

function Secret(props: {
  label: string;
  hint?: string;
  autocomplete: 'current-password' | 'new-password';
  value: string;
  problem: string;
  change: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        type="password"
        required
        autocomplete={props.autocomplete}
        aria-describedby={`${id}-hint ${id}-problem`}
        aria-invalid={props.problem !== ''}
        value={props.value}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
      <span id={`${id}-hint`} class="hint">
        {props.hint}
      </span>
      <span id={`${id}-problem`} class="wrong" role="alert">
        {props.problem}
      </span>
    </div>
  );
}
