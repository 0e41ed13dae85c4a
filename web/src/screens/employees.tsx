import {useState} from 'preact/hooks';
import type {Employee} from '../api';
import {address} from '../location';
import {Badge, More, Show, Table, Title, usePages} from '../parts';

export const origins: Record<string, string> = {
  manual: 'By hand',
  directory: 'Directory',
  sign_in: 'First sign-in',
  'sign-in': 'First sign-in',
};

const nobodyLeftOut = {search: '', active: '', administrator: ''};
/// The filter, for whoever looks at an employee and comes back.
let lastFilter = nobodyLeftOut;

function nobody(filter: typeof nobodyLeftOut): string {
  if (filter.active !== '' || filter.administrator !== '') return 'Nobody matches what you chose above.';
  return filter.search === '' ? 'There are no employees yet.' : 'Nobody’s user name begins like this.';
}

export function Employees() {
  const [filter, setFilter] = useState(lastFilter);
  const change = (changes: Partial<typeof nobodyLeftOut>) => {
    lastFilter = {...filter, ...changes};
    setFilter(lastFilter);
  };
  const {first, retry, items, more} = usePages<Employee>('employees', 'employees', 'after', filter);
  return (
    <>
      <Title>Employees</Title>
      <p>
        <a class="button" href={address('employees', 'new')}>
          Add an employee
        </a>
      </p>
      <div class="filters">
        <label class="field">
          User name begins with
          <input type="search" value={filter.search} onInput={(event) => change({search: event.currentTarget.value})} />
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
      <Show loaded={first} retry={retry}>
        {() => (
          <>
            <Table
              caption="Employees"
              columns={['Name', 'User name', 'E-mail', 'Came from', 'Access']}
              empty={nobody(filter)}
              rows={items.map((employee) => [
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
            <More load={more} />
          </>
        )}
      </Show>
    </>
  );
}
