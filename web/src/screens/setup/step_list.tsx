import type {Standing, Step, Wizard} from '../../setup';
import {stepAddress, stepNames} from './step';

const marks: Record<Standing['state'], string> = {'to-do': '', done: '✓', attention: '!'};
const words: Record<Standing['state'], string> = {'to-do': 'To do', done: 'Done', attention: 'Needs attention'};

/// The steps with their states, each a link. `current` is absent outside the wizard.
export function StepList({wizard, current}: {wizard: Wizard; current?: Step}) {
  return (
    <ol class="rail">
      {wizard.steps.map(({step, state}, i) => (
        <li class={`is-${state}`}>
          <a href={stepAddress(step)} aria-current={step === current ? 'step' : undefined}>
            <span class="mark" aria-hidden="true">
              {marks[state] || i + 1}
            </span>
            <span>
              {stepNames[step]}
              <span class="hint state">
                <span class="for-readers">: </span>
                {step === current ? `You are here${state === 'to-do' ? '' : ` · ${words[state]}`}` : words[state]}
              </span>
            </span>
          </a>
        </li>
      ))}
    </ol>
  );
}
