import type {ComponentChildren} from 'preact';
import {useState} from 'preact/hooks';
import type {EmployeeDetails} from '../api';
import {send} from '../api';
import {attributeLines} from '../attributes';
import {Confirm} from '../dialogs';
import {address} from '../location';
import {Badge, Done, Show, Time, Title, useAction, useLoaded} from '../parts';
import {EmployeeDiagnosis} from './diagnosis';
import {EditEmployee} from './employee_form';
import {EmployeeGrants} from './employee_grants';
import {origins} from './employees';
import {LogTable} from './provisioning_log';
import {SendLink} from './send_link';

export function EmployeeScreen({id, ownId}: {id: string; ownId: string}) {
  const [loaded, retry] = useLoaded<EmployeeDetails>(`employees/${encodeURIComponent(id)}`);
  const [done, setDone] = useState('');
  const [editing, setEditing] = useState(false);
  const changed = (note: string) => {
    setEditing(false);
    void retry().then(() => setDone(note));
  };
  const name = loaded.state === 'done' ? loaded.value.displayName : 'Employee';
  return (
    <>
      <p>
        <a href={address('employees')}>All employees</a>
      </p>
      <Title>{editing ? `Edit ${name}` : name}</Title>
      <Show loaded={loaded} retry={retry}>
        {(employee) =>
          editing ? (
            <EditEmployee employee={employee} saved={changed} cancel={() => setEditing(false)} />
          ) : (
            <>
              <p>
                <Badge tone={employee.active ? 'good' : 'bad'}>{employee.active ? 'active' : 'deactivated'}</Badge>{' '}
                {employee.administrator && <Badge tone="calm">administrator</Badge>}{' '}
                {employee.deletionHeld && <Badge tone="bad">deletion held</Badge>}
              </p>
              <Done>{done}</Done>
              {employee.deletionHeld ? (
                <p>
                  Your directory deleted this employee while many left at once. Access is off; decide about all of them under{' '}
                  <a href={address('provisioning')}>Provisioning</a>.
                </p>
              ) : (
                <Actions
                  employee={employee}
                  isYou={employee.id === ownId}
                  changed={changed}
                  edit={() => {
                    setDone('');
                    setEditing(true);
                  }}
                />
              )}
              {employee.active && (
                <section aria-label="Way in">
                  <h2>Invitation and password</h2>
                  <SendLink employee={employee} />
                </section>
              )}
              <EmployeeDiagnosis id={employee.id} renewed={`${employee.updatedAt} ${done}`} />
              <h2>Who this is</h2>
              <Facts employee={employee} />
              <EmployeeGrants employee={employee} isYou={employee.id === ownId} />
              <h2>Groups</h2>
              {employee.groups.length === 0 ? (
                <p class="empty">In no group.</p>
              ) : (
                <ul class="plain">
                  {employee.groups.map((group) => (
                    <li>
                      <a href={address('groups', group.id)}>{group.displayName}</a>{' '}
                      {group.administrator && <Badge tone="calm">administrator rights</Badge>}
                    </li>
                  ))}
                </ul>
              )}
              <h2>What your directory did</h2>
              <LogTable
                caption="The last requests of your directory about this employee"
                entries={employee.log}
                empty="Nothing in the provisioning log."
              />
              {employee.log.length > 0 && (
                <p>
                  <a href={address('provisioning', 'log', 'about', employee.id)}>All entries about this employee</a>
                </p>
              )}
            </>
          )
        }
      </Show>
    </>
  );
}

/// A line of facts; nothing when there is no value.
function Fact({name, children}: {name: string; children: ComponentChildren}) {
  if (children === '' || children === null || children === undefined) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Facts({employee}: {employee: EmployeeDetails}) {
  const {manager, department} = employee;
  return (
    <dl>
      <Fact name="User name">{employee.userName}</Fact>
      <Fact name="E-mail">{employee.email === '' ? <Badge tone="bad">none</Badge> : employee.email}</Fact>
      <Fact name="Department">{department.isDefault ? `${department.name} (default)` : department.name}</Fact>
      <Fact name="Manager">{manager && <a href={address('employees', manager.id)}>{manager.name}</a>}</Fact>
      {attributeLines(employee.attributes, [employee.email, employee.userName, employee.displayName]).map(([name, value]) => (
        <Fact name={name}>{value}</Fact>
      ))}
      <Fact name="Language">{employee.locale}</Fact>
      <Fact name="Object ID">{employee.objectId && <code>{employee.objectId}</code>}</Fact>
      <Fact name="External ID">{employee.externalId && <code>{employee.externalId}</code>}</Fact>
      <Fact name="Came from">
        {origins[employee.origin] ?? employee.origin}, <Time at={employee.createdAt} />
      </Fact>
      <Fact name="Managed by">
        {employee.deletionHeld ? (
          'your directory'
        ) : employee.provisionedAt === null ? (
          'hand'
        ) : (
          <>
            your directory, since <Time at={employee.provisionedAt} />
          </>
        )}
      </Fact>
      <Fact name="Password">{employee.hasPassword ? 'has one' : 'has none'}</Fact>
    </dl>
  );
}

type Deed = 'deactivate' | 'activate' | 'grant-administrator' | 'revoke-administrator';

function Actions(props: {employee: EmployeeDetails; isYou: boolean; changed: (note: string) => void; edit: () => void}) {
  const {employee} = props;
  const [asked, setAsked] = useState<Deed | null>(null);
  return (
    <>
      <div class="buttons">
        <button type="button" onClick={props.edit}>
          Edit
        </button>
        {employee.active ? (
          <>
            {employee.administrator ? (
              <button type="button" onClick={() => setAsked('revoke-administrator')}>
                Take administrator rights…
              </button>
            ) : (
              <button type="button" onClick={() => setAsked('grant-administrator')}>
                Grant administrator rights…
              </button>
            )}
            <button type="button" class="danger-line" onClick={() => setAsked('deactivate')}>
              Deactivate…
            </button>
          </>
        ) : (
          <button type="button" class="primary" onClick={() => setAsked('activate')}>
            Activate…
          </button>
        )}
      </div>
      {asked && <ConfirmDeed {...props} deed={asked} close={() => setAsked(null)} />}
    </>
  );
}

function ConfirmDeed(props: {
  employee: EmployeeDetails;
  isYou: boolean;
  deed: Deed;
  close: () => void;
  changed: (note: string) => void;
}) {
  const {employee, deed} = props;
  const {busy, error, run} = useAction();
  const act = () =>
    void run(async () => {
      const {note} = await send<{note: string}>('POST', `employees/${encodeURIComponent(employee.id)}/${deed}`);
      props.close();
      props.changed(note);
    });
  const words = wordsOf(deed, employee, props.isYou);
  return (
    <Confirm title={words.title} yes={words.yes} tone={words.tone} busy={busy} error={error} close={props.close} act={act}>
      <ul>
        {words.lines.filter(Boolean).map((line) => (
          <li>{line}</li>
        ))}
      </ul>
    </Confirm>
  );
}

function wordsOf(deed: Deed, employee: EmployeeDetails, isYou: boolean) {
  const name = employee.displayName;
  const managed = employee.provisionedAt !== null;
  switch (deed) {
    case 'deactivate':
      return {
        title: `Deactivate ${name}?`,
        yes: 'Deactivate',
        tone: 'danger' as const,
        lines: [
          isYou ? 'This is you: you are signed out at once and cannot undo it yourself.' : 'One person loses access at once: every session ends.',
          employee.administrator && 'Administrator rights go, and do not come back with access.',
          managed && 'Your directory manages this employee and may switch access on again. To keep it off, disable the person there.',
          !isYou && 'It can be undone: activate the employee again. Groups and data stay.',
        ],
      };
    case 'activate':
      return {
        title: `Activate ${name}?`,
        yes: 'Activate',
        tone: 'primary' as const,
        lines: [
          'One person can sign in again.',
          'Administrator rights do not come back. Grant them again where they are needed.',
          managed && 'Your directory manages this employee and may switch access off again.',
          'It can be undone: deactivate the employee again.',
        ],
      };
    case 'grant-administrator':
      return {
        title: `Make ${name} an administrator?`,
        yes: 'Grant administrator rights',
        tone: 'danger' as const,
        lines: [
          'One person can then do everything that you can: see all employees, create tokens, change settings, deactivate people, and take your rights.',
          'It can be undone: take the rights away again.',
        ],
      };
    case 'revoke-administrator':
      return {
        title: `Take ${name}’s administrator rights?`,
        yes: 'Take administrator rights',
        tone: 'danger' as const,
        lines: [
          isYou ? 'This is you: you cannot use the console any more, and cannot undo it yourself.' : 'One person cannot use the console any more. Access to everything else stays.',
          !isYou && 'It can be undone: grant the rights again.',
        ],
      };
  }
}
