// Who uses an application, and ending that.
import {useState} from 'preact/hooks';
import {send} from '../../api';
import type {Application, ApplicationUser, Grant} from '../../applications';
import {scopeText} from '../../applications';
import {Confirm} from '../../dialogs';
import {address} from '../../location';
import {Ago, Badge, count, Done, Show, Table, Time, useAction, useLoaded} from '../../parts';
import type {PageProps} from './frame';

const most = 200;

export function UsePage({application}: PageProps) {
  const path = `applications/${encodeURIComponent(application.client_id)}/users`;
  const [loaded, retry] = useLoaded<{users: ApplicationUser[]; total: number}>(path, {limit: String(most)});
  if (application.kind === 'service') return <SignedIn application={application} changed={() => {}} />;
  return (
    <>
      <h2>Signed in now</h2>
      <SignedIn application={application} changed={() => void retry()} />
      <h2>Who has used it</h2>
      <Show loaded={loaded} retry={retry}>
        {({users, total}) => (
          <div class="roomy">
            <Table
              caption={`Who has used ${application.name}`}
              columns={['Who', 'First used', 'Last used', 'Now']}
              empty="Nobody has used it yet."
              rows={users.map(({employee, first_used_at, last_used_at, signed_in}) => [
                <>
                  <a href={address('employees', employee.id)}>{employee.name}</a>{' '}
                  {!employee.active && <Badge tone="bad">deactivated</Badge>}
                </>,
                <Time at={first_used_at} />,
                <Ago at={last_used_at} />,
                signed_in ? <Badge tone="good">signed in</Badge> : 'signed out',
              ])}
            />
            {total > users.length && (
              <p class="hint">
                {count(total, 'person has', 'people have')} used it. The {users.length} who used it last are shown.
              </p>
            )}
          </div>
        )}
      </Show>
    </>
  );
}

/// What it holds now, and ending that.
function SignedIn({application, changed}: {application: Application; changed: () => void}) {
  const path = `applications/${encodeURIComponent(application.client_id)}/usage`;
  const [loaded, retry] = useLoaded<{grants: Grant[]}>(path, {limit: String(most)});
  const [open, setOpen] = useState<Grant | null>(null);
  const [done, setDone] = useState('');
  const service = application.kind === 'service';
  return (
    <>
      {service && <p>The tokens that it holds now, the last used first.</p>}
      <Done>{done}</Done>
      <Show loaded={loaded} retry={retry}>
        {({grants}) => (
          <div class="roomy">
            <Table
              caption={service ? `Tokens of ${application.name}` : `Who is signed in to ${application.name}`}
              columns={[...(service ? [] : ['Who']), 'Device', 'Since', 'Last used', service ? 'May' : 'Knows', 'Action']}
              empty={service ? 'It holds no token now.' : 'Nobody is signed in to it now.'}
              rows={grants.map((grant) => [
                ...(service ? [] : [grant.employee && <a href={address('employees', grant.employee.id)}>{grant.employee.name}</a>]),
                <Device grant={grant} />,
                <Time at={grant.created_at} />,
                <Ago at={grant.last_used_at} />,
                scopeText(grant.scope),
                <button type="button" class="small" onClick={() => setOpen(grant)}>
                  End…<span class="for-readers"> {grant.employee?.name}</span>
                </button>,
              ])}
            />
            {grants.length >= most && <p class="hint">Only the {most} that were used last are shown.</p>}
          </div>
        )}
      </Show>
      {open && (
        <ConfirmEnd
          grant={open}
          path={`${path}/${encodeURIComponent(open.id)}`}
          application={application}
          close={() => setOpen(null)}
          ended={() => {
            setOpen(null);
            const words = open.employee ? `${open.employee.name} is signed out of ${application.name}.` : 'The token has ended.';
            void retry().then(() => setDone(words));
            changed();
          }}
        />
      )}
    </>
  );
}

/// What it is used on, and from where.
export function Device({grant}: {grant: {device: string; client_address: string}}) {
  return (
    <>
      {grant.device}
      {grant.client_address !== '' && <span class="hint"> from {grant.client_address}</span>}
    </>
  );
}

function ConfirmEnd(props: {
  grant: Grant;
  path: string;
  application: PageProps['application'];
  close: () => void;
  ended: () => void;
}) {
  const {grant, application} = props;
  const {busy, error, run} = useAction();
  const end = () =>
    void run(async () => {
      await send('DELETE', props.path);
      props.ended();
    });
  return (
    <Confirm
      title={grant.employee ? `Sign ${grant.employee.name} out of “${application.name}”?` : 'End this token?'}
      yes={grant.employee ? 'Sign out' : 'End token'}
      tone="danger"
      busy={busy}
      error={error}
      close={props.close}
      act={end}
    >
      <ul>
        <li>What the application was given{grant.device !== '' && ` on this device (${grant.device})`} ends at once.</li>
        {application.access_token_format === 'jwt' && <li>Its access token (JWT) stays valid for up to 5 minutes.</li>}
        <li>
          {grant.employee
            ? 'They can sign in again as long as they have access. To keep somebody out, deactivate them, or change who may use it.'
            : 'The service can get another one with its secret. To keep it out, switch it off or remove its secrets.'}
        </li>
      </ul>
    </Confirm>
  );
}
