// What was checked, of a sign-in or of a provider's metadata, and what came of it.
import type {Check} from './api';
import {checkNames, findingText} from './findings';
import {Marked} from './parts';

export const isWrong = ({verdict}: Check) => verdict === 'failed' || verdict === 'warning';

const verdicts: Record<Check['verdict'], {mark: string; word: string}> = {
  passed: {mark: '✓', word: 'Passed'},
  failed: {mark: '✗', word: 'Failed'},
  warning: {mark: '!', word: 'Warning'},
  skipped: {mark: '–', word: 'Not needed'},
};

/// A list with its heading; nothing when there is nothing to list. `names` are the checks' names where they are
/// others than those of a sign-in.
export function Checks(props: {title: string; checks: Check[]; names?: Record<string, string>}) {
  const {title, checks, names = checkNames} = props;
  if (checks.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <ol class="checks">
        {checks.map((check) => (
          <CheckLine check={check} name={names[check.check] ?? findingText(check.check)} />
        ))}
      </ol>
    </>
  );
}

function CheckLine({check, name}: {check: Check; name: string}) {
  const verdict = verdicts[check.verdict];
  return (
    <li class={check.verdict}>
      <span class="mark" aria-hidden="true">
        {verdict.mark}
      </span>
      <div>
        <strong>{name}</strong> <span class="hint">{verdict.word}</span>
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
