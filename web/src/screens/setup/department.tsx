import {Onward, type StepProps} from './step';

export function DepartmentStep({wizard}: StepProps) {
  const ready = wizard.steps.some(({step, state}) => step === 'department' && state === 'done');
  return <Onward step="department" ready={ready} />;
}
