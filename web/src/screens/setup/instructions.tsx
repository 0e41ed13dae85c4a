// What everybody is told about signing in from now on: to copy, or to send by mail.
import {useRef, useState} from 'preact/hooks';
import {send} from '../../api';
import {Confirm} from '../../dialogs';
import {count, Done, useAction, useLoaded} from '../../parts';
import type {Wizard} from '../../setup';

interface Reach {
  recipients: number;
  mail: {configured: boolean; from: string};
  mails: {waiting: number; sent: number; failed: number; lastProblem: string};
}

const textFor = ({account, signInUrl}: Wizard) => `Hello {name},

from now on you sign in to ${account.name} with your company account, the one that you use for your work e-mail. You need no other password any more.

1. Open ${signInUrl}
2. Enter your work e-mail address and choose Continue.
3. Sign in with your company account, if you are asked to. Then you are in.

Your earlier password for ${account.name} stops working. If you cannot sign in, send your administrator the reference number from your screen.`;

/// As a reader without a name would get it, for sending in another way.
const forAll = (text: string) => text.replace(/ ?\{name\}/g, '');

/// `signedOut`: enabling has just ended the reader's session, so nothing more can be asked of the server.
export function Instructions({wizard, signedOut = false}: {wizard: Wizard; signedOut?: boolean}) {
  return signedOut ? <Letter wizard={wizard} reach={null} reload={() => undefined} /> : <WithReach wizard={wizard} />;
}

function WithReach({wizard}: {wizard: Wizard}) {
  const [reach, reload] = useLoaded<Reach>('setup/instructions');
  return <Letter wizard={wizard} reach={reach.state === 'done' ? reach.value : null} reload={reload} />;
}

function Letter({wizard, reach, reload}: {wizard: Wizard; reach: Reach | null; reload: () => void}) {
  const [subject, setSubject] = useState(`How you sign in to ${wizard.account.name} from now on`);
  const [text, setText] = useState(() => textFor(wizard));
  const [said, setSaid] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(forAll(text));
      setSaid('Copied.');
    } catch {
      // Browsers lend the clipboard to pages over https only.
      area.current?.select();
      setSaid('Selected: press Ctrl+C or ⌘C.');
    }
  };
  const change = (set: (value: string) => void) => (event: {currentTarget: {value: string}}) => {
    set(event.currentTarget.value);
    setSaid('');
  };
  const can = reach !== null && reach.mail.configured;
  return (
    <>
      {can && (
        <label class="field">
          Subject
          <input value={subject} maxLength={150} onInput={change(setSubject)} />
        </label>
      )}
      <label class="field">
        Sign-in instructions
        <span class="hint">
          Change them as you like. <code>{'{name}'}</code> becomes each reader’s name.
          {!can && ' Copy them, and send them the way your company sends news.'}
        </span>
        <textarea class="letter" ref={area} rows={12} value={text} onInput={change(setText)} />
      </label>
      <div class="buttons">
        {can && (
          <Sending
            reach={reach}
            subject={subject}
            text={text}
            sent={(note) => {
              setSaid(note);
              reload();
            }}
          />
        )}
        <button type="button" onClick={() => void copy()}>
          Copy instructions
        </button>
      </div>
      <Done>{said}</Done>
      {can && <Outcome mails={reach.mails} />}
    </>
  );
}

function Sending(props: {reach: Reach; subject: string; text: string; sent: (note: string) => void}) {
  const {recipients, mail} = props.reach;
  const [asked, setAsked] = useState(false);
  const {busy, error, run} = useAction();
  const act = () =>
    void run(async () => {
      const answer = await send<{recipients: number}>('POST', 'setup/instructions', {
        subject: props.subject,
        body: props.text,
        expected: recipients,
      });
      setAsked(false);
      props.sent(`${count(answer.recipients, 'mail is', 'mails are')} on the way.`);
    });
  return (
    <>
      <button type="button" disabled={recipients === 0} onClick={() => setAsked(true)}>
        Send to {count(recipients, 'employee', 'employees')}…
      </button>
      {asked && (
        <Confirm
          title={`Send this to ${count(recipients, 'employee', 'employees')}?`}
          yes="Send"
          tone="primary"
          busy={busy}
          error={error}
          close={() => setAsked(false)}
          act={act}
        >
          <p>
            Every active employee with an e-mail address gets it, from {mail.from}. A mail cannot be called back.
          </p>
          <h3>{props.subject}</h3>
          <pre class="letter">{props.text.replaceAll('{name}', 'Alex Example')}</pre>
        </Confirm>
      )}
    </>
  );
}

/// What became of the mails that were sent before.
function Outcome({mails: {waiting, sent, failed, lastProblem}}: {mails: Reach['mails']}) {
  if (waiting + sent + failed === 0) return null;
  return (
    <>
      <p class="hint">
        In the last 30 days: {sent.toLocaleString()} sent, {waiting.toLocaleString()} waiting, {failed.toLocaleString()}{' '}
        given up.
      </p>
      {failed > 0 && lastProblem !== '' && <p class="problem">The last problem: {lastProblem}</p>}
    </>
  );
}
