// The mail by which one employee comes in: an invitation, or a link to choose a new password.
import {useState} from 'preact/hooks';
import {send} from '../api';
import {Confirm, Copyable} from '../dialogs';
import {Badge, Done, Show, Time, useAction, useLoaded, useRefresh} from '../parts';

export interface LinkOffer {
  kind: 'invitation' | 'recovery';
  obstacle: '' | 'deactivated' | 'no-email' | 'no-mail-server';
  email: string;
  from: string;
  ssoEnforced: boolean;
  account: string;
  last: {kind: 'invitation' | 'recovery'; state: 'waiting' | 'sent' | 'failed'; at: string; problem: string} | null;
}

interface Person {
  id: string;
  displayName: string;
}

/// `primary`: it is the next thing to do on this screen.
export function SendLink({employee, primary = false}: {employee: Person; primary?: boolean}) {
  const [offer, retry] = useLoaded<LinkOffer>(linkPath(employee));
  const [asked, setAsked] = useState(false);
  const [done, setDone] = useState('');
  const waits = offer.state === 'done' && offer.value.last?.state === 'waiting';
  useRefresh(waits, retry, 2000);
  const sent = (note: string) => {
    setAsked(false);
    setDone(note);
    retry();
  };
  return (
    <Show loaded={offer} retry={retry}>
      {(value) => (
        <>
          <Done>{done}</Done>
          {value.obstacle === '' ? (
            <Possible offer={value} primary={primary} ask={() => setAsked(true)} />
          ) : (
            <Impossible offer={value} employee={employee} />
          )}
          <Last offer={value} />
          {asked && <ConfirmLink offer={value} employee={employee} close={() => setAsked(false)} sent={sent} />}
        </>
      )}
    </Show>
  );
}

const linkPath = ({id}: Person) => `employees/${encodeURIComponent(id)}/send-link`;

function Possible({offer, primary, ask}: {offer: LinkOffer; primary: boolean; ask: () => void}) {
  return (
    <>
      <p>{purposeOf(offer)}</p>
      <div class="buttons">
        <button type="button" class={primary ? 'primary' : ''} onClick={ask}>
          {offer.kind === 'recovery' ? 'Send a link to choose a new password…' : primary ? 'Send an invitation now…' : 'Send an invitation…'}
        </button>
      </div>
    </>
  );
}

function purposeOf(offer: LinkOffer): string {
  if (offer.ssoEnforced) {
    return 'Nobody needs a password here: everybody signs in with the company account. Whoever forgot the password of that account gets a new one from your provider. An invitation says how to sign in.';
  }
  if (offer.kind === 'recovery') return 'For somebody who forgot the password: a mail with a link to choose a new one.';
  return 'There is no password yet. An invitation is a mail with a link to choose one.';
}

function Impossible({offer, employee}: {offer: LinkOffer; employee: Person}) {
  const what = offer.kind === 'recovery' ? 'a link to choose a new password' : 'an invitation';
  if (offer.obstacle === 'deactivated') return <p>Activate the employee first: a link leads nowhere while access is off.</p>;
  if (offer.obstacle === 'no-email') {
    return <p>There is no e-mail address to send {what} to. Edit the employee and enter one.</p>;
  }
  if (offer.ssoEnforced) {
    return (
      <p>
        Nobody needs a password here: everybody signs in with the company account. This server has no mail server to say so: tell{' '}
        {employee.displayName} to sign in at <span class="whole">{`${location.origin}/sign-in`}</span>.
      </p>
    );
  }
  return (
    <>
      <p>
        This server cannot send {what}, because it has no mail server: whoever runs it sets <code>mail.server</code> and{' '}
        <code>mail.from</code>. Until then they make a link with this command, for you to pass on:
      </p>
      <Copyable label="Command for whoever runs Doorward" value={`doorward employee recovery-link ${offer.account} ${employee.id}`} />
    </>
  );
}

const lastNames = {invitation: 'Invitation', recovery: 'Link for a new password'};

function Last({offer: {last}}: {offer: LinkOffer}) {
  if (!last) return null;
  const name = lastNames[last.kind];
  if (last.state === 'waiting') return <p class="hint">{name}: waits to be sent.</p>;
  if (last.state === 'sent') {
    return (
      <p class="hint">
        {name}: handed to the mail server, <Time at={last.at} />.
      </p>
    );
  }
  return (
    <p>
      <Badge tone="bad">not sent</Badge> {name}, <Time at={last.at} />: {last.problem === '' ? 'the mail server did not take it' : last.problem}.
      Look at the address, then send it again.
    </p>
  );
}

function ConfirmLink(props: {offer: LinkOffer; employee: Person; close: () => void; sent: (note: string) => void}) {
  const {offer, employee} = props;
  const {busy, error, run} = useAction();
  const invites = offer.kind === 'invitation';
  const act = () =>
    void run(async () => {
      const answer = await send<{queued: boolean; email: string}>('POST', linkPath(employee), {kind: offer.kind});
      const what = invites ? 'The invitation' : 'The link';
      props.sent(
        answer.queued
          ? `${what} is on its way to ${answer.email}.`
          : `${what} went to ${answer.email} less than five minutes ago, so it is not sent again.`,
      );
    });
  return (
    <Confirm
      title={invites ? `Invite ${employee.displayName}?` : `Send ${employee.displayName} a link?`}
      yes={invites ? 'Send the invitation' : 'Send the link'}
      tone="primary"
      busy={busy}
      error={error}
      close={props.close}
      act={act}
    >
      <ul>
        <li>
          One mail goes to <strong>{offer.email}</strong>, from {offer.from}.
        </li>
        {offer.ssoEnforced ? (
          <li>It says how to sign in with the company account. There is no link and no password in it.</li>
        ) : (
          <li>
            Its link lets whoever reads that mailbox choose {employee.displayName}’s password, once, within {invites ? '7 days' : '24 hours'}.
            {!invites && ' The current password works until then; a new one signs out everywhere.'}
          </li>
        )}
        {!offer.ssoEnforced && <li>An earlier link of this kind stops working.</li>}
      </ul>
    </Confirm>
  );
}
