import {Onward, type StepProps} from './step';

export function ProvisioningStep({wizard}: StepProps) {
  const ready = wizard.steps.some(({step, state}) => step === 'provisioning' && state === 'done');
  return <Onward step="provisioning" ready={ready} />;
}
