import {Onward, type StepProps} from './step';

export function TestStep({wizard}: StepProps) {
  const ready = wizard.steps.some(({step, state}) => step === 'test' && state === 'done');
  return <Onward step="test" ready={ready} />;
}
