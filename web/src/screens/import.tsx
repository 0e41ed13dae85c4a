// Many employees at once: a list is pasted or chosen, looked at, and then imported.
import {useState} from 'preact/hooks';
import {sendTable} from '../api';
import {address} from '../location';
import {Badge, Done, Problem, Table, Title, count, useAction, useFocus} from '../parts';

interface Row {
  line: number;
  outcome: 'new' | 'exists' | 'wrong';
  userName: string;
  email: string;
  givenName: string;
  familyName: string;
  displayName: string;
  department: string;
  problem: string;
}

interface Outcome {
  imported: number;
  new: number;
  exists: number;
  wrong: number;
  rows: Row[];
}

const columns = 'userName, email, givenName, familyName, displayName, department';
const example = 'email,givenName,familyName,department\neve@contoso.example,Eve,Novak,Sales\n';

/// The screen `employees/import`.
export function ImportScreen() {
  const [text, setText] = useState('');
  const [preview, setPreview] = useState<Outcome | null>(null);
  const [imported, setImported] = useState<Outcome | null>(null);
  const again = () => {
    setText('');
    setPreview(null);
    setImported(null);
  };
  return (
    <>
      <p>
        <a href={address('employees')}>All employees</a>
      </p>
      <Title>{imported ? 'The list is imported' : 'Import employees'}</Title>
      {imported ? (
        <Result outcome={imported} again={again} />
      ) : preview ? (
        <Preview text={text} outcome={preview} back={() => setPreview(null)} done={setImported} />
      ) : (
        <Choose text={text} change={setText} checked={setPreview} />
      )}
    </>
  );
}

function Choose(props: {text: string; change: (text: string) => void; checked: (outcome: Outcome) => void}) {
  const {text, change, checked} = props;
  const {busy, error, run} = useAction();
  const check = (event: Event) => {
    event.preventDefault();
    void run(async () => checked(await sendTable<Outcome>('employees/import?dry_run=true', text)));
  };
  const choose = async (files: FileList | null) => {
    const file = files?.[0];
    if (file) change(await file.text());
  };
  return (
    <form class="narrow" onSubmit={check}>
      <p>
        A table with one person in each row. The first row names the columns: {columns}. Only an address or a user name
        must be there. Nothing is imported before you have seen what would happen.
      </p>
      <label class="field">
        A file from your spreadsheet (CSV UTF-8)
        <input
          type="file"
          accept=".csv,.tsv,.txt,text/csv"
          onChange={(event) => void choose(event.currentTarget.files)}
        />
      </label>
      <label class="field">
        Or the table itself, pasted
        <textarea
          rows={10}
          spellcheck={false}
          placeholder={example}
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
        />
      </label>
      <p class="hint">
        At most 5,000 rows. Who has the user name of somebody here already is left as they are. New employees get no
        password and no rights.
      </p>
      {error && <Problem error={error} />}
      <button type="submit" class="primary" disabled={busy || text.trim() === ''}>
        {busy ? 'Looking…' : 'See what would happen'}
      </button>
    </form>
  );
}

const tones = {new: 'good', exists: 'calm', wrong: 'bad'} as const;
const words = {new: 'new', exists: 'exists already', wrong: 'wrong'};
/// More than anybody reads; what is wrong comes first.
const shownRows = 100;

function Rows({rows}: {rows: Row[]}) {
  const order = {wrong: 0, new: 1, exists: 2};
  const sorted = [...rows].sort((a, b) => order[a.outcome] - order[b.outcome] || a.line - b.line);
  return (
    <>
      <Table
        caption="The rows of the list"
        columns={['Line', 'What happens', 'User name', 'E-mail', 'Name', 'Department']}
        empty="The list is empty."
        rows={sorted.slice(0, shownRows).map((row) => [
          row.line,
          <>
            <Badge tone={tones[row.outcome]}>{words[row.outcome]}</Badge> {row.problem}
          </>,
          row.userName,
          row.email,
          row.displayName || `${row.givenName} ${row.familyName}`.trim(),
          row.department,
        ])}
      />
      {sorted.length > shownRows && <p class="hint">And {count(sorted.length - shownRows, 'more row')}.</p>}
    </>
  );
}

function Preview(props: {
  text: string;
  outcome: Outcome;
  back: () => void;
  done: (outcome: Outcome) => void;
}) {
  const {text, outcome, back, done} = props;
  const [skip, setSkip] = useState(false);
  const {busy, error, run} = useAction();
  const heading = useFocus<HTMLHeadingElement>(true);
  const act = () =>
    run(async () => done(await sendTable<Outcome>(`employees/import${skip ? '?skip_wrong=true' : ''}`, text)));
  const ready = outcome.new > 0 && (outcome.wrong === 0 || skip);
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        Nothing is imported yet
      </h2>
      <p>
        {count(outcome.new, 'person', 'people')} would be added. {count(outcome.exists, 'row')} would change nothing,
        because the user name exists. {count(outcome.wrong, 'row')} {outcome.wrong === 1 ? 'is' : 'are'} wrong.
      </p>
      {outcome.wrong > 0 && outcome.new > 0 && (
        <label class="choice">
          <input type="checkbox" checked={skip} onChange={(event) => setSkip(event.currentTarget.checked)} />
          <span>Leave out the wrong {outcome.wrong === 1 ? 'row' : 'rows'} and import the others</span>
        </label>
      )}
      {error && <Problem error={error} />}
      <div class="buttons">
        <button type="button" class="primary" disabled={busy || !ready} onClick={() => void act()}>
          {busy ? 'Importing…' : `Import ${count(outcome.new, 'person', 'people')}`}
        </button>
        <button type="button" onClick={back}>
          Change the list
        </button>
      </div>
      <Rows rows={outcome.rows} />
    </>
  );
}

function Result({outcome, again}: {outcome: Outcome; again: () => void}) {
  const left = outcome.rows.filter((row) => row.outcome !== 'new');
  return (
    <>
      <Done>{count(outcome.imported, 'person was', 'people were')} added.</Done>
      <div class="buttons">
        <a class="button" href={address('employees')}>
          All employees
        </a>
        <button type="button" onClick={again}>
          Import another list
        </button>
      </div>
      {left.length > 0 && (
        <>
          <h2>Not imported</h2>
          <Rows rows={left} />
        </>
      )}
    </>
  );
}
