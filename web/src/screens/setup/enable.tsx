// The last step: what the evidence is, what will happen, and the decision.
import {useLayoutEffect, useRef, useState} from 'preact/hooks';
import type {ApiError, Session} from '../../api';
import {send} from '../../api';
import {Dialog} from '../../dialogs';
import {address, go} from '../../location';
import {count, Marked, Problem, Time, useAction, useLoaded} from '../../parts';
import type {Standing, Wizard} from '../../setup';
import {Instructions} from './instructions';
import {ProposalPanel} from './proposal';
import {markOf, plural} from './standing';
import {Onward, stepAddress, stepNames, type StepProps} from './step';

export function EnableStep({wizard, changed, reload}: StepProps) {
  const [session] = useLoaded<Session>('session');
  const [cancelling, setCancelling] = useState(false);
  // Kept here: around it the wizard ends as soon as it knows.
  const [enabled, setEnabled] = useState<Wizard | null>(null);
  const byPassword = session.state === 'done' && session.value.session.method === 'password';
  const over = enabled ?? wizard;
  if (over.enforcedAt !== null) return <Enabled at={over.enforcedAt} wizard={over} byPassword={byPassword} />;
  const missing = wizard.steps.filter(({step, blocks}) => step !== 'enable' && blocks);
  return (
    <>
      <ProposalPanel wizard={wizard} changed={changed} reload={reload} />
      <h2>Is everything ready?</h2>
      {missing.length > 0 && <Missing missing={missing} />}
      <Evidence steps={wizard.steps.filter(({step}) => step !== 'enable')} />
      <h2>Who keeps access</h2>
      <People wizard={wizard} />
      <h2>Tell your employees</h2>
      <Instructions wizard={wizard} />
      {wizard.mayEnable && <EnableForm wizard={wizard} byPassword={byPassword} enabled={setEnabled} reload={reload} />}
      <h2>Or cancel the setup</h2>
      <p>Cancelling removes what you set up here and leaves your employees alone.</p>
      <button type="button" class="danger-line" onClick={() => setCancelling(true)}>
        Cancel the setup…
      </button>
      <Onward step="enable" ready={wizard.mayEnable} />
      {cancelling && <Cancel wizard={wizard} close={() => setCancelling(false)} changed={changed} />}
    </>
  );
}

function Missing({missing}: {missing: Standing[]}) {
  return (
    <section class="problem" aria-label="What is missing">
      <p>
        <strong>Single sign-on cannot be enabled yet.</strong> {count(missing.length, 'step is', 'steps are')} missing:
      </p>
      <ul>
        {missing.map(({step, message}) => (
          <li>
            <a href={stepAddress(step)}>{stepNames[step]}</a>: <Marked text={message} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/// Every step with its mark.
function Evidence({steps}: {steps: Standing[]}) {
  return (
    <ol class="checks">
      {steps.map((standing) => {
        const {mark, word, look} = markOf(standing);
        return (
          <li class={standing.blocks && standing.state === 'to-do' ? 'failed' : look}>
            <span class="mark" aria-hidden="true">
              {mark}
            </span>
            <div>
              <strong>{stepNames[standing.step]}</strong>{' '}
              <span class="hint">
                {word}
                {standing.blocks && ', needed'}
              </span>
              <p>
                <Marked text={standing.message} />{' '}
                {standing.state !== 'done' && (
                  <a href={stepAddress(standing.step)}>
                    Go there<span class="for-readers">: {stepNames[standing.step]}</span>
                  </a>
                )}
              </p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function People({wizard: {people}}: {wizard: Wizard}) {
  return (
    <>
      <dl class="figures">
        <div>
          <dt>{plural(people.active - people.outside, 'employee keeps', 'employees keep')} access</dt>
          <dd>{(people.active - people.outside).toLocaleString()}</dd>
        </div>
        <div class={people.outside > 0 ? 'open' : ''}>
          <dt>{plural(people.outside, 'employee loses', 'employees lose')} access</dt>
          <dd>{people.outside.toLocaleString()}</dd>
        </div>
        <div>
          <dt>{plural(people.administratorsInside, 'administrator keeps', 'administrators keep')} access</dt>
          <dd>{people.administratorsInside.toLocaleString()}</dd>
        </div>
      </dl>
      {people.outside > 0 && (
        <p>
          Those who lose it have an address outside your domains. <a href={stepAddress('domains')}>See who they are</a>
        </p>
      )}
    </>
  );
}

/// The account's name, typed to show that it is meant. The server compares.
function NameField(props: {name: string; value: string; error: ApiError | null; change: (value: string) => void}) {
  const problem = props.error?.code === 'setup.name_mismatch' ? props.error.message : '';
  return (
    <label class="field">
      Type the name of your account, {props.name}
      <input
        value={props.value}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={problem !== ''}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
      <span class="wrong" role="alert">
        {problem}
      </span>
    </label>
  );
}

const isOther = (error: ApiError | null): error is ApiError => error !== null && error.code !== 'setup.name_mismatch';

function Consequences({wizard, byPassword}: {wizard: Wizard; byPassword: boolean}) {
  const {active, outside} = wizard.people;
  return (
    <ul>
      <li>
        {count(active - outside, 'employee signs', 'employees sign')} in through your provider, and in no other way:
        passwords stop working.
      </li>
      {outside > 0 && (
        <li>
          <strong>{count(outside, 'employee loses', 'employees lose')} access.</strong>
        </li>
      )}
      <li>
        Whoever is signed in with a password is signed out at once
        {byPassword && ', and so are you: sign in again through your provider'}.
      </li>
      <li>
        <strong>Once SSO is on you cannot switch it off yourself: contact support.</strong>
      </li>
    </ul>
  );
}

function EnableForm(props: {wizard: Wizard; byPassword: boolean; enabled: (wizard: Wizard) => void; reload: () => void}) {
  const {wizard} = props;
  const [name, setName] = useState('');
  const {busy, error, run} = useAction();
  const enable = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      try {
        props.enabled(await send<Wizard>('POST', 'setup/enable', {accountName: name}));
      } catch (caught) {
        // Something has changed since this page was loaded: show how it is now, beside the refusal.
        if ((caught as ApiError).code === 'setup.not_ready') props.reload();
        throw caught;
      }
    });
  };
  return (
    <>
      <h2>Enable single sign-on</h2>
      <form class="card decision" onSubmit={enable} noValidate>
        <p>This happens at once, for everybody:</p>
        <Consequences wizard={wizard} byPassword={props.byPassword} />
        <NameField name={wizard.account.name} value={name} error={error} change={setName} />
        {isOther(error) && <Problem error={error} />}
        <button type="submit" class="danger" disabled={busy}>
          {busy ? 'Enabling…' : 'Enable for all employees'}
        </button>
      </form>
    </>
  );
}

function Cancel({wizard, close, changed}: {wizard: Wizard; close: () => void; changed: (wizard: Wizard) => void}) {
  const [name, setName] = useState('');
  const {busy, error, run} = useAction();
  const cancel = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const answer = await send<Wizard>('POST', 'setup/cancel', {accountName: name});
      close();
      changed(answer);
      go(address('security'));
    });
  };
  return (
    <Dialog title="Cancel the setup?" close={close}>
      <p>This is removed, and cannot be brought back:</p>
      <ul>
        <li>the connection to your provider, and who signed in through it before</li>
        <li>the setup links that you gave to colleagues</li>
        <li>the provisioning tokens: your directory cannot come in any more</li>
        <li>the domains that you entered, and their proof</li>
        <li>what you allowed about employees outside your domains</li>
      </ul>
      <p>
        This stays: all your employees with their access, their passwords and their departments. Whoever is signed in
        through your provider is signed out. You can start the setup anew at any time.
      </p>
      <form onSubmit={cancel} noValidate>
        <NameField name={wizard.account.name} value={name} error={error} change={setName} />
        {isOther(error) && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="danger" disabled={busy}>
            {busy ? 'Working…' : 'Cancel the setup'}
          </button>
          <button type="button" onClick={close}>
            Keep it
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Enabled({at, wizard, byPassword}: {at: string; wizard: Wizard; byPassword: boolean}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        Single sign-on is enabled
      </h2>
      <section class="pulse good">
        <p>
          <strong>It is the only way in</strong> for all employees of {wizard.account.name}, since <Time at={at} />.
        </p>
        {byPassword && (
          <p>You were signed in with a password, which does not work any more: sign in again through your provider.</p>
        )}
      </section>
      <h2>What now</h2>
      <ul>
        <li>
          Employees sign in at <a href={wizard.signInUrl}>{wizard.signInUrl}</a>. Send them the instructions below.
        </li>
        <li>
          When somebody cannot sign in, look up the reference number on their screen under{' '}
          <a href={address('sign-ins')}>Sign-ins</a>.
        </li>
        <li>To switch single sign-on off, contact support.</li>
      </ul>
      <Instructions wizard={wizard} signedOut={byPassword} />
      <div class="buttons">
        <a class="button primary" href={address('security')}>
          See the state of single sign-on
        </a>
      </div>
    </>
  );
}
