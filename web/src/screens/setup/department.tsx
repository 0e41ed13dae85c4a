// Where new employees go.
import {useState} from 'preact/hooks';
import type {Department} from '../../api';
import {send} from '../../api';
import {delegated} from '../../delegate';
import {indented, linesOf, pathOf} from '../../departments';
import {address} from '../../location';
import {Problem, Show, useAction, useLoaded} from '../../parts';
import type {Wizard} from '../../setup';
import {isDone} from './standing';
import {Onward, type StepProps} from './step';

export function DepartmentStep({wizard, changed}: StepProps) {
  const [departments, retry] = useLoaded<{departments: Department[]}>('departments');
  return (
    <>
      <p>
        Whoever your directory creates without a department that is known here starts in this one. Employees who are
        here already stay where they are.
      </p>
      <Show loaded={departments} retry={retry}>
        {(loaded) => (
          <Choice
            departments={loaded.departments}
            chosen={wizard.setup?.departmentChosenAt != null}
            saved={(answer) => {
              changed(answer);
              retry();
            }}
          />
        )}
      </Show>
      <Onward step="department" ready={isDone(wizard, 'department')} />
    </>
  );
}

function Choice(props: {departments: Department[]; chosen: boolean; saved: (wizard: Wizard) => void}) {
  const {departments, chosen} = props;
  const standard = departments.find((each) => each.default);
  const [wanted, setWanted] = useState(standard?.id ?? '');
  const {busy, error, run} = useAction();
  const selected = departments.find(({id}) => id === wanted);
  const settled = chosen && wanted === standard?.id;
  const save = (event: Event) => {
    event.preventDefault();
    if (!selected) return;
    void run(async () => props.saved(await send<Wizard>('PUT', 'setup/department', {department: wanted})));
  };
  return (
    <form class="narrow" onSubmit={save}>
      <div class="field">
        <label for="department">Default department</label>
        <select
          id="department"
          aria-describedby="department-place"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        >
          {linesOf(departments).map((line) => (
            <option value={line.department.id}>
              {indented(line)}
              {line.department.default && ' (default now)'}
            </option>
          ))}
        </select>
        <span id="department-place" class="hint">
          {selected && pathOf(selected, departments)}
        </span>
      </div>
      {departments.length === 1 && (
        <p>
          There is only this department so far. Your directory can bring others:{' '}
          {delegated ? (
            'the administrator can set that.'
          ) : (
            <>
              see <a href={address('provisioning', 'settings')}>Provisioning › Settings</a>.
            </>
          )}{' '}
          You can choose again later.
        </p>
      )}
      {error && <Problem error={error} />}
      <button type="submit" class={settled ? '' : 'primary'} disabled={busy}>
        {busy ? 'Saving…' : 'Use this department'}
      </button>
    </form>
  );
}
