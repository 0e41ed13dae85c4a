import {useState} from 'preact/hooks';
import type {Employee} from '../api';
import {address} from '../location';
import {Badge, More, Show, Table, Title, usePages} from '../parts';

export const origins: Record<string, string> = {manual: 'By hand', directory: 'Directory', sign_in: 'Sign-in', 'sign-in': 'Sign-in'};

export function Employees() {
  const [search, setSearch] = useState('');
  const {first, retry, items, more} = usePages<Employee>('employees', 'employees', 'after', {search});
  return (
    <>
      <Title>Employees</Title>
      <label class="search">
        User name begins with
        <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </label>
      <Show loaded={first} retry={retry}>
        {() => (
          <>
            <Table
              caption="Employees"
              columns={['Name', 'User name', 'E-mail', 'Came from', 'Access']}
              empty={search === '' ? 'There are no employees yet.' : 'Nobody’s user name begins like this.'}
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
