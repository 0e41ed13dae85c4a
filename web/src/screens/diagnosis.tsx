// "Why can't this person sign in?": the answer in a sentence, what to do, what holds now, and all that happened.
import {useState} from 'preact/hooks';
import type {Attempt} from '../api';
import {address, go} from '../location';
import {Badge, Marked, Show, Table, Time, Title, useLoaded} from '../parts';

export interface SignInDiagnosis {
  employees: {id: string; name: string; userName: string; email: string}[];
  attempt: Attempt | null;
  verdict: {cause: string; finding: string; answer: string; advice: string} | null;
  standing: {name: string; value: string; good: boolean}[];
  timeline: Line[];
}

interface Line {
  at: string;
  kind: 'attempt' | 'change' | 'directory' | 'mail';
  tone: 'good' | 'bad' | 'calm';
  text: string;
  reference: string;
  entry: number | null;
}

/// References are eight letters and digits, with a hyphen or without.
const isReference = (text: string) => /^[0-9a-z]{4}[- ]?[0-9a-z]{4}$/i.test(text);

/// Leads to the sign-in with that number, or to all that is known of that name.
export function WhySearch() {
  const [words, setWords] = useState('');
  const lookUp = (event: Event) => {
    event.preventDefault();
    const sought = words.trim();
    if (sought === '') return;
    go(isReference(sought) ? address('sign-ins', sought) : address('sign-ins', 'why', sought));
  };
  return (
    <form class="search" onSubmit={lookUp}>
      <label for="why">Why can’t this person sign in?</label>
      <div class="row">
        <input
          id="why"
          aria-describedby="why-hint"
          value={words}
          maxLength={320}
          autocomplete="off"
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <button class="primary" type="submit">
          Find out
        </button>
      </div>
      <span id="why-hint" class="hint">
        The reference number on their screen (like K7QM-2XPD), their e-mail address or user name. Also of people who are no employees here.
      </span>
    </form>
  );
}

/// The screen `sign-ins/why/…`.
export function WhyScreen({search}: {search: string}) {
  const [loaded, retry] = useLoaded<SignInDiagnosis>('sign-in-diagnosis', {search});
  return (
    <>
      <p>
        <a href={address('sign-ins')}>All sign-ins</a>
      </p>
      <Title>{`Why can’t ${search} sign in?`}</Title>
      <Show loaded={loaded} retry={retry}>
        {(diagnosis) => (
          <>
            <Whom diagnosis={diagnosis} />
            <Verdict diagnosis={diagnosis} />
            {diagnosis.verdict && <h2>What is known of this person</h2>}
            <Standing diagnosis={diagnosis} />
            <Timeline diagnosis={diagnosis} />
          </>
        )}
      </Show>
    </>
  );
}

/// The part of an employee's screen.
export function EmployeeDiagnosis({id, renewed}: {id: string; renewed: string}) {
  // What is done on the screen changes the answer: another key, and it is asked anew.
  return <EmployeeAnswer key={renewed} id={id} />;
}

function EmployeeAnswer({id}: {id: string}) {
  const [loaded, retry] = useLoaded<SignInDiagnosis>('sign-in-diagnosis', {employee: id});
  return (
    <>
      <h2>Can this person sign in?</h2>
      <Show loaded={loaded} retry={retry}>
        {(diagnosis) => (
          <>
            <Verdict diagnosis={diagnosis} />
            <details>
              <summary>What holds now, and all that happened</summary>
              <Standing diagnosis={diagnosis} />
              <Timeline diagnosis={diagnosis} />
            </details>
          </>
        )}
      </Show>
    </>
  );
}

export function Whom({diagnosis: {employees}}: {diagnosis: SignInDiagnosis}) {
  if (employees.length === 0) return null;
  if (employees.length === 1) {
    return (
      <p>
        Employee: <a href={address('employees', employees[0]!.id)}>{employees[0]!.name}</a>
      </p>
    );
  }
  return (
    <>
      <p>Several employees have this address. Whom do you mean?</p>
      <ul class="plain">
        {employees.map((each) => (
          <li>
            <a href={address('employees', each.id)}>{each.name}</a> ({each.userName})
          </li>
        ))}
      </ul>
    </>
  );
}

const calm = ['none', 'mended'];

export function Verdict({diagnosis: {verdict}}: {diagnosis: SignInDiagnosis}) {
  if (!verdict) return null;
  return (
    <section class={`pulse ${calm.includes(verdict.cause) ? 'good' : 'bad'}`} aria-label="The answer">
      <p>
        <strong>{verdict.answer}</strong>
      </p>
      <p>
        <Marked text={verdict.advice} />
      </p>
    </section>
  );
}

export function Standing({diagnosis: {standing}}: {diagnosis: SignInDiagnosis}) {
  if (standing.length === 0) return null;
  return (
    <>
      <h3>What holds now</h3>
      <dl>
        {standing.map(({name, value, good}) => (
          <>
            <dt>{name}</dt>
            <dd>
              {value} {!good && <Badge tone="bad">look here</Badge>}
            </dd>
          </>
        ))}
      </dl>
    </>
  );
}

const kinds = {attempt: 'Sign-in', change: 'Change', directory: 'Directory', mail: 'Mail'};

export function Timeline({diagnosis: {timeline, verdict}}: {diagnosis: SignInDiagnosis}) {
  if (!verdict) return null;
  return (
    <>
      <h3>What happened</h3>
      <Table
        caption="Sign-ins, changes and what your directory did, newest first"
        columns={['When', 'Kind', 'What', 'More']}
        empty="Nothing is recorded."
        rows={timeline.map((line) => [
          <Time at={line.at} />,
          line.tone === 'calm' ? kinds[line.kind] : <Badge tone={line.tone}>{kinds[line.kind]}</Badge>,
          line.text,
          <More line={line} />,
        ])}
      />
    </>
  );
}

function More({line}: {line: Line}) {
  if (line.reference !== '') {
    return (
      <a class="whole" href={address('sign-ins', line.reference)}>
        {line.reference}
      </a>
    );
  }
  if (line.entry !== null) {
    return (
      <a href={address('provisioning', 'log', String(line.entry))} aria-label={`The request of your directory, number ${line.entry}`}>
        Request
      </a>
    );
  }
  return null;
}
