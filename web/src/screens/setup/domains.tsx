// The company's e-mail domains, and what becomes of employees whose address lies in none of them.
import {useLayoutEffect, useRef, useState} from 'preact/hooks';
import {get, send} from '../../api';
import {delegated} from '../../delegate';
import {Confirm, Copyable} from '../../dialogs';
import {Ago, Badge, count, Done, Marked, Problem, Show, Table, useAction, useLoaded} from '../../parts';
import type {DomainList, Wizard} from '../../setup';
import {proofNames} from '../../setup';
import {Outsiders} from './outsiders';
import {isDone} from './standing';
import {Onward, type StepProps} from './step';

type Known = DomainList['domains'][number];
type Claim = DomainList['claims'][number];

export function DomainsStep({wizard, changed, reload}: StepProps) {
  const [list, retry] = useLoaded<DomainList>('domains');
  // Whoever is outside depends on the domains.
  const [round, setRound] = useState(0);
  const moved = () => {
    setRound((n) => n + 1);
    retry();
    reload();
  };
  const [heading, told, setTold] = useTold();
  const names = list.state === 'done' ? list.value.domains.map(({name}) => name) : [];
  const waiting = list.state === 'done' && list.value.claims.length > 0;
  const {active, outside} = wizard.people;
  const parent = wizard.account.testAccountOf;
  // Nobody is to be decided about while it is only the domain that is missing.
  const early = names.length === 0 && outside === active;
  return (
    <>
      <p>
        Once single sign-on is enabled, only employees with an e-mail address in one of your domains can sign in.
        {parent === null
          ? ' Enter every domain that your employees have addresses in.'
          : ` A test account uses the domains of ${parent}. Add and prove them in that account: they count here at once, and lead nobody here.`}
      </p>
      <Show loaded={list} retry={retry}>
        {(value) => parent === null && <Domains list={value} entra={wizard.setup?.provider === 'entra'} moved={moved} />}
      </Show>
      <h2 ref={heading} tabIndex={-1}>
        Employees
      </h2>
      <Done>{told.words}</Done>
      {early ? (
        <p>As soon as one of your domains is proven, you see here who has no address in it.</p>
      ) : (
        <Reach wizard={wizard} />
      )}
      {delegated && !early && outside > 0 && (
        <p>
          Whoever has an address outside these domains loses access once single sign-on is enabled, or gets another address: the
          administrator decides about each of them. If a domain of the company is missing, add it above.
        </p>
      )}
      {!delegated && !early && outside > 0 && (
        <Outsiders
          key={round}
          wizard={wizard}
          domains={names}
          isNext={!waiting}
          changed={changed}
          reload={reload}
          tell={(words, gone) => setTold((before) => ({words, gone: gone ? before.gone + 1 : before.gone}))}
        />
      )}
      <Onward step="domains" ready={isDone(wizard, 'domains')} />
    </>
  );
}

/// What was done, and a heading for the focus of whoever pressed a button that is gone since: it is counted. After the
/// windows are closed, because they give the focus back to their button.
function useTold() {
  const heading = useRef<HTMLHeadingElement>(null);
  const [told, setTold] = useState({words: '', gone: 0});
  useLayoutEffect(() => {
    if (told.gone > 0) heading.current?.focus();
  }, [told.gone]);
  return [heading, told, setTold] as const;
}

function Domains({list, entra, moved}: {list: DomainList; entra: boolean; moved: () => void}) {
  const [heading, said, setSaid] = useTold();
  const told = (words: string, gone: boolean) => {
    setSaid((before) => ({words, gone: gone ? before.gone + 1 : before.gone}));
    moved();
  };
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        Your domains
      </h2>
      <Done>{said.words}</Done>
      <KnownDomains domains={list.domains} told={told} />
      {list.claims.map((claim) => (
        <ClaimCard key={claim.name} claim={claim} told={told} />
      ))}
      <AddDomain first={list.domains.length + list.claims.length === 0} entra={entra} added={(words) => told(words, false)} />
    </>
  );
}

function AddDomain({first, entra, added}: {first: boolean; entra: boolean; added: (words: string) => void}) {
  const [name, setName] = useState('');
  const {busy, error, run} = useAction();
  const add = (event: Event) => {
    event.preventDefault();
    const wanted = name.trim();
    void run(async () => {
      await send('POST', 'domains', {name: wanted});
      const {domains} = await get<DomainList>('domains');
      setName('');
      const isYours = domains.some((domain) => domain.name === wanted.toLowerCase());
      added(isYours ? `${wanted} is added.` : `${wanted} is noted. Now prove that it is yours: publish the record below.`);
    });
  };
  return (
    <form class="narrow" onSubmit={add} noValidate>
      <div class="field">
        <label for="domain">{first ? 'Your first domain' : 'Another domain'}</label>
        <div class="row">
          <input
            id="domain"
            value={name}
            placeholder="contoso.com"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby="domain-hint domain-problem"
            aria-invalid={error !== null}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button type="submit" class={first ? 'primary' : ''} disabled={busy}>
            {busy ? 'Adding…' : 'Add domain'}
          </button>
        </div>
        <span id="domain-problem" class="wrong" role="alert">
          {error?.message}
        </span>
        <span id="domain-hint" class="hint">
          {entra ? (
            <>
              Microsoft Entra shows it on its <em>Overview</em> page as <em>Primary domain</em>. Use the one in your
              e-mail addresses, not the one that ends in <code>onmicrosoft.com</code>.
            </>
          ) : (
            'What follows the @ in your employees’ e-mail addresses.'
          )}
        </span>
      </div>
    </form>
  );
}

function KnownDomains({domains, told}: {domains: Known[]; told: (words: string, gone: boolean) => void}) {
  const [asked, setAsked] = useState<Known | null>(null);
  const {busy, error, run} = useAction();
  const remove = (domain: Known) =>
    void run(async () => {
      await send('DELETE', `domains/${encodeURIComponent(domain.name)}`);
      setAsked(null);
      told(`${domain.name} is removed.`, true);
    });
  return (
    <>
      {domains.length > 0 && (
        <Table
          caption="Your domains"
          columns={['Domain', 'Active employees', 'Action']}
          empty=""
          rows={domains.map((domain) => [
            <>
              <strong>{domain.name}</strong> <Badge tone="good">✓ {proofNames[domain.proof]}</Badge>
            </>,
            domain.activeEmployees.toLocaleString(),
            delegated || domain.proof === 'support' ? (
              <span class="hint">{delegated ? 'An administrator can remove it' : 'Support can remove it'}</span>
            ) : (
              <button type="button" class="small" onClick={() => setAsked(domain)}>
                Remove<span class="for-readers"> {domain.name}</span>
              </button>
            ),
          ])}
        />
      )}
      {asked && (
        <Confirm
          title={`Remove ${asked.name}?`}
          yes="Remove domain"
          tone="danger"
          busy={busy}
          error={error}
          close={() => setAsked(null)}
          act={() => remove(asked)}
        >
          <p>
            {asked.activeEmployees === 0
              ? 'No active employee has an address in it.'
              : count(asked.activeEmployees, 'active employee has', 'active employees have') +
                ' an address in it, and could not sign in without it once single sign-on is enabled.'}
          </p>
          <p>
            Until then nothing changes for anybody. You can add the domain again
            {asked.proof === 'dns' && ', and prove it with a new record'}.
          </p>
        </Confirm>
      )}
    </>
  );
}

/// A domain that is not proven yet: the record to publish, and what the name server said last.
function ClaimCard({claim, told}: {claim: Claim; told: (words: string, gone: boolean) => void}) {
  const check = useAction();
  const remove = useAction();
  const checkAgain = () =>
    void check.run(async () => {
      await send('POST', `domains/${encodeURIComponent(claim.name)}/check`);
      const {domains} = await get<DomainList>('domains');
      const proven = domains.some(({name}) => name === claim.name);
      told(proven ? `${claim.name} is proven: it is yours.` : '', proven);
    });
  const withdraw = () =>
    void remove.run(async () => {
      await send('DELETE', `domains/${encodeURIComponent(claim.name)}`);
      told(`${claim.name} is removed.`, true);
    });
  return (
    <section class="card" aria-label={`Prove ${claim.name}`}>
      <h3>
        {claim.name} <Badge tone="calm">waiting for its TXT record</Badge>
      </h3>
      <p>
        Show that the domain is yours: where it is registered (your DNS provider), open its DNS records, add a record
        of the type{' '}
        <em>TXT</em> with this name and value, and save.
      </p>
      <Copyable label="Name (host)" value={claim.recordName} />
      <p class="hint">
        If your DNS provider adds the domain to the name by itself, leave it out: usually only{' '}
        <code>{claim.recordName.slice(0, -claim.name.length - 1)}</code> remains.
      </p>
      <Copyable label="Value" value={claim.recordValue} />
      <div role="status">
        {claim.finding !== '' && (
          <p class="finding">
            <strong>Not proven yet.</strong> <Marked text={claim.finding} />
          </p>
        )}
        <p class="hint">
          {claim.checkedAt === null ? (
            'Not checked yet. A new record is usually seen within minutes, sometimes only after hours.'
          ) : (
            <>
              Last checked <Ago at={claim.checkedAt} />. You can leave this page and come back: the record stays the same.
            </>
          )}
        </p>
      </div>
      {check.error && <Problem error={check.error} />}
      {remove.error && <Problem error={remove.error} />}
      <div class="buttons">
        <button type="button" class="primary" disabled={check.busy} onClick={checkAgain}>
          {check.busy ? 'Asking the name server…' : claim.checkedAt === null ? 'Check now' : 'Check again'}
          <span class="for-readers"> {claim.name}</span>
        </button>
        <button type="button" disabled={remove.busy} onClick={withdraw}>
          Remove<span class="for-readers"> {claim.name}</span>
        </button>
      </div>
    </section>
  );
}

/// How many employees keep access, and how many do not.
function Reach({wizard: {people}}: {wizard: Wizard}) {
  const open = people.outside - people.accepted;
  return (
    <dl class="figures">
      <div>
        <dt>keep access</dt>
        <dd>{(people.active - people.outside).toLocaleString()}</dd>
      </div>
      <div class={open > 0 ? 'open' : ''}>
        <dt>outside your domains, to decide</dt>
        <dd>{open.toLocaleString()}</dd>
      </div>
      <div>
        <dt>will lose access, as you allowed</dt>
        <dd>{people.accepted.toLocaleString()}</dd>
      </div>
    </dl>
  );
}
