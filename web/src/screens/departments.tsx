// The tree of departments: add, rename, move, make the default, delete.
import {useId, useState} from 'preact/hooks';
import type {Department} from '../api';
import {get, send} from '../api';
import type {Branch} from '../departments';
import {indented, isWithin, linesOf, pathOf, treeOf} from '../departments';
import {Confirm, Dialog} from '../dialogs';
import {ChangedMeanwhile, useEdited} from '../edited';
import {address} from '../location';
import {Badge, Done, Problem, Show, Title, count, useAction, useFocus, useLoaded} from '../parts';

/// What a window is open for.
type Open = {what: 'add'; parent: string | null} | {what: 'edit' | 'delete'; department: Department} | null;

export function Departments() {
  const [loaded, retry] = useLoaded<{departments: Department[]}>('departments');
  const [open, setOpen] = useState<Open>(null);
  const [note, setNote] = useState('');
  const [gone, setGone] = useState('');
  // The button that had the focus went with the department.
  const said = useFocus<HTMLDivElement>(gone);
  const close = () => setOpen(null);
  const done = (what: string) => {
    close();
    setNote(what);
    retry();
  };
  return (
    <>
      <Title>Departments</Title>
      <p>Where people belong in your company. New employees start in the default department.</p>
      <p>
        <button type="button" onClick={() => setOpen({what: 'add', parent: null})}>
          Add a department…
        </button>
      </p>
      <div ref={said} tabIndex={-1}>
        <Done>{note}</Done>
      </div>
      <Show loaded={loaded} retry={retry}>
        {({departments}) => (
          <>
            <Tree branches={treeOf(departments)} open={setOpen} />
            {open?.what === 'add' && <Add parent={open.parent} all={departments} close={close} done={done} />}
            {open?.what === 'edit' && <Edit department={open.department} all={departments} close={close} done={done} />}
            {open?.what === 'delete' && (
              <Delete
                department={open.department}
                all={departments}
                close={close}
                done={(what) => {
                  done(what);
                  setGone(open.department.id);
                }}
              />
            )}
          </>
        )}
      </Show>
    </>
  );
}

const peopleBelow = (branches: Branch[]): number =>
  branches.reduce((sum, {department, below}) => sum + department.employees + peopleBelow(below), 0);

/// Lists in lists, which screen readers count and name the level of.
function Tree({branches, open}: {branches: Branch[]; open: (what: Open) => void}) {
  return (
    <ul class="tree">
      {branches.map(({department, below}) => (
        <li key={department.id}>
          <div class="branch">
            <div>
              <strong>{department.name}</strong> {department.default && <Badge tone="calm">default</Badge>}
              <People department={department} below={peopleBelow(below)} />
            </div>
            <div class="ways">
              <button
                type="button"
                class="small"
                aria-label={`Add below… ${department.name}`}
                onClick={() => open({what: 'add', parent: department.id})}
              >
                Add below…
              </button>
              <button
                type="button"
                class="small"
                aria-label={`Edit… ${department.name}`}
                onClick={() => open({what: 'edit', department})}
              >
                Edit…
              </button>
              <button
                type="button"
                class="small danger-line"
                aria-label={`Delete… ${department.name}`}
                onClick={() => open({what: 'delete', department})}
              >
                Delete…
              </button>
            </div>
          </div>
          {below.length > 0 && <Tree branches={below} open={open} />}
        </li>
      ))}
    </ul>
  );
}

function People({department, below}: {department: Department; below: number}) {
  return (
    <div class="hint">
      {department.employees === 0 ? (
        'Nobody here'
      ) : (
        <a href={address('employees', 'in', department.id)}>{count(department.employees, 'employee')}</a>
      )}
      {below > 0 && `, ${count(below, 'employee')} below`}
    </div>
  );
}

/// Name and place, for adding and editing. `without` is the department that must not be below itself.
function Fields(props: {
  name: string;
  parent: string | null;
  all: Department[];
  without?: string;
  change: (name: string, parent: string | null) => void;
}) {
  const id = useId();
  const {name, parent, all, without} = props;
  const places = linesOf(all).filter(({department}) => without === undefined || !isWithin(department.id, without, all));
  return (
    <>
      <label class="field">
        Name
        <input value={name} autocomplete="off" onInput={(event) => props.change(event.currentTarget.value, parent)} />
      </label>
      <div class="field">
        <label for={id}>Below</label>
        <select id={id} value={parent ?? ''} onChange={(event) => props.change(name, event.currentTarget.value || null)}>
          <option value="">No other department</option>
          {places.map((line) => (
            <option value={line.department.id}>{indented(line)}</option>
          ))}
        </select>
      </div>
    </>
  );
}

interface Window {
  all: Department[];
  close: () => void;
  done: (note: string) => void;
}

function Add(props: Window & {parent: string | null}) {
  const {all, close, done} = props;
  const [fields, setFields] = useState({name: '', parent: props.parent});
  const {busy, error, run} = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const {department} = await send<{department: Department}>('POST', 'departments', fields);
      done(`${department.name} is added.`);
    });
  };
  return (
    <Dialog title="Add a department" close={close}>
      <form onSubmit={submit}>
        <Fields {...fields} all={all} change={(name, parent) => setFields({name, parent})} />
        {error && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy}>
            {busy ? 'Adding…' : 'Add'}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface NameAndPlace {
  name: string;
  parent: string | null;
}

const editedOf = ({name, parent, version}: Department) => ({fields: {name, parent}, version});

function Edit(props: Window & {department: Department}) {
  const {department, close, done} = props;
  const [all, setAll] = useState(props.all);
  const {base, fields, setFields, news, save} = useEdited<NameAndPlace>(editedOf(department), async () => {
    const {departments} = await get<{departments: Department[]}>('departments');
    setAll(departments);
    // The server says it when it is gone.
    return editedOf(departments.find(({id}) => id === department.id) ?? department);
  });
  const [standard, setStandard] = useState(department.default);
  const {busy, error, run} = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    const write = async (written: NameAndPlace, version: string) => {
      const path = `departments/${encodeURIComponent(department.id)}`;
      const changed = await send<{department: Department}>('PUT', path, {...written, version});
      if (standard && !department.default) await send('POST', `${path}/default`);
      done(
        standard && !department.default
          ? `Saved. New employees start in ${changed.department.name} from now on.`
          : 'Saved.',
      );
    };
    void run(() => save(write));
  };
  const valueNow = (name: keyof NameAndPlace) =>
    name === 'name' ? base.fields.name : (all.find(({id}) => id === base.fields.parent)?.name ?? 'No other department');
  return (
    <Dialog title={`Edit ${department.name}`} close={close}>
      <form onSubmit={submit}>
        {news.length > 0 && (
          <ChangedMeanwhile
            what="this department"
            values={news.map((name) => [name === 'name' ? 'Name' : 'Below', valueNow(name)])}
          />
        )}
        <Fields {...fields} all={all} without={department.id} change={(name, parent) => setFields({name, parent})} />
        <label class="choice">
          <input
            type="checkbox"
            checked={standard}
            disabled={department.default}
            onChange={(event) => setStandard(event.currentTarget.checked)}
          />
          <span>
            The default department
            <span class="hint">
              {department.default
                ? 'New employees start here. To change that, make another department the default.'
                : 'New employees start here. Who is here already stays where they are.'}
            </span>
          </span>
        </label>
        {error && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy}>
            {busy ? 'Saving…' : 'Save'}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface Deleted {
  employees: number;
  groups: number;
  movedTo: {id: string; name: string};
}

function Delete(props: Window & {department: Department}) {
  const {department, all, close, done} = props;
  const {busy, error, run} = useAction();
  const standard = all.find((each) => each.default);
  const below = all.filter(({parent}) => parent === department.id);
  const title = `Delete ${department.name}?`;
  if (department.default || below.length > 0) {
    return (
      <Dialog title={title} close={close}>
        <p>
          {department.default
            ? 'This is the default department, where new employees start. Make another one the default first.'
            : `There ${below.length === 1 ? 'is a department' : 'are departments'} below it: ${below
                .map(({name}) => name)
                .join(', ')}. Move or delete ${below.length === 1 ? 'it' : 'them'} first.`}
        </p>
        <div class="buttons">
          <button type="button" onClick={close}>
            Close
          </button>
        </div>
      </Dialog>
    );
  }
  const act = () =>
    run(async () => {
      const gone = await send<Deleted>('DELETE', `departments/${encodeURIComponent(department.id)}`);
      const moved = gone.employees === 0 ? '' : ` ${count(gone.employees, 'employee')} moved to ${gone.movedTo.name}.`;
      const groups = gone.groups === 0 ? '' : ` ${count(gone.groups, 'group')} ${gone.groups === 1 ? 'leads' : 'lead'} here no more.`;
      done(`${department.name} is deleted.${moved}${groups}`);
    });
  return (
    <Confirm title={title} yes="Delete" tone="danger" busy={busy} error={error} close={close} act={() => void act()}>
      <p>
        {department.employees === 0
          ? 'Nobody is in this department.'
          : `${count(department.employees, 'employee')} will move to ${standard ? pathOf(standard, all) : 'the default department'}.`}
      </p>
      <p>Groups of your directory that lead here will not move anybody any more. This cannot be undone.</p>
    </Confirm>
  );
}
