// Accounts to try SSO in before it concerns anybody.
import {useState} from 'preact/hooks';
import {send} from '../api';
import {Confirm, Copyable, Dialog} from '../dialogs';
import {address} from '../location';
import {Badge, count, Done, Problem, Show, Table, Time, Title, useAction, useLoaded} from '../parts';

interface TestAccount {
  id: string;
  name: string;
  slug: string;
  createdAt: string;
  employees: number;
  ssoEnforced: boolean;
  signInUrl: string;
}

interface Access {
  id: string;
  userName: string;
  /// Shown only now; null while SSO is the only way in there.
  link: string | null;
  linkExpiresAt: string | null;
}

interface TestAccountList {
  testAccounts: TestAccount[];
  most: number;
  planAllows: boolean;
  isTestAccount: boolean;
  access?: Access;
}

/// On every page of a test account.
export function TestAccountBanner({of}: {of: string}) {
  return (
    <p class="test-account" role="note">
      <strong>Test account of {of}.</strong> Nothing that you do here concerns anybody at work.
    </p>
  );
}

export function TestAccounts() {
  return (
    <>
      <p class="hint above-title">
        <a href={address('security')}>SSO and SCIM</a> ›
      </p>
      <Title>Test accounts</Title>
      <p>
        Try single sign-on in a separate account first. It has an address of its own, your plan and your provisioning
        settings, and nobody in it but you. The domains of your company count there, but lead nobody there: your colleagues
        sign in as before.
      </p>
      <Manage />
    </>
  );
}

/// The list, and the button that makes one.
export function Manage() {
  const [loaded, retry] = useLoaded<TestAccountList>('test-accounts');
  const [answered, setAnswered] = useState<TestAccountList | null>(null);
  return (
    <Show loaded={loaded} retry={retry}>
      {(value) => <Known list={answered ?? value} answered={setAnswered} />}
    </Show>
  );
}

function Known({list, answered}: {list: TestAccountList; answered: (list: TestAccountList) => void}) {
  const {busy, error, run} = useAction();
  const [access, setAccess] = useState<Access | null>(null);
  const [leaving, setLeaving] = useState<TestAccount | null>(null);
  const [done, setDone] = useState('');
  const take = (list: TestAccountList) => {
    answered(list);
    setAccess(list.access ?? null);
  };
  const create = () => void run(async () => take(await send<TestAccountList>('POST', 'test-accounts')));
  const open = ({id}: TestAccount) =>
    void run(async () => take(await send<TestAccountList>('POST', `test-accounts/${encodeURIComponent(id)}/open`)));
  const deleted = (name: string, left: TestAccountList) => {
    answered(left);
    setLeaving(null);
    setDone(`${name} is deleted.`);
  };
  const opened = list.testAccounts.find(({id}) => id === access?.id);
  if (list.isTestAccount) return <p class="empty">This is a test account. It cannot have another one.</p>;
  const full = list.testAccounts.length >= list.most;
  return (
    <>
      <Done>{done}</Done>
      {error && <Problem error={error} />}
      {list.testAccounts.length > 0 && <Rows list={list} busy={busy} open={open} remove={setLeaving} />}
      {!list.planAllows && <p class="empty">Single sign-on is not part of your plan, so there is nothing to try yet. Ask support.</p>}
      {list.planAllows && full && <p>You have {list.testAccounts.length} test accounts. Delete one before you make another.</p>}
      {list.planAllows && !full && (
        <button type="button" onClick={create} disabled={busy}>
          {list.testAccounts.length === 0 ? 'Make a test account' : 'Make another test account'}
        </button>
      )}
      {access && opened && <WayIn account={opened} access={access} close={() => setAccess(null)} />}
      {leaving && <Delete account={leaving} close={() => setLeaving(null)} deleted={deleted} />}
    </>
  );
}

function Rows(props: {
  list: TestAccountList;
  busy: boolean;
  open: (account: TestAccount) => void;
  remove: (account: TestAccount) => void;
}) {
  return (
    <Table
      caption="Test accounts"
      columns={['Name', 'Employees', 'Made', 'What to do']}
      empty=""
      rows={props.list.testAccounts.map((account) => [
        <>
          <strong>{account.name}</strong> {account.ssoEnforced && <Badge tone="good">SSO enabled</Badge>}
        </>,
        account.employees.toLocaleString(),
        <Time at={account.createdAt} />,
        <div class="buttons">
          <button type="button" class="small" disabled={props.busy} onClick={() => props.open(account)}>
            Open<span class="for-readers"> {account.name}</span>
          </button>
          <button type="button" class="small danger-line" disabled={props.busy} onClick={() => props.remove(account)}>
            Delete…<span class="for-readers"> {account.name}</span>
          </button>
        </div>,
      ])}
    />
  );
}

function WayIn({account, access, close}: {account: TestAccount; access: Access; close: () => void}) {
  return (
    <Dialog title={`Your way into ${account.name}`} close={close} stay={access.link !== null}>
      {access.link !== null && access.linkExpiresAt !== null ? (
        <>
          <p>
            You are its administrator, as <strong>{access.userName}</strong>, with a password of its own: yours is not copied.
          </p>
          <ol>
            <li>
              Open a <strong>private window</strong>. This one stays signed in here: a browser window knows one account at a
              time.
            </li>
            <li>Open this link there, and choose a password.</li>
          </ol>
          <Copyable label="Link to choose a password" value={access.link} />
          <p class="hint">
            It works once, until <Time at={access.linkExpiresAt} />, and is shown only now. <em>Open</em> makes a new one.
          </p>
        </>
      ) : (
        <p>
          Single sign-on is enabled there, so that a password opens nothing: sign in through the provider that you connected, as{' '}
          <strong>{access.userName}</strong>.
        </p>
      )}
      <Copyable label="Where to sign in later" value={account.signInUrl} />
      <div class="buttons">
        <button type="button" class="primary" onClick={close}>
          {access.link !== null ? 'I have copied the link' : 'Close'}
        </button>
      </div>
    </Dialog>
  );
}

function Delete(props: {account: TestAccount; close: () => void; deleted: (name: string, left: TestAccountList) => void}) {
  const {account} = props;
  const {busy, error, run} = useAction();
  const remove = () =>
    void run(async () => {
      props.deleted(account.name, await send<TestAccountList>('DELETE', `test-accounts/${encodeURIComponent(account.id)}`));
    });
  return (
    <Confirm title={`Delete ${account.name}?`} yes="Delete" tone="danger" busy={busy} error={error} close={props.close} act={remove}>
      <p>
        {count(account.employees, 'employee', 'employees')} of this test account and everything that was set up in it are
        deleted, with its history. This cannot be undone. Your own account stays as it is.
      </p>
    </Confirm>
  );
}
