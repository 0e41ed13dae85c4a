// What every step of the setup gets and ends with.
import type {ComponentChildren} from 'preact';
import {address} from '../../location';
import type {Step, Wizard} from '../../setup';
import {steps} from '../../setup';

export interface StepProps {
  wizard: Wizard;
  /// After a request that answered with the wizard as it is now.
  changed: (wizard: Wizard) => void;
  /// After one that did not.
  reload: () => void;
}

export const stepNames: Record<Step, string> = {
  prepare: 'Before you start',
  application: 'Create the SAML application',
  connection: 'Connect your provider',
  provisioning: 'Provisioning',
  domains: 'Domains',
  department: 'Default department',
  test: 'Test',
  enable: 'Enable for all',
};

export const stepAddress = (step: Step) => address('security', 'setup', step);

/// The way back and the way on, at the end of a step. Children stand before them: what the step asks for first.
export function Onward({step, ready, children}: {step: Step; ready: boolean; children?: ComponentChildren}) {
  const place = steps.indexOf(step);
  const back = steps[place - 1];
  const next = steps[place + 1];
  return (
    <div class="buttons onward">
      {children}
      {next !== undefined && (
        <a class={ready ? 'button primary' : 'button'} href={stepAddress(next)}>
          {ready ? 'Continue' : 'Skip for now'}
          <span class="for-readers"> to {stepNames[next]}</span>
        </a>
      )}
      {back !== undefined && (
        <a class="button" href={stepAddress(back)}>
          Back<span class="for-readers"> to {stepNames[back]}</span>
        </a>
      )}
    </div>
  );
}
