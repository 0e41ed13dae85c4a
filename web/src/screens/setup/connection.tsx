import {useId, useState} from 'preact/hooks';
import type {Connection} from '../../api';
import {send} from '../../api';
import {delegated} from '../../delegate';
import {Checks} from '../../checks';
import {Confirm} from '../../dialogs';
import {metadataCheckNames} from '../../findings';
import {address} from '../../location';
import {count, Marked, Problem, Show, useAction, useFocus, useLoaded} from '../../parts';
import type {ConnectionCheck, ServiceProvider} from '../../setup';
import type {Provider} from '../../setup/instruction';
import {providerOf} from '../../setup/providers';
import {ConnectionCard} from '../connection_card';
import type {StepProps} from './step';
import {Onward, stepAddress} from './step';

/// Metadata, as an address or as it is.
type Source = {url: string} | {document: string};

export function ConnectionStep({wizard, reload}: StepProps) {
  const [loaded, retry] = useLoaded<{connections: Connection[]}>('connections');
  const chosen = wizard.setup?.provider ?? '';
  return (
    <>
      {chosen === '' && (
        <p>
          Choose your provider under <a href={stepAddress('application')}>Create the SAML application</a>, and this page says
          where to find what it asks for.
        </p>
      )}
      <Show loaded={loaded} retry={retry}>
        {({connections}) => (
          <Connecting
            wizard={wizard}
            provider={providerOf(chosen)}
            connections={connections}
            stored={() => {
              retry();
              reload();
            }}
          />
        )}
      </Show>
    </>
  );
}

function Connecting(props: {
  wizard: StepProps['wizard'];
  provider: Provider;
  connections: Connection[];
  stored: () => void;
}) {
  const {wizard, provider, connections} = props;
  const [name, setName] = useState(connections[0]?.name ?? '');
  const present = connections.find((connection) => connection.name === name) ?? connections[0];
  const [result, setResult] = useState<ConnectionCheck | null>(null);
  const [asked, setAsked] = useState<Source>({url: ''});
  const [declined, setDeclined] = useState(false);
  const untouched = useFocus<HTMLParagraphElement>(declined);
  const [agains, setAgains] = useState(0);
  const heading = useFocus<HTMLHeadingElement>(agains);
  const {busy, error, run} = useAction();
  const check = (source: Source, replaceProvider: boolean) =>
    void run(async () => {
      setResult(null);
      setDeclined(false);
      setAsked(source);
      const connection = present === undefined ? {} : {connection: present.name};
      const answer = await send<ConnectionCheck>('POST', 'connections/check', {...source, ...connection, replaceProvider});
      setResult(answer);
      if (answer.established) props.stored();
    });
  const again = () => {
    setResult(null);
    setAgains((n) => n + 1);
  };
  const ready = wizard.steps.some(({step, state, blocks}) => step === 'connection' && state !== 'to-do' && !blocks);
  const established = result?.established === true;
  // Whoever came by a setup link changes only what such a link has made.
  const fixed = delegated && connections.some(({proposedBy}) => proposedBy === '');
  return (
    <>
      {connections.length > 1 && (
        <label class="field narrow">
          Which connection
          <select value={present?.name} onChange={(event) => setName(event.currentTarget.value)}>
            {connections.map((connection) => (
              <option value={connection.name}>{connection.name}</option>
            ))}
          </select>
        </label>
      )}
      {present !== undefined && !established && (
        <>
          <h2 ref={heading} tabIndex={-1}>
            Connected now
          </h2>
          <ConnectionCard connection={present} />
          {fixed && <p>An administrator has connected this provider, or accepted it. Only an administrator can change it.</p>}
          {present.metadataUrl !== '' && !fixed && (
            <button type="button" disabled={busy} onClick={() => check({url: present.metadataUrl}, false)}>
              Check again
            </button>
          )}
        </>
      )}
      {!established && !fixed && (
        <>
          {present === undefined ? (
            <p>
              {provider.metadata.as === 'url'
                ? 'Copy the address of your application’s metadata from your provider to here.'
                : 'Give the file with your application’s metadata, which your provider lets you download.'}{' '}
              This server reads it, checks everything about it, and tells you what it found.
            </p>
          ) : (
            <h2>Connect with other metadata</h2>
          )}
          <SourceForm provider={provider} busy={busy} first={present === undefined} check={(source) => check(source, false)} />
        </>
      )}
      <p role="status" class="hint">
        {busy && 'Checking. Your provider may take up to 15 seconds to answer…'}
      </p>
      {error && <Problem error={error} />}
      {result !== null && !result.replaces && <Result result={result} provider={provider} again={again} />}
      {declined && (
        <p ref={untouched} tabIndex={-1} class="hint">
          Nothing was changed: the connection is the same as before.
        </p>
      )}
      {result?.replaces && (
        <Replace
          what={result.replaces}
          close={() => {
            setResult(null);
            setDeclined(true);
          }}
          act={() => check(asked, true)}
        />
      )}
      <Onward step="connection" ready={ready || established} />
    </>
  );
}

type Mode = 'url' | 'file' | 'text';

const modes: [Mode, string][] = [
  ['url', 'Use an address'],
  ['file', 'Use a file'],
  ['text', 'Paste the XML'],
];

/// What the server reads at most.
const mostBytes = 2 * 1024 * 1024;

/// One way to give the metadata, and buttons to the other ways. `first`: nothing is connected yet, so that this is the
/// page's main action.
function SourceForm(props: {provider: Provider; busy: boolean; first: boolean; check: (source: Source) => void}) {
  const {metadata} = props.provider;
  const [mode, setMode] = useState<Mode>(metadata.as);
  const [text, setText] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [problem, setProblem] = useState('');
  const [moves, setMoves] = useState(0);
  const field = useFocus<HTMLInputElement & HTMLTextAreaElement>(moves);
  const id = useId();
  const change = (next: Mode) => {
    setMode(next);
    setText('');
    setFile(null);
    setProblem('');
    setMoves((n) => n + 1);
  };
  const refuse = (why: string) => {
    setProblem(why);
    field.current?.focus();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    setProblem('');
    if (mode === 'file') {
      if (file === null) return refuse('Choose the file first.');
      if (file.size > mostBytes) return refuse('This file is larger than 2 MB. A provider’s metadata has some kilobytes.');
      return props.check({document: await file.text()});
    }
    const value = text.trim();
    if (value === '') return refuse(mode === 'url' ? `Paste the ${metadata.name} first.` : 'Paste the XML first.');
    return props.check(mode === 'url' ? {url: value} : {document: value});
  };
  const common = {
    id,
    ref: field,
    'aria-describedby': `${id}-hint ${id}-problem`,
    'aria-invalid': problem !== '',
  };
  const label = mode === 'url' ? urlName(metadata) : mode === 'file' ? 'Metadata file' : 'Metadata XML';
  return (
    <form class="narrow source" onSubmit={(event) => void submit(event)} noValidate>
      <div class="field">
        <label for={id}>{label}</label>
        {mode === 'url' && (
          <input
            {...common}
            type="url"
            value={text}
            placeholder="https://"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
        {mode === 'file' && (
          <input
            {...common}
            type="file"
            accept=".xml,application/xml,text/xml,application/samlmetadata+xml"
            onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
          />
        )}
        {mode === 'text' && (
          <textarea
            {...common}
            rows={8}
            value={text}
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
        <span class="wrong" id={`${id}-problem`} role="alert">
          {problem}
        </span>
        <span class="hint" id={`${id}-hint`}>
          {mode === metadata.as && <Marked text={metadata.where} />}
          {mode === 'text' && 'The whole document, from its first < to its last >.'}
        </span>
      </div>
      <div class="buttons">
        <button type="submit" class={props.first ? 'primary' : ''} disabled={props.busy}>
          {props.busy ? 'Checking…' : 'Check now'}
        </button>
      </div>
      <p class="ways">
        Or:{' '}
        {modes
          .filter(([other]) => other !== mode)
          .map(([other, words]) => (
            <button type="button" class="small" disabled={props.busy} onClick={() => change(other)}>
              {words}
            </button>
          ))}
      </p>
    </form>
  );
}

const urlName = (metadata: Provider['metadata']) => (metadata.as === 'url' ? metadata.name : 'Metadata URL');

/// All that *Check now* found. Its heading takes the focus: what it says is what was waited for.
function Result({result, provider, again}: {result: ConnectionCheck; provider: Provider; again: () => void}) {
  const heading = useFocus<HTMLHeadingElement>(result);
  const failed = result.checks.filter(({verdict}) => verdict === 'failed');
  const warnings = result.checks.filter(({verdict}) => verdict === 'warning');
  const right = result.checks.filter(({verdict}) => verdict === 'passed');
  const unmade = result.checks.filter(({verdict}) => verdict === 'skipped');
  if (!result.established) {
    return (
      <section class="findings">
        <h2 ref={heading} tabIndex={-1}>
          Not connected: {count(failed.length, 'thing')} to fix
        </h2>
        <p>Nothing was stored. Mend this, then check again.</p>
        <Checks title="What to fix" checks={failed} names={metadataCheckNames} />
        <Checks title="What to look at as well" checks={warnings} names={metadataCheckNames} />
        <Checks title="What is right" checks={right} names={metadataCheckNames} />
        {unmade.length > 0 && (
          <details>
            <summary>What could not be checked ({unmade.length})</summary>
            <Checks checks={unmade} names={metadataCheckNames} skipped="Not checked" />
          </details>
        )}
      </section>
    );
  }
  return (
    <section class="findings">
      <div class="done">
        <h2 ref={heading} tabIndex={-1}>
          Connection established
        </h2>
        <p>
          {delegated
            ? 'Your provider’s sign-ins can be verified now. Test sign-ins work at once; people can come in by it when an administrator has accepted it.'
            : 'Your provider’s sign-ins can be recognised and verified now.'}
        </p>
      </div>
      {result.connection && <ConnectionCard connection={result.connection} />}
      <Checks title="What to look at" checks={warnings} names={metadataCheckNames} />
      <details>
        <summary>Everything that was checked</summary>
        <Checks title="What is right" checks={right} names={metadataCheckNames} />
        <Checks title="What could not be checked" checks={unmade} names={metadataCheckNames} skipped="Not checked" />
      </details>
      <Try provider={provider} />
      <button type="button" class="small" onClick={again}>
        Use other metadata
      </button>
    </section>
  );
}

function Try({provider}: {provider: Provider}) {
  const [loaded, retry] = useLoaded<ServiceProvider>('connections/service-provider');
  return (
    <Show loaded={loaded} retry={retry}>
      {({signOnUrl}) => (
        <>
          <h2>Try signing in now</h2>
          <p>
            If you like: it opens a new tab, says whether your provider lets you in, and changes nothing. You stay signed in
            here as you are.
          </p>
          <p>
            <a class="button" href={`${signOnUrl}?purpose=test`} target="_blank" rel="noreferrer">
              Try signing in now<span class="for-readers"> (opens in a new tab)</span>
            </a>
          </p>
          <p class="hint">
            <Marked text={provider.refused} />{' '}
            {delegated ? (
              'If this side refuses, give the reference number on that page to the administrator.'
            ) : (
              <>
                If this side refuses, look up the reference number on that page under <a href={address('sign-ins')}>Sign-ins</a>.
              </>
            )}
          </p>
        </>
      )}
    </Show>
  );
}

function Replace(props: {
  what: NonNullable<ConnectionCheck['replaces']>;
  close: () => void;
  act: () => void;
}) {
  const {what} = props;
  return (
    <Confirm
      title="Connect another provider?"
      yes="Replace the provider"
      tone="danger"
      busy={false}
      error={null}
      close={props.close}
      act={props.act}
    >
      <p>This metadata is of another provider than the connection “{what.connection}” has now.</p>
      <dl>
        <dt>Now</dt>
        <dd>{what.entityId}</dd>
        <dt>New</dt>
        <dd>{what.newEntityId}</dd>
      </dl>
      <p>
        {what.linkedEmployees === 0
          ? 'Nobody has signed in with the provider of now, so nobody is affected.'
          : `${count(what.linkedEmployees, 'employee is', 'employees are')} linked to the provider of now. Each of them is linked anew, by e-mail address or object ID, at their next sign-in.`}{' '}
        The old links cannot be brought back.
      </p>
    </Confirm>
  );
}
