// Where a step stands, for the screens of the steps.
import type {Standing, Step, Wizard} from '../../setup';

export const isDone = (wizard: Wizard, step: Step) =>
  wizard.steps.some((standing) => standing.step === step && standing.state === 'done');

const marks: Record<Standing['state'], {mark: string; word: string; look: string}> = {
  done: {mark: '✓', word: 'Done', look: 'passed'},
  attention: {mark: '!', word: 'Needs attention', look: 'warning'},
  'to-do': {mark: '–', word: 'To do', look: 'skipped'},
};

export const markOf = ({state}: Standing) => marks[state];

export const plural = (number: number, one: string, several: string) => (number === 1 ? one : several);
