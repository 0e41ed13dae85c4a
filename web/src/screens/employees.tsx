import {useEffect, useState} from 'preact/hooks';
import type {Department, Employee} from '../api';
import {indented, linesOf} from '../departments';
import {address} from '../location';
import {Badge, Show, Table, Title, count, useFocus, useLoaded} from '../parts';

export const origins: Record<string, string> = {
  manual: 'By hand',
  directory: 'Directory',
  sign_in: 'First sign-in',
  'sign-in': 'First sign-in',
};

const nobodyLeftOut = {search: '', department: '', origin: '', active: '', administrator: ''};
type Filter = typeof nobodyLeftOut;
/// The filter and the cursors of the pages up to the one shown, for whoever looks at an employee and comes back.
let lastFilter = nobodyLeftOut;
let lastCursors: string[] = [];

function nobody(filter: Filter): string {
  if (Object.entries(filter).every(([name, value]) => name === 'search' || value === '')) {
    return filter.search === '' ? 'There are no employees yet.' : 'Nobody is called that.';
  }
  return 'Nobody matches what you chose above.';
}

const perPage = 50;

interface Page {
  employees: Employee[];
  next: string | null;
  /// All of the company's, whatever the filter.
  total: number;
}

/// `department`: the one to show, for whoever comes from the tree of departments.
export function Employees({department}: {department?: string}) {
  const [filter, setFilter] = useState(() => {
    if (department === undefined) return lastFilter;
    lastCursors = [];
    return (lastFilter = {...nobodyLeftOut, department});
  });
  const [cursors, setCursors] = useState(lastCursors);
  const [turned, setTurned] = useState(false);
  const show = (pages: string[], byTurning: boolean) => {
    lastCursors = pages;
    setCursors(pages);
    setTurned(byTurning);
  };
  const change = (changes: Partial<Filter>) => {
    lastFilter = {...filter, ...changes};
    setFilter(lastFilter);
    show([], false);
  };
  const settled = useSettled(filter);
  const [loaded, retry] = useLoaded<Page>('employees', {...settled, after: cursors.at(-1) ?? '', limit: String(perPage)});
  return (
    <>
      <Title>Employees</Title>
      <div class="buttons">
        <a class="button" href={address('employees', 'new')}>
          Add an employee
        </a>
        <a class="button" href={address('employees', 'import')}>
          Import a list
        </a>
      </div>
      <Filters filter={filter} change={change} />
      <Show loaded={loaded} retry={retry}>
        {(page) => (
          <>
            <PageOf page={page} before={cursors.length} turned={turned} filter={settled} />
            <Table
              caption="Employees"
              columns={['Name', 'User name', 'E-mail', 'Came from', 'Access']}
              empty={nobody(settled)}
              rows={page.employees.map((employee) => [
                <a href={address('employees', employee.id)}>{employee.displayName}</a>,
                employee.userName,
                employee.email === '' ? <Badge tone="bad">none</Badge> : employee.email,
                origins[employee.origin] ?? employee.origin,
                <>
                  <Badge tone={employee.active ? 'good' : 'bad'}>{employee.active ? 'active' : 'deactivated'}</Badge>{' '}
                  {employee.administrator && <Badge tone="calm">administrator</Badge>}
                </>,
              ])}
            />
            <Turn next={page.next} cursors={cursors} turn={(to) => show(to, true)} />
          </>
        )}
      </Show>
    </>
  );
}

/// What was typed, once nothing was typed for a moment: not every letter asks the server.
function useSettled(filter: Filter): Filter {
  const [settled, setSettled] = useState(filter);
  useEffect(() => {
    if (filter.search === settled.search) {
      setSettled(filter);
      return undefined;
    }
    const timer = setTimeout(() => setSettled(filter), 200);
    return () => clearTimeout(timer);
  }, [filter]);
  return settled;
}

function Filters({filter, change}: {filter: Filter; change: (changes: Partial<Filter>) => void}) {
  const [departments] = useLoaded<{departments: Department[]}>('departments');
  return (
    <div class="filters">
      <label class="field">
        Name, user name or e-mail
        <input
          type="search"
          maxLength={200}
          value={filter.search}
          onInput={(event) => change({search: event.currentTarget.value})}
        />
      </label>
      <label class="field">
        Department
        <select value={filter.department} onChange={(event) => change({department: event.currentTarget.value})}>
          <option value="">All departments</option>
          {departments.state === 'done' &&
            linesOf(departments.value.departments).map((line) => (
              <option value={line.department.id} selected={line.department.id === filter.department}>
                {indented(line)}
              </option>
            ))}
        </select>
      </label>
      <label class="field">
        Came from
        <select value={filter.origin} onChange={(event) => change({origin: event.currentTarget.value})}>
          <option value="">Anywhere</option>
          <option value="directory">Directory</option>
          <option value="manual">By hand</option>
          <option value="sign-in">First sign-in</option>
        </select>
      </label>
      <label class="field">
        Access
        <select value={filter.active} onChange={(event) => change({active: event.currentTarget.value})}>
          <option value="">Everyone</option>
          <option value="true">Active</option>
          <option value="false">Deactivated</option>
        </select>
      </label>
      <label class="choice">
        <input
          type="checkbox"
          checked={filter.administrator === 'true'}
          onChange={(event) => change({administrator: event.currentTarget.checked ? 'true' : ''})}
        />
        <span>Administrators only</span>
      </label>
    </div>
  );
}

/// Which part of the list is shown. It takes the focus when the page was turned.
function PageOf({page, before, turned, filter}: {page: Page; before: number; turned: boolean; filter: Filter}) {
  const line = useFocus<HTMLParagraphElement>(turned);
  const filtered = Object.values(filter).some((value) => value !== '');
  const start = before * perPage + 1;
  const end = start + page.employees.length - 1;
  if (page.employees.length === 0) return null;
  return (
    <p class="hint" role="status" tabIndex={-1} ref={line}>
      {start.toLocaleString()} to {end.toLocaleString()}
      {filtered ? ` of those found; ${count(page.total, 'employee')} in all` : ` of ${count(page.total, 'employee')}`}
    </p>
  );
}

function Turn({next, cursors, turn}: {next: string | null; cursors: string[]; turn: (to: string[]) => void}) {
  if (next === null && cursors.length === 0) return null;
  return (
    <div class="buttons">
      <button type="button" disabled={cursors.length === 0} onClick={() => turn(cursors.slice(0, -1))}>
        Previous page
      </button>
      <button type="button" disabled={next === null} onClick={() => next !== null && turn([...cursors, next])}>
        Next page
      </button>
      {cursors.length > 1 && (
        <button type="button" onClick={() => turn([])}>
          First page
        </button>
      )}
    </div>
  );
}
