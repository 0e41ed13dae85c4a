// What a colleague sees who was given a setup link: the wizard of one account, whose it is and until when, and nothing else.
import type {ComponentChildren} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import {ApiError, get, send} from '../../api';
import type {SetupSession} from '../../delegate';
import {linkOver} from '../../delegate';
import {address, followLinks, goInstead, usePath} from '../../location';
import {Problem, Show, Time, Title, useAction, useLoaded} from '../../parts';
import type {Wizard} from '../../setup';
import {isPage, pages} from '../../setup';
import {Frame} from './frame';
import {DelegateContext, stepAddress} from './step';

/// What stands behind the # of the link, until it is opened. It leaves the address at once: nobody reads it over a
/// shoulder, and no history keeps it.
let secret = location.hash.slice(1);
if (secret !== '') history.replaceState(null, '', address('setup-link'));

type State = {is: 'looking'} | {is: 'closed'} | {is: 'over'} | {is: 'finished'} | {is: 'open'; session: SetupSession};

export function Colleague() {
  const [state, setState] = useState<State>(secret === '' ? {is: 'looking'} : {is: 'closed'});
  useEffect(() => {
    const end = () => setState({is: 'over'});
    addEventListener(linkOver, end);
    return () => removeEventListener(linkOver, end);
  }, []);
  useEffect(() => {
    if (state.is !== 'looking') return;
    get<SetupSession>('setup-session').then(
      (session) => setState({is: 'open', session}),
      () => setState({is: 'over'}),
    );
  }, [state.is]);
  return (
    <div class="frame" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header>
        <strong>Doorward</strong>
      </header>
      <main id="main">
        {state.is === 'looking' && (
          <p class="hint" role="status">
            Loading…
          </p>
        )}
        {state.is === 'closed' && <Door opened={(session) => setState({is: 'open', session})} again={() => setState({is: 'looking'})} />}
        {state.is === 'over' && <Over />}
        {state.is === 'finished' && <Finished />}
        {state.is === 'open' && <Open session={state.session} finished={() => setState({is: 'finished'})} />}
      </main>
    </div>
  );
}

/// The link is opened by pressing a button: programs that look at the links in a mail press none.
function Door({opened, again}: {opened: (session: SetupSession) => void; again: () => void}) {
  const {busy, error, run} = useAction();
  const open = () =>
    void run(async () => {
      try {
        const session = await send<SetupSession>('POST', 'setup-session', {link: secret});
        secret = '';
        opened(session);
      } catch (caught) {
        // Whoever follows the link in their mail once more has the setup in this browser already.
        const mine = (caught as ApiError).code === 'directory.setup_link_used' && (await isOpenHere());
        if (!mine) throw caught;
        again();
      }
    });
  return (
    <>
      <Title>Set up single sign-on</Title>
      <p>
        An administrator asks you to connect their account to your company’s directory, so that people sign in with the account
        that they have at work. You are led through it step by step, and can stop and go on later in this browser.
      </p>
      <p>
        <strong>The link opens once, in one browser.</strong> Open it on the computer where you will do the work.
      </p>
      {error && <Problem error={error} />}
      <div class="buttons">
        <button type="button" class="primary" onClick={open} disabled={busy}>
          {busy ? 'Opening…' : 'Open the setup'}
        </button>
      </div>
    </>
  );
}

const isOpenHere = () =>
  get('setup-session').then(
    () => true,
    () => false,
  );

function Over() {
  return (
    <>
      <Title>This setup link is over</Title>
      <p>
        Its time has come, an administrator ended it, single sign-on was enabled, or it was opened in another browser than this
        one. What you set up is kept.
      </p>
      <p>If there is still something to do, ask the administrator who gave it to you for a new one.</p>
    </>
  );
}

function Finished() {
  return (
    <>
      <Title>Thank you, that is all</Title>
      <p>The link is closed, and this browser has no way in any more. You may close this window.</p>
    </>
  );
}

function Open({session, finished}: {session: SetupSession; finished: () => void}) {
  const [, step] = usePath();
  const [loaded, reload] = useLoaded<Wizard>('setup');
  const [answered, setAnswered] = useState<Wizard | null>(null);
  useEffect(() => setAnswered(null), [loaded]);
  const known = step !== undefined && isPage(step) && pages.includes(step) ? step : null;
  const next = loaded.state === 'done' ? loaded.value.next : null;
  useEffect(() => {
    if (known === null && next !== null) goInstead(stepAddress(pages.includes(next) ? next : 'application'));
  }, [known, next]);
  // A step may have been finished elsewhere.
  useEffect(() => void reload(), [known]);
  return (
    <DelegateContext.Provider value={{...session, finished}}>
      <Banner session={session} />
      <Show loaded={loaded} retry={reload}>
        {(wizard) =>
          known === null ? null : <Frame step={known} wizard={answered ?? wizard} changed={setAnswered} reload={reload} />
        }
      </Show>
    </DelegateContext.Provider>
  );
}

/// On every page: where one is, by whose leave, and what is left to somebody else.
function Banner({session: {account, administrator, expiresAt}}: {session: SetupSession}): ComponentChildren {
  return (
    <div class="test-account" role="note">
      <p>
        <strong>You set up single sign-on for {account.name}</strong>
        {account.testAccountOf !== null && <>, a test account of {account.testAccountOf}</>}, asked by {administrator}, until{' '}
        <Time at={expiresAt} />.
      </p>
      <p class="hint">
        What you connect can be tested at once. It lets people in, and changes employees, when an administrator has accepted it.
        Enabling, and who loses access, is theirs to decide.
      </p>
    </div>
  );
}
