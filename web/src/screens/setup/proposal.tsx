// What a colleague set up by a link: an administrator looks at it, and accepts it or throws it away.
import {useState} from 'preact/hooks';
import type {ApiError} from '../../api';
import {send} from '../../api';
import {Confirm} from '../../dialogs';
import {Ago, Problem, Time, useAction} from '../../parts';
import type {Proposal, Wizard} from '../../setup';

interface Props {
  wizard: Wizard;
  changed: (wizard: Wizard) => void;
  reload: () => void;
}

export function ProposalPanel(props: Props) {
  // What is said stays when the panel is gone.
  const [done, setDone] = useState('');
  const {proposal} = props.wizard;
  return (
    <>
      <div role="status">{done !== '' && <p class="done">{done}</p>}</div>
      {proposal !== null && <Panel {...props} proposal={proposal} told={setDone} />}
    </>
  );
}

function Panel({proposal, changed, reload, told}: Props & {proposal: Proposal; told: (words: string) => void}) {
  const [discarding, setDiscarding] = useState(false);
  const {busy, error, run} = useAction();
  const accept = () =>
    void run(async () => {
      try {
        changed(await send<Wizard>('POST', 'setup/accept', {version: proposal.version}));
        told('Accepted. It is yours now: setup links cannot change it any more.');
      } catch (caught) {
        if ((caught as ApiError).code === 'setup.proposal_changed') reload();
        throw caught;
      }
    });
  const who = proposal.connections[0]?.proposedBy ?? proposal.tokens[0]?.proposedBy ?? '';
  return (
    <section class="card decision" aria-labelledby="proposal">
      <h2 id="proposal">Look at this, and accept it</h2>
      <p>
        It was set up by the {who}. <strong>It lets nobody in and changes nobody before you accept it.</strong> Whoever runs this
        provider decides who can sign in here, and as whom, even as you: compare each value with your provider’s own page.
      </p>
      {proposal.connections.map((connection) => (
        <>
          <h3>Sign-ins come from</h3>
          {connection.doubts.map((doubt) => (
            <p class="attention">
              <strong>Look twice.</strong> {doubt}
            </p>
          ))}
          <dl>
            <dt>Entity ID</dt>
            <dd>{connection.entityId}</dd>
            {[...new Set(connection.signOn)].map((url) => (
              <>
                <dt>People sign in at</dt>
                <dd>{url}</dd>
              </>
            ))}
            <dt>New certificates are fetched from</dt>
            <dd>{connection.metadataUrl || 'nowhere: a file was given'}</dd>
            {connection.certificates.map((certificate) => (
              <>
                <dt>Certificate (thumbprint)</dt>
                <dd>
                  <code>{certificate.thumbprint}</code>
                  <br />
                  valid until <Time at={certificate.notAfter} />
                </dd>
              </>
            ))}
          </dl>
        </>
      ))}
      {proposal.tokens.length > 0 && (
        <>
          <h3>Employees are changed by</h3>
          <ul>
            {proposal.tokens.map((token) => (
              <li>
                the token “{token.name}”, made <Ago at={token.createdAt} />,{' '}
                {token.lastUsedAt === null ? (
                  'never used'
                ) : (
                  <>
                    last used <Ago at={token.lastUsedAt} /> from {token.lastUsedAddress}
                  </>
                )}
                {token.scope === 'read' && ': it may only read'}
              </li>
            ))}
          </ul>
          <p>
            Your colleague has seen it. Once it is accepted, whoever has it can create, change and deactivate employees,
            administrators too.
          </p>
        </>
      )}
      {error && <Problem error={error} />}
      <div class="buttons">
        <button type="button" class="primary" disabled={busy} onClick={accept}>
          {busy ? 'Accepting…' : 'Accept'}
        </button>
        <button type="button" class="danger-line" disabled={busy} onClick={() => setDiscarding(true)}>
          Discard…
        </button>
      </div>
      {discarding && (
        <Discard
          close={() => setDiscarding(false)}
          discarded={(wizard) => {
            setDiscarding(false);
            changed(wizard);
            told('Discarded. Nothing of it is left.');
          }}
        />
      )}
    </section>
  );
}

function Discard({close, discarded}: {close: () => void; discarded: (wizard: Wizard) => void}) {
  const {busy, error, run} = useAction();
  const discard = () => void run(async () => discarded(await send<Wizard>('POST', 'setup/discard')));
  return (
    <Confirm title="Discard what was set up?" yes="Discard" tone="danger" busy={busy} error={error} close={close} act={discard}>
      <p>
        The connection and the tokens above are removed, with the test sign-ins as evidence. Nobody loses access: they let nobody
        in. As long as the setup link works, your colleague can set them up again: end it too if you do not trust it.
      </p>
    </Confirm>
  );
}
