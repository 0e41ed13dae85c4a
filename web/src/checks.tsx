// What was checked, of a sign-in or of a provider's metadata, and what came of it.
import type {Check} from './api';
import {checkNames, findingText} from './findings';
import {Marked} from './parts';

export const isWrong = ({verdict}: Check) => verdict === 'failed' || verdict === 'warning';

const marks: Record<Check['verdict'], string> = {passed: '✓', failed: '✗', warning: '!', skipped: '–'};

/// A list, with a heading if `title` says one; nothing when there is nothing to list. `names` are the checks' names
/// where they are others than those of a sign-in; `skipped` says what it means that one was not made.
export function Checks(props: {title?: string; checks: Check[]; names?: Record<string, string>; skipped?: string}) {
  const {title, checks, names = checkNames, skipped = 'Not needed'} = props;
  const words = {passed: 'Passed', failed: 'Failed', warning: 'Warning', skipped};
  if (checks.length === 0) return null;
  return (
    <>
      {title !== undefined && <h2>{title}</h2>}
      <ol class="checks">
        {checks.map((check) => (
          <CheckLine check={check} name={names[check.check] ?? findingText(check.check)} word={words[check.verdict]} />
        ))}
      </ol>
    </>
  );
}

function CheckLine({check, name, word}: {check: Check; name: string; word: string}) {
  return (
    <li class={check.verdict}>
      <span class="mark" aria-hidden="true">
        {marks[check.verdict]}
      </span>
      <div>
        <strong>{name}</strong> <span class="hint">{word}</span>
        {check.message && (
          <p>
            <Marked text={check.message} />
          </p>
        )}
        <Comparison names={['Expected', 'Received']} of={check} />
      </div>
    </li>
  );
}

/// What was expected and what came, as far as the record says.
export function Comparison({names, of}: {names: [string, string]; of: {expected?: string; actual?: string}}) {
  if (!of.expected && !of.actual) return null;
  return (
    <dl>
      {of.expected && (
        <>
          <dt>{names[0]}</dt>
          <dd>{of.expected}</dd>
        </>
      )}
      <dt>{names[1]}</dt>
      <dd>{of.actual || 'nothing'}</dd>
    </dl>
  );
}
