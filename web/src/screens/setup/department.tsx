// Where new employees go.
import {useState} from 'preact/hooks';
import type {Department} from '../../api';
import {send} from '../../api';
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

interface Line {
  department: Department;
  depth: number;
}

/// The tree from the top down, each department below its parent, by name. Whoever has a parent that is not in the list
/// stands at the top, so that nobody is lost.
function linesOf(all: Department[]): Line[] {
  const known = new Set(all.map(({id}) => id));
  const children = new Map<string, Department[]>();
  for (const department of all) {
    const parent = department.parent !== null && known.has(department.parent) ? department.parent : '';
    children.set(parent, [...(children.get(parent) ?? []), department]);
  }
  const below = (parent: string, depth: number): Line[] =>
    (children.get(parent) ?? [])
      .sort((a, b) => a.name.localeCompare(b.name))
      .flatMap((department) => [{department, depth}, ...below(department.id, depth + 1)]);
  return below('', 0);
}

function pathOf(department: Department, all: Department[]): string {
  const parent = all.find(({id}) => id === department.parent);
  return parent ? `${pathOf(parent, all)} › ${department.name}` : department.name;
}

function Choice(props: {departments: Department[]; chosen: boolean; saved: (wizard: Wizard) => void}) {
  const {departments, chosen} = props;
  const standard = departments.find(({isDefault}) => isDefault);
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
          {linesOf(departments).map(({department, depth}) => (
            <option value={department.id}>
              {'\u2003'.repeat(depth)}
              {department.name}
              {department.isDefault && ' (default now)'}
            </option>
          ))}
        </select>
        <span id="department-place" class="hint">
          {selected && pathOf(selected, departments)}
        </span>
      </div>
      {departments.length === 1 && (
        <p>
          There is only this department so far. Your directory can bring others: see{' '}
          <a href={address('provisioning', 'settings')}>Provisioning › Settings</a>. You can choose again later.
        </p>
      )}
      {error && <Problem error={error} />}
      <button type="submit" class={settled ? '' : 'primary'} disabled={busy}>
        {busy ? 'Saving…' : 'Use this department'}
      </button>
    </form>
  );
}
