import type {Mobile, Page, Standing, Wizard} from '../../setup';
import {hasApp, shownSteps} from '../../setup';
import {stepAddress, stepNames} from './step';

const marks: Record<Standing['state'], string> = {'to-do': '', done: '✓', attention: '!'};
const words: Record<Standing['state'], string> = {'to-do': 'To do', done: 'Done', attention: 'Needs attention'};

/// The steps with their states, each a link, and among them the page of the mobile app, which is no step: it has no
/// number, and nothing waits for it. `current` is absent outside the wizard.
export function StepList({wizard, mobile, current}: {wizard: Wizard; mobile: Mobile | null; current?: Page}) {
  return (
    <ol class="rail">
      {wizard.steps.filter(({step}) => shownSteps.includes(step)).flatMap(({step, state}, i) => {
        const line = (
          <Line
            page={step}
            state={state}
            mark={marks[state] || String(i + 1)}
            words={step === current && state === 'to-do' ? '' : words[state]}
            here={step === current}
          />
        );
        return step === 'department' && mobile !== null ? [line, <MobileLine mobile={mobile} here={current === 'mobile'} />] : [line];
      })}
    </ol>
  );
}

function MobileLine({mobile, here}: {mobile: Mobile; here: boolean}) {
  const done = mobile.setup !== null;
  const standing = done ? 'Done' : hasApp(mobile) ? 'Optional' : 'Not offered by this server';
  return <Line page="mobile" state={done ? 'done' : 'to-do'} mark={done ? '✓' : '+'} words={standing} here={here} />;
}

function Line(props: {page: Page; state: Standing['state']; mark: string; words: string; here: boolean}) {
  const {page, here} = props;
  return (
    <li class={`is-${props.state}`}>
      <a href={stepAddress(page)} aria-current={here ? 'step' : undefined}>
        <span class="mark" aria-hidden="true">
          {props.mark}
        </span>
        <span>
          {stepNames[page]}
          <span class="hint state">
            <span class="for-readers">: </span>
            {[here && 'You are here', props.words].filter(Boolean).join(' · ')}
          </span>
        </span>
      </a>
    </li>
  );
}
