// A test sign-in in a private window, which this page follows.
import type {ComponentChildren, RefObject} from 'preact';
import {useEffect, useLayoutEffect, useRef, useState} from 'preact/hooks';
import type {Connection} from '../../api';
import {send} from '../../api';
import {Checks, isWrong} from '../../checks';
import {delegated} from '../../delegate';
import {Copyable} from '../../dialogs';
import {findingText, matchNames} from '../../findings';
import {address} from '../../location';
import {Badge, Marked, Problem, Show, Table, Time, useAction, useLoaded, useRefresh} from '../../parts';
import type {Standing, TestRun} from '../../setup';
import {isDone} from './standing';
import {Onward, stepAddress, type StepProps} from './step';

/// The run that this tab follows, for whoever looks at another step and comes back, or loads the page anew.
const place = 'doorward-test-run';

export function TestStep({wizard, reload}: StepProps) {
  const [connections, retry] = useLoaded<{connections: Connection[]}>('connections');
  const [id, setId] = useState(() => sessionStorage.getItem(place) ?? '');
  const [fresh, setFresh] = useState(false);
  const follow = (run: string) => {
    sessionStorage.setItem(place, run);
    setFresh(run !== '');
    setId(run);
  };
  const done = isDone(wizard, 'test');
  const standing = wizard.steps.find(({step}) => step === 'test');
  return (
    <>
      <p>
        Sign in once as an employee would, before it concerns everybody. The test changes nothing and signs nobody in:
        it shows what your provider sent and whether it is right.
      </p>
      <Show loaded={connections} retry={retry}>
        {({connections: all}) => {
          const active = all.filter((connection) => connection.active);
          if (active.length === 0) {
            return (
              <p class="empty">
                No provider is connected yet, so there is nothing to test.{' '}
                <a href={stepAddress('connection')}>Connect your provider first</a>.
              </p>
            );
          }
          return id === '' ? (
            <CreateLink connections={active} again={done} created={follow} />
          ) : (
            <Run
              key={id}
              id={id}
              fresh={fresh}
              standing={standing}
              connections={active}
              ended={reload}
              created={follow}
              forget={() => follow('')}
            />
          );
        }}
      </Show>
      <Onward step="test" ready={done} />
    </>
  );
}

function CreateLink(props: {connections: Connection[]; again: boolean; created: (id: string) => void}) {
  const {connections, again} = props;
  const [connection, setConnection] = useState(connections[0]?.id ?? '');
  const {busy, error, run} = useAction();
  const create = () =>
    void run(async () => {
      const body = connections.length > 1 ? {connection} : {};
      props.created((await send<TestRun>('POST', 'setup/tests', body)).id);
    });
  return (
    <>
      {connections.length > 1 && (
        <label class="field narrow">
          Provider to test
          <select value={connection} onChange={(event) => setConnection(event.currentTarget.value)}>
            {connections.map(({id, name}) => (
              <option value={id}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {error && <Problem error={error} />}
      <button type="button" class={again ? '' : 'primary'} disabled={busy} onClick={create}>
        {busy ? 'Creating…' : again ? 'Create another test link' : 'Create the test link'}
      </button>
    </>
  );
}

interface RunProps {
  id: string;
  /// Created just now, by a button that is gone.
  fresh: boolean;
  /// What the server makes of all tests.
  standing: Standing | undefined;
  connections: Connection[];
  ended: () => void;
  created: (id: string) => void;
  forget: () => void;
}

const isOver = ({state}: TestRun) => state === 'passed' || state === 'failed' || state === 'expired';

function Run({id, fresh, standing, connections, ended, created, forget}: RunProps) {
  const [loaded, retry] = useLoaded<TestRun>(`setup/tests/${encodeURIComponent(id)}`);
  const gone = loaded.state === 'failed' && loaded.error.status === 404;
  const over = loaded.state === 'done' && isOver(loaded.value);
  // The link may be used again within its hour, and the last answer counts.
  useRefresh(!gone && !(loaded.state === 'done' && loaded.value.state === 'expired'), retry, over ? 5000 : 2000);
  useEffect(() => {
    if (gone) forget();
  }, [gone]);
  const reference = loaded.state === 'done' ? (loaded.value.attempt?.reference ?? '') : '';
  useEffect(() => {
    if (reference !== '') ended();
  }, [reference]);
  // The link goes when the answer comes, and with it the button that had the focus.
  const progress = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (over && document.activeElement === document.body) progress.current?.focus();
  }, [over]);
  if (gone) return null;
  return (
    <Show loaded={loaded} retry={retry}>
      {(run) => (
        <>
          {run.state === 'waiting' || run.state === 'opened' ? <Link run={run} fresh={fresh} /> : null}
          <Progress run={run} standing={standing} place={progress} />
          {isOver(run) && <Report run={run} />}
          {isOver(run) && (
            <>
              <h2>{run.state === 'passed' ? 'Test again' : 'Try again'}</h2>
              <p>{again[run.state] ?? ''}</p>
              <CreateLink connections={connections} again={run.state === 'passed'} created={created} />
            </>
          )}
        </>
      )}
    </Show>
  );
}

const again: Partial<Record<TestRun['state'], string>> = {
  passed: 'Another person, or another provider: create a link for each test.',
  failed: 'Change what the report says, then create a new link. Close the private window before you open the next one.',
  expired: 'A link works for an hour.',
};

function Link({run, fresh}: {run: TestRun; fresh: boolean}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (fresh) heading.current?.focus();
  }, []);
  return (
    <section class="card">
      <h2 ref={heading} tabIndex={-1}>
        Open this link in a private window
      </h2>
      <Copyable label="Test link" value={run.url} />
      <ol class="instructions">
        <li>
          Open a private window: <kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>N</kbd> in Chrome and
          Edge, <kbd>Ctrl</kbd> <kbd>Shift</kbd>{' '}
          <kbd>P</kbd> in Firefox, with <kbd>⌘</kbd> in place of <kbd>Ctrl</kbd> on a Mac.
        </li>
        {delegated ? (
          <li>
            Paste the link there, and sign in with your own account at your provider. An administrator has to pass the test
            as well: send the link to the one who asked you, who signs in the same way.
          </li>
        ) : (
          <li>Paste the link there, and sign in with your own account at your provider.</li>
        )}
        <li>Come back to this page: it shows what happened.</li>
      </ol>
      <p class="hint">
        The link works until <Time at={run.expiresAt} />. Keep this window open beside the private one.
      </p>
    </section>
  );
}

interface Words {
  tone: 'good' | 'bad' | 'calm';
  word: string;
  text: ComponentChildren;
}

function wordsOf(run: TestRun, standing: Standing | undefined): Words {
  switch (run.state) {
    case 'waiting':
      return {tone: 'calm', word: 'Waiting for the link to be opened', text: 'Nobody has opened it yet.'};
    case 'opened':
      return {
        tone: 'calm',
        word: 'The link was opened',
        text: (
          <>
            Now sign in there. If your provider refuses you, its page says why; the usual cause is that you are not assigned
            to the application.
          </>
        ),
      };
    case 'passed':
      return {tone: 'good', word: 'Single sign-on works', text: <Evidence run={run} standing={standing} />};
    case 'failed':
      return {
        tone: 'bad',
        word: 'The test failed',
        text: run.attempt?.finding ? `${findingText(run.attempt.finding)}.` : 'The report says what to change.',
      };
    case 'expired':
      return {tone: 'bad', word: 'The link has expired', text: 'Nobody signed in with it in time.'};
  }
}

/// Whether the test counts for enabling.
function Evidence({run: {employee}, standing}: {run: TestRun; standing: Standing | undefined}) {
  if (employee === null) {
    return <>Somebody passed the test who is no employee here. To enable it, an administrator must pass one too.</>;
  }
  if (employee.administrator) {
    return (
      <>
        {employee.name}, an administrator, passed the test.{' '}
        {standing?.state === 'done' ? 'It counts: you can go on.' : <Marked text={standing?.message ?? ''} />}
      </>
    );
  }
  return (
    <>
      {employee.name} passed the test, but is not an administrator. To enable it, an administrator must pass one too,
      so that somebody can still come into the console.
    </>
  );
}

function Progress(props: {run: TestRun; standing: Standing | undefined; place: RefObject<HTMLElement>}) {
  const {run, standing, place} = props;
  const {tone, word, text} = wordsOf(run, standing);
  return (
    <section class={`pulse ${tone}`} aria-label="How the test is going" ref={place} tabIndex={-1}>
      {/* Only the state is said aloud: the words around it move with the clock. */}
      <p class="for-readers" role="status">
        {word}.
      </p>
      <p>
        <strong>{word}.</strong> {text}
      </p>
      {(run.state === 'waiting' || run.state === 'opened') && <p class="hint">This page follows along by itself.</p>}
    </section>
  );
}

function Report({run}: {run: TestRun}) {
  const {attempt, attributes, employee} = run;
  if (attempt === null) return null;
  const {checks = [], decision} = attempt.report;
  const wrong = checks.filter(isWrong);
  const right = checks.filter((check) => !isWrong(check));
  return (
    <>
      {decision && !decision.admitted && (
        <>
          <h2>Why this person may not come in</h2>
          <p>{findingText(decision.finding ?? '')}.</p>
          {(decision.expected || decision.actual) && (
            <dl>
              {decision.expected && (
                <>
                  <dt>Would have been accepted</dt>
                  <dd>{decision.expected}</dd>
                </>
              )}
              <dt>Came instead</dt>
              <dd>{decision.actual || 'nothing'}</dd>
            </dl>
          )}
        </>
      )}
      <Checks title="What to change" checks={wrong} />
      <h2>The employee</h2>
      {employee === null ? (
        <p>
          {decision ? 'No employee here matches what your provider sent.' : 'Nobody was looked for: a check failed before.'}
        </p>
      ) : (
        <p>
          {delegated ? employee.name : <a href={address('employees', employee.id)}>{employee.name}</a>}{' '}
          {employee.administrator && <Badge tone="calm">administrator</Badge>}
          {decision?.recognised_by && <> Recognised by {matchNames[decision.recognised_by] ?? decision.recognised_by}.</>}
        </p>
      )}
      <h2>What your provider sent</h2>
      <Table
        caption="Attributes of the person"
        columns={['Attribute', 'Value']}
        empty={
          decision
            ? 'No attribute. Your provider must send at least the e-mail address.'
            : 'Nothing that could be trusted.'
        }
        rows={attributes.map(({name, values}) => [
          <>
            {lastPart(name)}
            {lastPart(name) !== name && <span class="hint name"> {name}</span>}
          </>,
          values.length === 0 ? <span class="hint">empty</span> : values.map((value) => <span class="value">{value}</span>),
        ])}
      />
      <Checks title="What was right" checks={right} />
      <p class="hint kept">
        Kept as{' '}
        {delegated ? (
          `sign-in ${attempt.reference}`
        ) : (
          <a href={address('sign-ins', attempt.reference)}>sign-in {attempt.reference}</a>
        )}
        , <Time at={attempt.at} />.
      </p>
    </>
  );
}

/// `http://…/claims/emailaddress` is `emailaddress`.
const lastPart = (name: string) => name.slice(name.lastIndexOf('/') + 1) || name;
