// The directory service creates employees: what to enter there, and what arrives here.
import type {ComponentChildren, RefObject} from 'preact';
import {useCallback, useEffect, useLayoutEffect, useRef, useState} from 'preact/hooks';
import type {LogEntry, ProvisioningToken, ProvisioningTokens, Pulse} from '../../api';
import {send} from '../../api';
import {delegated} from '../../delegate';
import {Copyable} from '../../dialogs';
import {address} from '../../location';
import type {Loaded} from '../../parts';
import {Ago, Badge, Done, Marked, Problem, Show, Table, Time, useAction, useLoaded, useRefresh} from '../../parts';
import type {Wizard} from '../../setup';
import {providerOf} from '../../setup/providers';
import {PulseCard} from '../provisioning';
import {LogTable} from '../provisioning_log';
import {CreateToken, LastUse, RevokeToken} from '../provisioning_tokens';
import {isDone} from './standing';
import {Onward, type StepProps} from './step';

export function ProvisioningStep({wizard, changed, reload}: StepProps) {
  const {busy, error, run} = useAction();
  const declinedAt = wizard.setup?.provisioningDeclinedAt ?? null;
  const top = useRef<HTMLHeadingElement>(null);
  const [asked, setAsked] = useState(false);
  // The button that was pressed is gone with its half of the screen.
  useLayoutEffect(() => {
    if (asked) top.current?.focus();
  }, [asked, declinedAt]);
  const decline = (declined: boolean) =>
    void run(async () => {
      changed(await send<Wizard>('PUT', 'setup/provisioning', {declined}));
      setAsked(true);
    });
  if (declinedAt !== null) {
    return (
      <>
        <h2 ref={top} tabIndex={-1}>
          You keep your employees by hand
        </h2>
        <p>
          That was said <Time at={declinedAt} />. It means:
        </p>
        <ByHand />
        {error && <Problem error={error} />}
        <Onward step="provisioning" ready>
          <button type="button" disabled={busy} onClick={() => decline(false)}>
            Set provisioning up after all
          </button>
        </Onward>
      </>
    );
  }
  return (
    <>
      <Directory wizard={wizard} reload={reload} top={top} />
      <h2>No directory that provisions?</h2>
      <p>Then say so, and go on. You can change your mind at any time. It means:</p>
      <ByHand />
      {error && <Problem error={error} />}
      <button type="button" disabled={busy} onClick={() => decline(true)}>
        Our directory will not provision
      </button>
      <Onward step="provisioning" ready={isDone(wizard, 'provisioning')} />
    </>
  );
}

function ByHand() {
  return (
    <ul class="points">
      <li>
        {delegated ? (
          'Administrators add employees themselves.'
        ) : (
          <>
            You add employees yourself, under <a href={address('employees')}>Employees</a>.
          </>
        )}
      </li>
      <li>Nobody is removed by itself: when somebody leaves the company, you deactivate them here.</li>
    </ul>
  );
}

interface Page {
  entries: LogEntry[];
}

/// Whether the directory was here, looked up again every few seconds.
function usePulse() {
  const [pulse, refresh] = useLoaded<Pulse>('provisioning/pulse');
  useRefresh(true, refresh);
  return {pulse, refresh};
}

/// What has come from the directory so far, likewise.
function useArrivals() {
  const [changes, retryChanges] = useLoaded<Page>('provisioning/log', {outcome: 'changed', limit: '10'});
  const [failures, retryFailures] = useLoaded<Page>('provisioning/log', {outcome: 'failed', limit: '3'});
  const refresh = useCallback(() => {
    retryChanges();
    retryFailures();
  }, [retryChanges, retryFailures]);
  useRefresh(true, refresh);
  return {changes, failures, refresh};
}

type Top = RefObject<HTMLHeadingElement>;

function Directory({wizard, reload, top}: {wizard: Wizard; reload: () => void; top: Top}) {
  const [tokens, retryTokens] = useLoaded<ProvisioningTokens>('provisioning/tokens');
  const {pulse, refresh} = usePulse();
  const came = pulse.state === 'done' && pulse.value.lastRequestAt !== null;
  const done = isDone(wizard, 'provisioning');
  // The rail learns of it when the directory was here for the first time.
  useEffect(() => {
    if (came && !done) reload();
  }, [came, done, reload]);
  const waiting =
    tokens.state === 'done' &&
    tokens.value.tokens.some(({lives, lastUsedAt, proposedBy}) => lives && (lastUsedAt === null || proposedBy !== ''));
  useRefresh(waiting, retryTokens);
  const changed = () => {
    retryTokens();
    refresh();
  };
  const entra = wizard.setup === null || wizard.setup.provider === 'entra' || wizard.setup.provider === '';
  const access = (
    <Show loaded={tokens} retry={retryTokens}>
      {(value) => <Access tokens={value} entra={entra} changed={changed} />}
    </Show>
  );
  const arrival = <Arrival pulse={pulse.state === 'done' ? pulse.value : null} />;
  return (
    <>
      <p>Your directory creates your employees here, keeps them up to date, and ends their access when they leave.</p>
      {entra ? (
        <EntraInstructions top={top} access={access} arrival={arrival} />
      ) : (
        <OtherInstructions top={top} provider={wizard.setup?.provider ?? ''} access={access} arrival={arrival} />
      )}
      {delegated ? <Later tokens={tokens.state === 'done' ? tokens.value.tokens : []} /> : <Live pulse={pulse} retryPulse={refresh} />}
    </>
  );
}

type Open = {kind: 'create'} | {kind: 'revoke'; token: ProvisioningToken} | null;

/// The two values that the directory asks for. The token's secret is shown once, in the window that makes it.
function Access({tokens, entra, changed}: {tokens: ProvisioningTokens; entra: boolean; changed: () => void}) {
  const [open, setOpen] = useState<Open>(null);
  const [done, setDone] = useState('');
  const living = tokens.tokens.filter(({lives}) => lives);
  const full = living.length >= tokens.most;
  return (
    <div class="card">
      <Copyable label={entra ? 'Tenant URL' : 'Address (SCIM base URL)'} value={tokens.tenantUrl} />
      <strong>{entra ? 'Secret token' : 'Bearer token'}</strong>
      <Done>{done}</Done>
      {living.length === 0 && <p>There is none yet. It is shown once, so have the field in your directory ready for it.</p>}
      <ul class="plain">
        {living.map((token) => (
          <li class="token">
            <span>
              “{token.name}”, created <Ago at={token.createdAt} />, {token.lastUsedAt !== null && 'last used '}
              <LastUse token={token} />
            </span>
            {token.proposedBy !== '' && <Badge tone="bad">not accepted yet</Badge>}
            {(!delegated || token.proposedBy !== '') && (
              <button type="button" class="small" onClick={() => setOpen({kind: 'revoke', token})}>
                Revoke<span class="for-readers"> {token.name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {!full && (
        <button type="button" class={living.length === 0 ? 'primary' : ''} onClick={() => setOpen({kind: 'create'})}>
          {living.length === 0 ? 'Create token' : 'Create another token'}
        </button>
      )}
      {living.length > 0 && (
        <p class="hint">
          Nobody can look a token up again. If you have not copied it,{' '}
          {full ? 'revoke one and create another' : 'create another'}.
        </p>
      )}
      {open?.kind === 'create' && (
        <CreateToken
          tenantUrl={tokens.tenantUrl}
          name={entra ? (living.some(({name}) => name === 'Entra') ? 'Entra, the next' : 'Entra') : 'Directory'}
          {...(entra ? {} : {where: 'Paste both where your directory asks for a SCIM server, and test the connection there.'})}
          created={changed}
          close={() => setOpen(null)}
        />
      )}
      {open?.kind === 'revoke' && (
        <RevokeToken
          token={open.token}
          others={living.filter(({id}) => id !== open.token.id)}
          close={() => setOpen(null)}
          revoked={() => {
            setOpen(null);
            setDone(`The token “${open.token.name}” is revoked.`);
            changed();
          }}
        />
      )}
    </div>
  );
}

/// Whether the directory was here: beside the instruction that makes it come.
function Arrival({pulse}: {pulse: Pulse | null}) {
  if (pulse === null) return null;
  if (pulse.lastRequestAt === null) {
    return (
      <p class="arrival">
        <Badge tone="calm">waiting</Badge> The test appears here by itself, a few seconds after you choose it. If your
        directory reports a failure and nothing appears here, the address or the token was not pasted whole.
      </p>
    );
  }
  return (
    <p class="arrival">
      <Badge tone="good">✓ arrived</Badge> Your directory was here <Ago at={pulse.lastRequestAt} />: address and token
      are right.
    </p>
  );
}

function EntraInstructions({top, access, arrival}: {top: Top; access: ComponentChildren; arrival: ComponentChildren}) {
  return (
    <>
      <h2 ref={top} tabIndex={-1}>
        Let Microsoft Entra in
      </h2>
      <ol class="instructions">
        <li>
          In the{' '}
          <a href="https://entra.microsoft.com" target="_blank" rel="noreferrer">
            Microsoft Entra admin center<span class="for-readers"> (opens in a new tab)</span>
          </a>
          , open{' '}
          <em>Enterprise applications</em> and the application that you created. Choose <em>Provision User
          Accounts</em> on its overview, or <em>Provisioning</em> on the left.
        </li>
        <li>
          Set the <em>Provisioning Mode</em> to <em>Automatic</em> and open <em>Admin Credentials</em>.
        </li>
        <li>
          Paste these two values there: the address into <em>Tenant URL</em>, a token that you create here into{' '}
          <em>Secret Token</em>.{access}
        </li>
        <li>
          Choose <em>Test Connection</em>, then <em>Save</em>.{arrival}
        </li>
      </ol>
      <h2>Choose what is sent</h2>
      <ol class="instructions" start={5}>
        <li>
          Under <em>Mappings</em>, open <em>Provision Microsoft Entra ID Groups</em>,
          set <em>Enabled</em> to <em>No</em> and save.
        </li>
        <li>
          Open <em>Provision Microsoft Entra ID Users</em>. <em>Enabled</em> stays <em>Yes</em>.
        </li>
        <li>
          Delete the attribute mapping of <em>mailNickname</em>, and those that you do not need: the table below says which.
        </li>
        <li>
          Choose <em>Add New Mapping</em>: <em>Source attribute</em> <code>objectId</code>, <em>Target attribute</em>{' '}
          <code>externalId</code>. It is the one key of a person that never changes.
        </li>
        <li>
          Choose <em>Save</em>, and compare:
          <details>
            <summary>The attribute mappings as they should be</summary>
            <Mappings />
          </details>
        </li>
      </ol>
      <h2>Start it</h2>
      <ol class="instructions" start={10}>
        <li>
          Under <em>Users and groups</em>, assign the people who should get access. Only they are sent.
        </li>
        <li>
          Back under <em>Provisioning</em>, choose <em>Start provisioning</em>. The first employees arrive below
          within minutes; from then on Entra sends changes about every 40 minutes.
        </li>
      </ol>
    </>
  );
}

type Deed = 'Keep' | 'Add' | 'Delete' | 'Your choice';
const tones = {Keep: 'calm', Add: 'good', Delete: 'bad', 'Your choice': 'calm'} as const;

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:';

const others = 'All others';

/// In the order of Entra's own list, with what differs from it first.
const mappings: [string, string, Deed, string][] = [
  ['objectId', 'externalId', 'Add', 'In place of mailNickname. Sign-ins carry it too, so that nobody is mixed up.'],
  ['mailNickname', 'externalId', 'Delete', 'It changes with the person’s name.'],
  ['userPrincipalName', 'userName', 'Keep', 'Matching precedence 1: Entra finds people by it.'],
  ['Switch([IsSoftDeleted], , "False", "True", "True", "False")', 'active', 'Keep', 'It ends the access of whoever leaves.'],
  ['displayName', 'displayName', 'Keep', ''],
  ['mail', 'emails[type eq "work"].value', 'Keep', 'Decides who may sign in: the next step is about it.'],
  ['givenName', 'name.givenName', 'Keep', ''],
  ['surname', 'name.familyName', 'Keep', ''],
  ['jobTitle', 'title', 'Your choice', ''],
  ['department', `${enterprise}department`, 'Your choice', 'Needed when departments are to follow your directory.'],
  ['manager', `${enterprise}manager`, 'Your choice', ''],
  ['employeeId', `${enterprise}employeeNumber`, 'Your choice', ''],
  ['telephoneNumber', 'phoneNumbers[type eq "work"].value', 'Your choice', ''],
  ['mobile', 'phoneNumbers[type eq "mobile"].value', 'Your choice', ''],
  [others, '', 'Your choice', 'May be deleted. What is sent is stored and shown with the employee.'],
];

function Mappings() {
  return (
    <div class="mappings">
      <Table
        caption="Attribute mappings of users"
        columns={['Microsoft Entra attribute', 'Doorward (SCIM) attribute', 'What to do']}
        empty=""
        rows={mappings.map(([source, target, deed, remark]) => [
          source === others ? source : <code>{source}</code>,
          target === '' ? '' : <Path path={target} />,
          <>
            <Badge tone={tones[deed]}>{deed}</Badge> {remark}
          </>,
        ])}
      />
    </div>
  );
}

/// Long paths break between their parts.
function Path({path}: {path: string}) {
  return (
    <code>
      {path.split(/(?<=:)|(?=\[)/).map((part) => (
        <>
          {part}
          <wbr />
        </>
      ))}
    </code>
  );
}

/// Where a provider asks for address and token, in its own names. Empty: it does not provision by itself.
const elsewhere: Record<string, string> = {
  okta:
    'Under *General* enable SCIM provisioning. Then under *Provisioning* › *Integration* paste the address into ' +
    '*SCIM connector base URL*, enter *userName* as *Unique identifier field*, choose *HTTP Header*, and paste the token ' +
    'under *Bearer*.',
  onelogin: 'Under *Configuration*, paste the address into *SCIM Base URL* and the token into *SCIM Bearer Token*.',
  pingone:
    'Under *Integrations* › *Provisioning*, add a connection of the kind *SCIM Outbound*: paste the address into ' +
    '*SCIM BASE URL*, choose *OAuth 2 Bearer Token*, and paste the token.',
  jumpcloud:
    'Under *Identity Management*, choose *SCIM 2.0*: paste the address into *Base URL* and the token into *Token Key*.',
  google: '',
  keycloak: '',
  adfs: '',
};

function OtherInstructions(props: {top: Top; provider: string; access: ComponentChildren; arrival: ComponentChildren}) {
  const where = elsewhere[props.provider];
  const {name} = providerOf(props.provider);
  return (
    <>
      {where === '' && (
        <section class="pulse">
          <p>
            <strong>{name} does not provision by itself.</strong> If another system of yours speaks SCIM 2.0, connect
            that one. If none does, choose <em>Our directory will not provision</em> below.
          </p>
        </section>
      )}
      <h2 ref={props.top} tabIndex={-1}>
        Let your directory in
      </h2>
      <ol class="instructions">
        <li>
          {where ? (
            <>
              In {name}, open your application. <Marked text={where} />
            </>
          ) : (
            <>
              Open the page where your directory asks for a SCIM 2.0 address and a bearer token, and paste these two values
              there.
            </>
          )}
          {props.access}
        </li>
        <li>Test the connection there, and save.{props.arrival}</li>
        <li>
          Send users, not groups. These attributes are needed: <code>userName</code>, <code>active</code>,{' '}
          <code>displayName</code>,{' '}
          <code>name.givenName</code>, <code>name.familyName</code>, <code>emails[type eq "work"].value</code>; and as{' '}
          <code>externalId</code> the directory’s own key of the person, which never changes.
        </li>
        <li>Switch on creating, updating and deactivating users, and assign the people who should get access.</li>
      </ol>
    </>
  );
}

/// What to say aloud: only what is new in kind, not each request.
function newsOf(pulse: Pulse | null, employeesCame: boolean): string {
  if (pulse === null) return '';
  if (pulse.state === 'failing' || pulse.state === 'partly-failing') return 'A request of your directory failed.';
  if (employeesCame) return 'The first employees arrived.';
  return pulse.lastRequestAt === null ? '' : 'Your directory was here: address and token are right.';
}

/// What whoever came by a setup link has to know: their token waits.
function Later({tokens}: {tokens: ProvisioningToken[]}) {
  const living = tokens.filter(({lives}) => lives);
  if (living.length === 0) return null;
  const waiting = living.some(({proposedBy}) => proposedBy !== '');
  return (
    <section class={waiting ? 'pulse' : 'pulse good'} aria-label="What comes next">
      {waiting ? (
        <p>
          <strong>The token waits for the administrator.</strong> Until they accept it, it answers the connection test and
          changes nobody: start provisioning afterwards. This page says when it is accepted.
        </p>
      ) : (
        <p>
          <strong>The token is accepted.</strong> Provisioning can be started.
        </p>
      )}
    </section>
  );
}

function Live({pulse, retryPulse}: {pulse: Loaded<Pulse>; retryPulse: () => void}) {
  const {changes, failures, refresh: retryArrivals} = useArrivals();
  const refresh = () => {
    retryPulse();
    retryArrivals();
  };
  const came = changes.state === 'done' && changes.value.entries.length > 0;
  // The last failure stands in the card already.
  const several = pulse.state === 'done' && pulse.value.failed > 1;
  const earlier = several && failures.state === 'done' ? failures.value.entries.slice(1) : [];
  return (
    <>
      <h2>What arrives here</h2>
      <p class="for-readers" role="status">
        {newsOf(pulse.state === 'done' ? pulse.value : null, came)}
      </p>
      <Show loaded={pulse} retry={refresh}>
        {(value) => <PulseCard pulse={value} />}
      </Show>
      {earlier.length > 0 && (
        <section class="problem" aria-label="What failed before">
          <p>
            <strong>What failed before.</strong> Open an entry for what was sent and answered.
          </p>
          <ul>
            {earlier.map((entry) => (
              <li>
                <a href={address('provisioning', 'log', String(entry.id))}>
                  {entry.summary || `${entry.method} ${entry.path}`}
                </a>
                , <Ago at={entry.at} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Show loaded={changes} retry={refresh}>
        {(value) => (
          <LogTable
            caption="The last changes that your directory made"
            entries={value.entries}
            empty="No employee has arrived yet. They appear here as your directory sends them, within 5 seconds."
          />
        )}
      </Show>
      {came && (
        <p>
          <a href={address('employees')}>All employees</a> · <a href={address('provisioning', 'log')}>The whole log</a>
        </p>
      )}
    </>
  );
}
