import {Onward, type StepProps} from './step';

export function DomainsStep({wizard}: StepProps) {
  const ready = wizard.steps.some(({step, state}) => step === 'domains' && state === 'done');
  return <Onward step="domains" ready={ready} />;
}
