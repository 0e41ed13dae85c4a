import type {Application} from '../../applications';
import {kinds, kindWords, obstacle} from '../../applications';
import {address} from '../../location';
import {Ago, Badge, Show, Table, Title, useLoaded} from '../../parts';
import {applicationAddress, ApplicationPages} from './pages';

export function Applications() {
  const [loaded, retry] = useLoaded<{applications: Application[]}>('applications');
  return (
    <>
      <Title>Applications</Title>
      <ApplicationPages current="Applications" />
      <Show loaded={loaded} retry={retry}>
        {({applications}) => (applications.length === 0 ? <NoneYet /> : <List applications={applications} />)}
      </Show>
    </>
  );
}

function NoneYet() {
  return (
    <>
      <p class="lead">Let your employees sign in elsewhere with the account that they have here.</p>
      <p>
        An application is something of your company that asks this server who somebody is: a wiki, a dashboard, an app. Your
        employees sign in once for all of them, and whoever loses access here is out of all of them at once.
      </p>
      <h2>Which kind is your first one?</h2>
      <KindChoice />
    </>
  );
}

/// Links to the page that makes one of each kind.
function KindChoice() {
  return (
    <ul class="choices wide">
      {kinds.map((kind) => (
        <li>
          <a href={address('applications', 'new', kind)}>
            <strong>{kindWords[kind].name}</strong>
            <span>{kindWords[kind].help}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function List({applications}: {applications: Application[]}) {
  return (
    <>
      <p>What your employees sign in to with the account that they have here.</p>
      <p>
        <a class="button" href={address('applications', 'new')}>
          Add an application
        </a>
      </p>
      <Table
        caption="Applications"
        columns={['Name', 'Kind', 'Who may use it', 'Last used', 'State']}
        empty=""
        rows={applications.map((application) => [
          <a href={applicationAddress(application.client_id)}>{application.name}</a>,
          kindWords[application.kind].short,
          accessText(application),
          application.last_used_at === null ? 'never' : <Ago at={application.last_used_at} />,
          <State application={application} />,
        ])}
      />
    </>
  );
}

export function State({application}: {application: Application}) {
  if (!application.active) return <Badge tone="bad">switched off</Badge>;
  if (obstacle(application) !== '') return <Badge tone="bad">not finished</Badge>;
  return <Badge tone="good">ready</Badge>;
}

/// Who may use it, in a few words.
function accessText({kind, access, departments, groups}: Application): string {
  if (kind === 'service') return 'itself';
  if (access === 'everyone') return 'everyone';
  if (access === 'administrators') return 'administrators';
  if (departments.length + groups.length === 0) return 'nobody yet';
  return 'chosen departments and groups';
}

export function ChooseKind() {
  return (
    <>
      <p>
        <a href={address('applications')}>All applications</a>
      </p>
      <Title>Add an application</Title>
      <p>Which kind is it?</p>
      <KindChoice />
    </>
  );
}
