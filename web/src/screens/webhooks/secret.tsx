// The secret that signs what a webhook is sent: shown once when it is made, and replaced without a gap.
import {useState} from 'preact/hooks';
import {send} from '../../api';
import {Confirm, Copyable, ShownOnce} from '../../dialogs';
import {Time, useAction} from '../../parts';
import type {Webhook} from '../../webhooks';

export function ShowSigningSecret({secret, close}: {secret: string; close: () => void}) {
  return (
    <ShownOnce title="Copy the signing secret now" close={close}>
      <p>
        It is shown this one time. Your program checks with it that a delivery comes from here, and was not changed on its way:
        the signature follows <em>Standard Webhooks</em>, for which there are libraries in most languages.
      </p>
      <Copyable label="Signing secret" value={secret} />
    </ShownOnce>
  );
}

type Open = {kind: 'ask'} | {kind: 'show'; secret: string} | null;

export function SigningSecret(props: {webhook: Webhook; path: string; changed: (words: string) => void}) {
  const {webhook, path} = props;
  const [open, setOpen] = useState<Open>(null);
  const {busy, error, run} = useAction();
  const until = webhook.old_secret_until;
  const both = until !== null && +new Date(until) > Date.now();
  const replace = () =>
    void run(async () => {
      const {secret} = await send<{secret: string}>('POST', `${path}/secret`);
      setOpen({kind: 'show', secret});
    });
  return (
    <>
      {both ? (
        <>
          Until <Time at={until} /> the old one signs as well.{' '}
        </>
      ) : (
        'Nobody can look it up again. '
      )}
      <button type="button" class="small" onClick={() => setOpen({kind: 'ask'})}>
        New secret…
      </button>
      {open?.kind === 'ask' && (
        <Confirm
          title="Replace the signing secret?"
          yes="Make a new secret"
          tone="primary"
          busy={busy}
          error={error}
          close={() => setOpen(null)}
          act={replace}
        >
          <p>
            For 24 hours each delivery is signed with both, so that nothing is missed while you enter the new one where it is
            received. After that the old one signs nothing.
          </p>
          {both && <p>The one before it, which still signs until then, stops at once.</p>}
        </Confirm>
      )}
      {open?.kind === 'show' && (
        <ShowSigningSecret
          secret={open.secret}
          close={() => {
            setOpen(null);
            props.changed('The signing secret is replaced.');
          }}
        />
      )}
    </>
  );
}
