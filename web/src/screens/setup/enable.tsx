import {Onward, type StepProps} from './step';

export function EnableStep({wizard}: StepProps) {
  const ready = wizard.steps.some(({step, state}) => step === 'enable' && state === 'done');
  return <Onward step="enable" ready={ready} />;
}
