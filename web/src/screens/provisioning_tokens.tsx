import {useState} from 'preact/hooks';
import type {ProvisioningToken, ProvisioningTokens} from '../api';
import {send} from '../api';
import {Confirm, Copyable, Dialog, ShownOnce} from '../dialogs';
import {Ago, Badge, Done, Problem, Table, Time, useAction} from '../parts';

const scopes: [ProvisioningToken['scope'], string][] = [
  ['full', 'Employees and groups'],
  ['users', 'Employees; groups only to read'],
  ['groups', 'Groups; employees only to read'],
  ['read', 'Only to read'],
];
const scopeName = (scope: string) => scopes.find(([known]) => known === scope)?.[1] ?? scope;

type Open = {kind: 'create'} | {kind: 'revoke'; token: ProvisioningToken} | null;

export function Tokens({tokens, changed}: {tokens: ProvisioningTokens; changed: () => void}) {
  const [open, setOpen] = useState<Open>(null);
  const [done, setDone] = useState('');
  const living = tokens.tokens.filter((token) => token.lives);
  const dead = tokens.tokens.filter((token) => !token.lives);
  const full = living.length >= tokens.most;
  return (
    <>
      <h2>Tokens</h2>
      <p>Your directory shows a token with each request. Two may be valid at once, so that one can replace the other without a gap.</p>
      <Done>{done}</Done>
      <Table
        caption="Valid tokens"
        columns={['Name', 'May change', 'Created', 'Last used', 'Expires', 'Action']}
        empty="No token yet. Your directory cannot come in without one."
        rows={living.map((token) => [
          <>
            <strong>{token.name}</strong> {token.proposedBy !== '' && <Badge tone="bad">not accepted yet</Badge>}
          </>,
          scopeName(token.scope),
          <Time at={token.createdAt} />,
          <LastUse token={token} />,
          token.expiresAt === null ? 'never' : <Time at={token.expiresAt} />,
          <button type="button" class="small" onClick={() => setOpen({kind: 'revoke', token})}>
            Revoke<span class="for-readers"> {token.name}</span>
          </button>,
        ])}
      />
      <button
        type="button"
        class={living.length === 0 ? 'primary' : ''}
        disabled={full || !tokens.planAllows}
        onClick={() => setOpen({kind: 'create'})}
      >
        Create token
      </button>
      {full && <p class="hint">Two tokens are valid: revoke the older one before you create another.</p>}
      {dead.length > 0 && <DeadTokens tokens={dead} />}
      {open?.kind === 'create' && (
        <CreateToken
          tenantUrl={tokens.tenantUrl}
          created={changed}
          close={() => setOpen(null)}
          name={living.some(({name}) => name === 'Entra') ? 'Entra, the next' : 'Entra'}
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
    </>
  );
}

export function LastUse({token}: {token: ProvisioningToken}) {
  if (token.lastUsedAt === null) return <Badge tone="calm">never used</Badge>;
  return (
    <>
      <Ago at={token.lastUsedAt} />
      {token.lastUsedAddress !== '' && <span class="hint"> from {token.lastUsedAddress}</span>}
    </>
  );
}

function DeadTokens({tokens}: {tokens: ProvisioningToken[]}) {
  return (
    <details>
      <summary>Tokens that are not valid any more ({tokens.length})</summary>
      <Table
        caption="Tokens that are not valid any more"
        columns={['Name', 'Created', 'Last used', 'Ended']}
        empty=""
        rows={tokens.map((token) => [
          token.name,
          <Time at={token.createdAt} />,
          <LastUse token={token} />,
          token.revokedAt !== null ? (
            <>
              revoked <Time at={token.revokedAt} />
            </>
          ) : (
            <>expired {token.expiresAt !== null && <Time at={token.expiresAt} />}</>
          ),
        ])}
      />
    </details>
  );
}

/// `where`: what to do with the secret, for another directory service than Entra.
export function CreateToken(props: {
  tenantUrl: string;
  name: string;
  where?: string;
  created: () => void;
  close: () => void;
}) {
  const [name, setName] = useState(props.name);
  const [scope, setScope] = useState<string>('full');
  const [days, setDays] = useState('');
  const [secret, setSecret] = useState<string | null>(null);
  const {busy, error, run} = useAction();
  const create = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const expiresInDays = days === '' ? null : Number(days);
      const answer = await send<{secret: string}>('POST', 'provisioning/tokens', {name, scope, expiresInDays});
      setSecret(answer.secret);
      props.created();
    });
  };
  if (secret !== null) return <Secret {...props} secret={secret} />;
  return (
    <Dialog title="Create a token" close={props.close}>
      <form onSubmit={create}>
        <label class="field">
          Name
          <input value={name} maxLength={100} onInput={(event) => setName(event.currentTarget.value)} />
          <span class="hint">What the log and the audit call your directory.</span>
        </label>
        <label class="field">
          May change
          <select value={scope} onChange={(event) => setScope(event.currentTarget.value)}>
            {scopes.map(([value, words]) => (
              <option value={value}>{words}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Expires
          <select value={days} onChange={(event) => setDays(event.currentTarget.value)}>
            <option value="">Never</option>
            <option value="90">In 90 days</option>
            <option value="365">In a year</option>
            <option value="730">In two years</option>
          </select>
          <span class="hint">
            When it expires, your directory stops creating, changing and deactivating employees. You are told here 30 days
            before.
          </span>
        </label>
        {error && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy}>
            {busy ? 'Working…' : 'Create token'}
          </button>
          <button type="button" onClick={props.close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Secret(props: {secret: string; tenantUrl: string; where?: string; close: () => void}) {
  const {secret, tenantUrl, where, close} = props;
  return (
    <ShownOnce title="Copy the secret token now" close={close}>
      <p>It is shown this one time. Whoever has it can create, change and deactivate your employees.</p>
      <Copyable label="Secret token" value={secret} />
      <Copyable label="Tenant URL" value={tenantUrl} />
      {where === undefined ? <InEntra /> : <p>{where}</p>}
    </ShownOnce>
  );
}

function InEntra() {
  return (
    <>
      <p>In Microsoft Entra, open your enterprise application:</p>
      <ol>
        <li>
          Under <em>Provisioning</em> choose <em>Automatic</em> and open <em>Admin credentials</em>.
        </li>
        <li>
          Paste the two values into <em>Tenant URL</em> and <em>Secret Token</em>.
        </li>
        <li>
          Choose <em>Test Connection</em>, then <em>Save</em>. The test appears in the log here.
        </li>
      </ol>
    </>
  );
}

export function RevokeToken(props: {
  token: ProvisioningToken;
  others: ProvisioningToken[];
  close: () => void;
  revoked: () => void;
}) {
  const {token, others} = props;
  const {busy, error, run} = useAction();
  const revoke = () =>
    void run(async () => {
      await send('DELETE', `provisioning/tokens/${encodeURIComponent(token.id)}`);
      props.revoked();
    });
  return (
    <Confirm
      title={`Revoke “${token.name}”?`}
      yes="Revoke token"
      tone="danger"
      busy={busy}
      error={error}
      close={props.close}
      act={revoke}
    >
      <p>
        From this moment your directory is refused with this token.{' '}
        {others[0] === undefined
          ? 'There is no other valid token: nobody is created, changed or deactivated by your directory until you paste a new one.'
          : `The other token, “${others[0].name}”, stays valid.`}
      </p>
      <p>
        {token.lastUsedAt === null ? (
          'It was never used.'
        ) : (
          <>
            It was last used <Ago at={token.lastUsedAt} />.
          </>
        )}{' '}
        Employees keep the access that they have now. A revoked token cannot be brought back.
      </p>
    </Confirm>
  );
}
