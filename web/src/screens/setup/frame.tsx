// The wizard around its steps: where one is, what is done, what comes next.
import {useCallback, useContext, useEffect, useId, useRef, useState} from 'preact/hooks';
import type {ComponentType} from 'preact';
import {delegated} from '../../delegate';
import {address, goInstead} from '../../location';
import {Marked, Show, Time, Title, useLoaded} from '../../parts';
import type {Mobile, Page, Standing, Wizard} from '../../setup';
import {isStep, shownSteps} from '../../setup';
import {NotInPlan} from '../security';
import {ApplicationStep} from './application';
import {ConnectionStep} from './connection';
import {DepartmentStep} from './department';
import {DomainsStep} from './domains';
import {EnableStep} from './enable';
import {HandOverStep} from './hand_over';
import {MobileStep} from './mobile';
import {PrepareStep} from './prepare';
import {ProvisioningStep} from './provisioning';
import type {StepProps} from './step';
import {MobileContext, stepAddress, stepNames} from './step';
import {StepList} from './step_list';
import {TestStep} from './test';

const screens: Record<Page, ComponentType<StepProps>> = {
  prepare: PrepareStep,
  application: ApplicationStep,
  connection: ConnectionStep,
  provisioning: ProvisioningStep,
  domains: DomainsStep,
  department: DepartmentStep,
  mobile: MobileStep,
  test: TestStep,
  enable: delegated ? HandOverStep : EnableStep,
};

/// The address of the wizard without a step: leads to what comes next.
export function SetupEntrance() {
  const [loaded, retry] = useLoaded<Wizard>('setup');
  useEffect(() => {
    if (loaded.state !== 'done') return;
    const {setup, next} = loaded.value;
    goInstead(stepAddress(setup === null ? 'prepare' : next));
  }, [loaded]);
  return (
    <Show loaded={loaded} retry={retry}>
      {() => null}
    </Show>
  );
}

export function SetupFrame({step}: {step: Page}) {
  const [loaded, reloadWizard] = useLoaded<Wizard>('setup');
  const [mobile, reloadMobile] = useLoaded<Mobile>('setup/mobile');
  const reload = useCallback(() => {
    reloadWizard();
    reloadMobile();
  }, [reloadWizard, reloadMobile]);
  // What a step's own request answered holds until the whole is loaded again.
  const [answered, setAnswered] = useState<Wizard | null>(null);
  useEffect(() => setAnswered(null), [loaded]);
  // A step may have been finished elsewhere: in the provider's console, by a colleague, from a private window.
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) reload();
    shown.current = step;
  }, [step, reload]);
  return (
    <MobileContext.Provider value={mobile.state === 'done' ? mobile.value : null}>
      <Show loaded={loaded} retry={reload}>
        {(value) => <Frame step={step} wizard={answered ?? value} changed={setAnswered} reload={reload} />}
      </Show>
    </MobileContext.Provider>
  );
}

export function Frame({step, ...props}: StepProps & {step: Page}) {
  const {wizard} = props;
  const outside = wizard.setup === null && step !== 'prepare';
  const over = wizard.enforcedAt !== null;
  // The mobile app may be set up at any time, and has a page of its own afterwards.
  const moved = over && step === 'mobile';
  useEffect(() => {
    if (moved) goInstead(address('security', 'mobile'));
    if (outside && !over) goInstead(stepAddress('prepare'));
  }, [outside, over, moved]);
  if (wizard.enforcedAt !== null) return <Over at={wizard.enforcedAt} />;
  if (!wizard.planAllows) return <NotInPlan wizard={wizard} />;
  if (outside) return null;
  const Screen = screens[step];
  return (
    <div class="wizard">
      <Rail current={step} wizard={wizard} />
      <div class="step">
        <p class="hint above-title">
          {!delegated && (
            <>
              <a href={address('security')}>SSO and SCIM</a> ›{' '}
            </>
          )}
          {isStep(step) ? `Step ${shownSteps.indexOf(step) + 1} of ${shownSteps.length}` : 'Optional'}
        </p>
        <Title>{stepNames[step]}</Title>
        <StandingNote standing={wizard.steps.find((standing) => standing.step === step)} />
        <Screen key={step} {...props} />
      </div>
    </div>
  );
}

function Over({at}: {at: string}) {
  return (
    <>
      <Title>The setup is finished</Title>
      <p>
        SSO has been the only way in since <Time at={at} />.
      </p>
      <p>
        <a class="button primary" href={address('security')}>
          See how it is doing
        </a>
      </p>
    </>
  );
}

/// What the server says of a step; it stays on the page while it is empty, so that screen readers say what comes.
function StandingNote({standing}: {standing: Standing | undefined}) {
  const {state = 'to-do', message = ''} = standing ?? {};
  return (
    <div role="status">
      {state === 'done' && message !== '' && (
        <p class="done">
          <Marked text={message} />
        </p>
      )}
      {state === 'attention' && (
        <p class="attention">
          <strong>Needs attention.</strong> <Marked text={message} />
        </p>
      )}
    </div>
  );
}

/// Beside the step; on narrow screens it opens with a button.
function Rail({wizard, current}: {wizard: Wizard; current: Page}) {
  const mobile = useContext(MobileContext);
  const [open, setOpen] = useState(false);
  const id = useId();
  useEffect(() => setOpen(false), [current]);
  const known = wizard.steps.filter(({step}) => shownSteps.includes(step));
  const done = known.filter(({state}) => state === 'done').length;
  return (
    <nav class="beside" aria-label="Steps of the setup">
      <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <span>All steps</span>
        <span>
          {done} of {known.length} done <span aria-hidden="true">{open ? '▴' : '▾'}</span>
        </span>
      </button>
      <div id={id} class={open ? 'open' : ''}>
        <StepList wizard={wizard} mobile={mobile} current={current} />
      </div>
    </nav>
  );
}
