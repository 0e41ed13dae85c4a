// Security > SSO and SCIM: before the setup, on the way, and afterwards.
import type {ComponentChildren} from 'preact';
import type {ConnectionList, Pulse} from '../api';
import {address} from '../location';
import {Badge, Marked, Show, Table, Time, Title, useLoaded} from '../parts';
import type {DomainList, Mobile, Wizard} from '../setup';
import {proofNames} from '../setup';
import {Activity} from './activity';
import {ConnectionCard} from './connection_card';
import {BrakeBanner} from './departures';
import {MobileSummary} from './mobile_app';
import {PulseCard} from './provisioning';
import {Delegation} from './setup/links';
import {ProposalPanel} from './setup/proposal';
import {stepAddress, stepNames} from './setup/step';
import {StepList} from './setup/step_list';
import {OwnKeys, Refreshing, UpkeepBanners} from './upkeep';

export function Security() {
  const [loaded, retry] = useLoaded<Wizard>('setup');
  return (
    <Show loaded={loaded} retry={retry}>
      {(wizard) => {
        if (wizard.enforcedAt !== null) return <Enforced since={wizard.enforcedAt} wizard={wizard} reload={retry} />;
        if (!wizard.planAllows) return <NotInPlan wizard={wizard} />;
        if (wizard.setup === null) return <BeforeStart />;
        return <UnderWay wizard={wizard} reload={retry} startedAt={wizard.setup.startedAt} startedBy={wizard.setup.startedBy} />;
      }}
    </Show>
  );
}

/// What both give.
function Offer({children}: {children: ComponentChildren}) {
  return (
    <>
      <Title>SSO and SCIM</Title>
      <p class="lead">Let your company’s own directory decide who comes in here.</p>
      <div class="pair promise">
        <section class="card">
          <h2>Single sign-on (SSO)</h2>
          <p>
            Employees sign in with the account that they have already, from Microsoft Entra ID (Azure Active Directory), Okta,
            Google Workspace, or another SAML provider.
          </p>
          <ul class="points">
            <li>No password here that could be guessed, shared, or forgotten.</li>
            <li>Your rules for signing in hold here too, such as multi-factor authentication.</li>
          </ul>
        </section>
        <section class="card">
          <h2>Automatic provisioning (SCIM)</h2>
          <p>Your directory creates, updates, and deactivates employees here by itself.</p>
          <ul class="points">
            <li>Whoever joins can start without anybody adding them here.</li>
            <li>Whoever leaves loses access, and nobody has to think of it.</li>
          </ul>
        </section>
      </div>
      {children}
    </>
  );
}

function BeforeStart() {
  return (
    <Offer>
      <p>
        The setup leads you through it in eight steps and about 15 minutes. Employees notice nothing until you enable SSO in
        the last one.
      </p>
      <p>
        <a class="button primary" href={stepAddress('prepare')}>
          Configure now
        </a>
      </p>
      <TestAccountsLine />
    </Offer>
  );
}

export function NotInPlan({wizard}: {wizard: Wizard}) {
  return (
    <Offer>
      <section class="pulse" aria-label="Your plan">
        <p>
          <strong>Not part of this plan.</strong> SSO and SCIM belong to the Enterprise plan. To get them for{' '}
          {wizard.account.name}, ask support (whoever runs this server for you) to change the plan of your account. Then the
          setup begins here.
        </p>
      </section>
    </Offer>
  );
}

function TestAccountsLine() {
  return (
    <p>
      To try something without any effect on your colleagues: <a href={address('security', 'test-accounts')}>Test accounts</a>
    </p>
  );
}

function UnderWay(props: {wizard: Wizard; reload: () => void; startedAt: string; startedBy: string}) {
  const {wizard, reload, startedAt, startedBy} = props;
  const [mobile] = useLoaded<Mobile>('setup/mobile');
  const done = wizard.steps.filter(({state}) => state === 'done').length;
  const attention = wizard.steps.filter(({state}) => state === 'attention');
  return (
    <>
      <Title>SSO and SCIM</Title>
      <p>
        The setup is under way: {done} of {wizard.steps.length} steps are done. {startedBy} started it{' '}
        <Time at={startedAt} />. Employees notice nothing until SSO is enabled.
      </p>
      <ProposalPanel wizard={wizard} changed={reload} reload={reload} />
      {attention.map(({step, message}) => (
        <p class="attention">
          <a href={stepAddress(step)}>{stepNames[step]}</a> needs attention. <Marked text={message} />
        </p>
      ))}
      <p>
        <a class="button primary" href={stepAddress(wizard.next)}>
          Continue the setup<span class="for-readers"> with {stepNames[wizard.next]}</span>
        </a>
      </p>
      <section class="card narrow" aria-label="Steps of the setup">
        <StepList wizard={wizard} mobile={mobile.state === 'done' ? mobile.value : null} />
      </section>
      <Delegation />
      <TestAccountsLine />
    </>
  );
}

function Enforced({since, wizard, reload}: {since: string; wizard: Wizard; reload: () => void}) {
  const [connections, retryConnections] = useLoaded<ConnectionList>('connections');
  const [pulse, retryPulse] = useLoaded<Pulse>('provisioning/pulse');
  const [domains, retryDomains] = useLoaded<DomainList>('domains');
  return (
    <>
      <Title>SSO and SCIM</Title>
      <section class="pulse good" aria-label="State of SSO">
        <p>
          <strong>SSO is enabled.</strong> It has been the only way in since <Time at={since} />. Employees sign in at{' '}
          <a href={wizard.signInUrl}>{wizard.signInUrl}</a>.
        </p>
        <p class="hint">To switch SSO off, contact support.</p>
      </section>
      <ProposalPanel wizard={wizard} changed={reload} reload={reload} />
      {connections.state === 'done' && <UpkeepBanners list={connections.value} />}
      <p>
        Who signed in, who was refused, and why: <a href={address('sign-ins')}>Sign-ins</a>
      </p>
      <Activity />
      <h2>Connections</h2>
      <Show loaded={connections} retry={retryConnections}>
        {(loaded) => (
          <>
            {loaded.connections.length === 0 && <p class="problem">No connection: nobody can sign in. Contact support.</p>}
            {loaded.connections.map((connection) => (
              <ConnectionCard connection={connection}>
                <Refreshing connection={connection} done={retryConnections} />
              </ConnectionCard>
            ))}
            <OwnKeys />
          </>
        )}
      </Show>
      <h2>Provisioning</h2>
      <Show loaded={pulse} retry={retryPulse}>
        {(value) => (
          <>
            {value.brakeOn && <BrakeBanner />}
            <PulseCard pulse={value} link />
          </>
        )}
      </Show>
      <TestAccountsLine />
      <MobileSummary />
      <h2>Domains</h2>
      <Show loaded={domains} retry={retryDomains}>
        {(value) => (
          <Table
            caption="Domains whose people sign in here"
            columns={['Domain', 'Proof', 'Active employees']}
            empty="No domain: no e-mail address leads to single sign-on. Contact support."
            rows={value.domains.map(({name, proof, activeEmployees}) => [
              <strong>{name}</strong>,
              <Badge tone="calm">{proofNames[proof]}</Badge>,
              activeEmployees.toLocaleString(),
            ])}
          />
        )}
      </Show>
    </>
  );
}
