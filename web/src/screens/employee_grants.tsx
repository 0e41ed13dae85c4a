// What an employee is signed in to, and ending it.
import {useState} from 'preact/hooks';
import type {EmployeeDetails} from '../api';
import {send} from '../api';
import type {EmployeeGrant, UsedApplication} from '../applications';
import {kindWords} from '../applications';
import {Confirm} from '../dialogs';
import {Ago, Badge, count, Done, Show, Table, Time, useAction, useLoaded} from '../parts';
import {applicationAddress} from './applications/pages';
import {Device} from './applications/use';

type Asked = {what: 'everywhere'} | {what: 'one'; grant: EmployeeGrant} | null;

export function EmployeeGrants({employee, isYou}: {employee: EmployeeDetails; isYou: boolean}) {
  const path = `employees/${encodeURIComponent(employee.id)}/grants`;
  const [loaded, retry] = useLoaded<{grants: EmployeeGrant[]}>(path);
  const [used, retryUsed] = useLoaded<{applications: UsedApplication[]}>(
    `employees/${encodeURIComponent(employee.id)}/applications`,
    {limit: '200'},
  );
  const [asked, setAsked] = useState<Asked>(null);
  const [done, setDone] = useState('');
  const finish = (words: string) => {
    setAsked(null);
    void retryUsed();
    void retry().then(() => setDone(words));
  };
  return (
    <>
      <h2>Signed in to</h2>
      <Done>{done}</Done>
      <Show loaded={loaded} retry={retry}>
        {({grants}) => (
          <div class="roomy">
            <Table
              caption={`What ${employee.displayName} is signed in to`}
              columns={['Application', 'Device', 'Since', 'Last used', 'Action']}
              empty="To no application now."
              rows={grants.map((grant) => [
                <ApplicationName application={grant.application} />,
                <Device grant={grant} />,
                <Time at={grant.created_at} />,
                <Ago at={grant.last_used_at} />,
                <button type="button" class="small" onClick={() => setAsked({what: 'one', grant})}>
                  Sign out…<span class="for-readers"> of {grant.application.name}</span>
                </button>,
              ])}
            />
            {employee.active && (
              <button type="button" class="danger-line" onClick={() => setAsked({what: 'everywhere'})}>
                Sign out everywhere…
              </button>
            )}
            {asked?.what === 'one' && (
              <SignOutOfOne
                employee={employee}
                grant={asked.grant}
                path={`${path}/${encodeURIComponent(asked.grant.id)}`}
                close={() => setAsked(null)}
                ended={() => finish(`${employee.displayName} is signed out of ${asked.grant.application.name}.`)}
              />
            )}
            {asked?.what === 'everywhere' && (
              <SignOutEverywhere
                employee={employee}
                isYou={isYou}
                grants={grants}
                close={() => setAsked(null)}
                ended={finish}
              />
            )}
          </div>
        )}
      </Show>
      <h2>Applications used</h2>
      <Show loaded={used} retry={retryUsed}>
        {({applications}) => <UsedApplications employee={employee} applications={applications} />}
      </Show>
    </>
  );
}

function UsedApplications({employee, applications}: {employee: EmployeeDetails; applications: UsedApplication[]}) {
  return (
    <Table
      caption={`Which applications ${employee.displayName} has used`}
      columns={['Application', 'First used', 'Last used', 'Now']}
      empty="None yet."
      rows={applications.map(({application, first_used_at, last_used_at, signed_in}) => [
        <ApplicationName application={application} />,
        <Time at={first_used_at} />,
        <Ago at={last_used_at} />,
        signed_in ? <Badge tone="good">signed in</Badge> : 'signed out',
      ])}
    />
  );
}

function ApplicationName({application}: Pick<EmployeeGrant, 'application'>) {
  if (application.kind === 'mobile') return <strong>{application.name}</strong>;
  return (
    <>
      <a href={applicationAddress(application.client_id)}>{application.name}</a>{' '}
      <Badge tone="calm">{kindWords[application.kind].short}</Badge>
    </>
  );
}

function SignOutOfOne(props: {
  employee: EmployeeDetails;
  grant: EmployeeGrant;
  path: string;
  close: () => void;
  ended: () => void;
}) {
  const {employee, grant} = props;
  const {busy, error, run} = useAction();
  const end = () =>
    void run(async () => {
      await send('DELETE', props.path);
      props.ended();
    });
  return (
    <Confirm
      title={`Sign ${employee.displayName} out of “${grant.application.name}”?`}
      yes="Sign out"
      tone="danger"
      busy={busy}
      error={error}
      close={props.close}
      act={end}
    >
      <ul>
        <li>What the application was given{grant.device !== '' && ` on this device (${grant.device})`} ends at once.</li>
        <li>They can sign in again as long as they have access: deactivate them to keep them out.</li>
      </ul>
    </Confirm>
  );
}

function SignOutEverywhere(props: {
  employee: EmployeeDetails;
  isYou: boolean;
  grants: EmployeeGrant[];
  close: () => void;
  ended: (words: string) => void;
}) {
  const {employee, grants} = props;
  const {busy, error, run} = useAction();
  const end = () =>
    void run(async () => {
      const path = `employees/${encodeURIComponent(employee.id)}/sign-out-everywhere`;
      const ended = await send<{sessions: number; grants: number}>('POST', path);
      props.ended(
        `Signed out everywhere: ${count(ended.sessions, 'browser session')} and ${count(ended.grants, 'sign-in to an application', 'sign-ins to applications')} ended.`,
      );
    });
  return (
    <Confirm
      title={`Sign ${employee.displayName} out everywhere?`}
      yes="Sign out everywhere"
      tone="danger"
      busy={busy}
      error={error}
      close={props.close}
      act={end}
    >
      <ul>
        <li>Every browser session here ends at once{props.isYou && ': also the one in which you are reading this'}.</li>
        <li>
          {grants.length === 0
            ? 'No application has anything to lose now.'
            : `${count(grants.length, 'sign-in to an application ends', 'sign-ins to applications end')}, on all devices: browsers and telephones.`}
        </li>
        <li>Applications that have a sign-out address are told, and end their own sessions.</li>
        <li>
          They keep their access and can sign in again. If an account is in the wrong hands, deactivate the employee, and have the
          password changed where they sign in.
        </li>
      </ul>
    </Confirm>
  );
}
