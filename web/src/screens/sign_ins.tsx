import type {Attempt, AttemptReport} from '../api';
import {Checks, Comparison, isWrong} from '../checks';
import {findingText, matchNames} from '../findings';
import {address} from '../location';
import {Badge, More, Show, Table, Time, Title, useLoaded, usePages} from '../parts';
import {Standing, Timeline, Verdict, WhySearch, Whom} from './diagnosis';
import type {SignInDiagnosis} from './diagnosis';

function Outcome({attempt}: {attempt: Attempt}) {
  if (attempt.outcome === 'refused') return <Badge tone="bad">refused</Badge>;
  if (attempt.finding !== '') return <Badge tone="bad">test failed</Badge>;
  return <Badge tone="good">{attempt.outcome === 'test' ? 'test passed' : 'signed in'}</Badge>;
}

export function SignIns() {
  const {first, retry, items, more} = usePages<Attempt>('sign-in-attempts', 'attempts', 'before');
  return (
    <>
      <Title>Sign-ins</Title>
      <WhySearch />
      <Show loaded={first} retry={retry}>
        {() => (
          <>
            <Table
              caption="Sign-in attempts, newest first"
              columns={['When', 'Who', 'Outcome', 'What was found', 'From', 'Reference']}
              empty="Nobody has tried to sign in yet."
              rows={items.map((attempt) => [
                <Time at={attempt.at} />,
                attempt.employeeName === '' ? <span class="hint">not known</span> : attempt.employeeName,
                <Outcome attempt={attempt} />,
                attempt.finding === '' ? '' : findingText(attempt.finding),
                <span class="whole">{attempt.clientAddress}</span>,
                <a class="whole" href={address('sign-ins', attempt.reference)}>{attempt.reference}</a>,
              ])}
            />
            <More load={more} />
          </>
        )}
      </Show>
    </>
  );
}

export function SignInStory({reference}: {reference: string}) {
  const [loaded, retry] = useLoaded<AttemptReport>(`sign-in-attempts/${encodeURIComponent(reference)}`);
  const [why, retryWhy] = useLoaded<SignInDiagnosis>('sign-in-diagnosis', {search: reference});
  return (
    <>
      <p>
        <a href={address('sign-ins')}>All sign-ins</a>
      </p>
      <Title>{`Sign-in ${reference}`}</Title>
      <Show loaded={loaded} retry={retry}>
        {(attempt) => (
          <>
            <Show loaded={why} retry={retryWhy}>
              {(diagnosis) => (
                <>
                  <Whom diagnosis={diagnosis} />
                  <Verdict diagnosis={diagnosis} />
                </>
              )}
            </Show>
            <h2>This sign-in</h2>
            <Story attempt={attempt} />
            {why.state === 'done' && why.value.verdict && (
              <>
                <h2>What is known of this person</h2>
                <Standing diagnosis={why.value} />
                <Timeline diagnosis={why.value} />
              </>
            )}
          </>
        )}
      </Show>
    </>
  );
}

function Story({attempt}: {attempt: AttemptReport}) {
  const {checks = [], decision} = attempt.report;
  return (
    <>
      <p>
        <Outcome attempt={attempt} /> {attempt.employeeName !== '' && <strong>{attempt.employeeName}</strong>}{' '}
        <Time at={attempt.at} /> from {attempt.clientAddress}
      </p>
      {attempt.finding !== '' && <p class="cause">{findingText(attempt.finding)}.</p>}
      {decision && !decision.admitted && <Comparison names={['Would have been accepted', 'Came instead']} of={decision} />}
      {decision?.admitted && (
        <p>
          Recognised by {matchNames[decision.recognised_by ?? ''] ?? decision.recognised_by}
          {decision.linked_now && ', and linked from now on'}.
        </p>
      )}
      <Checks title="What went wrong" checks={checks.filter(isWrong)} />
      <Checks title="What was right" checks={checks.filter((check) => !isWrong(check))} />
      {checks.length === 0 && <p class="empty">No check was made.</p>}
    </>
  );
}
