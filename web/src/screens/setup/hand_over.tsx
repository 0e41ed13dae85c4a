// The colleague's last step: what is missing, and whom to tell.
import {useContext} from 'preact/hooks';
import {send} from '../../api';
import {count, Marked, Problem, useAction} from '../../parts';
import {shownSteps} from '../../setup';
import {markOf} from './standing';
import {DelegateContext, Onward, stepAddress, stepNames, type StepProps} from './step';

export function HandOverStep({wizard}: StepProps) {
  const delegate = useContext(DelegateContext);
  const {busy, error, run} = useAction();
  const administrator = delegate?.administrator ?? 'the administrator';
  const before = wizard.steps.filter(({step}) => step !== 'enable' && shownSteps.includes(step));
  const missing = before.filter(({blocks}) => blocks);
  const finish = () =>
    void run(async () => {
      await send('DELETE', 'setup-session');
      delegate?.finished();
    });
  return (
    <>
      <section class={missing.length === 0 ? 'pulse good' : 'pulse'} aria-label="What comes next">
        {missing.length === 0 ? (
          <p>
            <strong>Tell {administrator} that all is ready.</strong>{' '}
            {wizard.proposal !== null && 'They look at what you connected and accept it. '}They press <em>Enable for all</em>.
          </p>
        ) : (
          <p>
            <strong>{count(missing.length, 'step is', 'steps are')} not done yet.</strong> What you cannot do yourself,{' '}
            {administrator} does: tell them what is left.
          </p>
        )}
      </section>
      <ol class="checks">
        {before.map((standing) => {
          const {mark, word, look} = markOf(standing);
          return (
            <li class={standing.blocks && standing.state === 'to-do' ? 'failed' : look}>
              <span class="mark" aria-hidden="true">
                {mark}
              </span>
              <div>
                <strong>
                  <a href={stepAddress(standing.step)}>{stepNames[standing.step]}</a>
                </strong>{' '}
                <span class="hint">{word}</span>
                <p>
                  <Marked text={standing.message} />
                </p>
              </div>
            </li>
          );
        })}
      </ol>
      <h2>What {administrator} does</h2>
      <ul class="points">
        <li>Compares what you connected with your provider, and accepts it: keep its page open to compare certificates.</li>
        <li>Signs in once with a test link, as an administrator.</li>
        <li>Decides about employees whose address is outside the domains.</li>
        <li>Sets up the mobile app, if there is one, tells the employees, and enables single sign-on.</li>
      </ul>
      <h2>When you are done</h2>
      <p>
        The link ends by itself when single sign-on is enabled. Provisioning can be started at your provider when the token is
        accepted: keep the link until then.
      </p>
      {error && <Problem error={error} />}
      <button type="button" disabled={busy} onClick={finish}>
        {busy ? 'Closing…' : 'I am done: close the link'}
      </button>
      <Onward step="enable" ready={false} />
    </>
  );
}
