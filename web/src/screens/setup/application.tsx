import {useState} from 'preact/hooks';
import {send} from '../../api';
import {Copyable} from '../../dialogs';
import {go} from '../../location';
import {Marked, Problem, Show, useAction, useFocus, useLoaded} from '../../parts';
import type {ServiceProvider, Wizard} from '../../setup';
import {entraScript, scriptFile} from '../../setup/entra_script';
import type {Instruction, Provider, Values} from '../../setup/instruction';
import {valueNames, valuesOf} from '../../setup/instruction';
import {providerOf} from '../../setup/providers';
import type {StepProps} from './step';
import {Onward, stepAddress} from './step';

export function ApplicationStep({wizard, changed}: StepProps) {
  const chosen = wizard.setup?.provider ?? '';
  const [choosing, setChoosing] = useState(chosen === '');
  // Whoever chooses presses a button that is gone then.
  const [moves, setMoves] = useState(0);
  const heading = useFocus<HTMLHeadingElement>(moves);
  const show = (choice: boolean) => {
    setChoosing(choice);
    setMoves((n) => n + 1);
  };
  if (choosing) {
    return (
      <>
        <h2 ref={heading} tabIndex={-1}>
          Which account do your employees sign in with?
        </h2>
        <Choice
          wizard={wizard}
          chosen={(answer) => {
            changed(answer);
            show(false);
          }}
        />
        <Onward step="application" ready={false} />
      </>
    );
  }
  const provider = providerOf(chosen);
  return (
    <>
      <div class="chosen">
        <p>
          Your provider: <strong>{provider.name}</strong>
        </p>
        <button type="button" class="small" onClick={() => show(true)}>
          Choose another
        </button>
      </div>
      <h2 ref={heading} tabIndex={-1}>
        In {provider.name}
      </h2>
      <Instructions id={chosen} provider={provider} company={wizard.account.name} slug={wizard.account.slug} />
      <Finish wizard={wizard} changed={changed} />
    </>
  );
}

function Choice({wizard, chosen}: {wizard: Wizard; chosen: (answer: Wizard) => void}) {
  const {busy, error, run} = useAction();
  const choose = (provider: string) => void run(async () => chosen(await send<Wizard>('PUT', 'setup/provider', {provider})));
  return (
    <>
      <ul class="choices">
        {wizard.providers.map((id) => {
          const {name, alias} = providerOf(id);
          return (
            <li>
              <button type="button" onClick={() => choose(id)} disabled={busy} aria-pressed={id === wizard.setup?.provider}>
                <strong>{name}</strong>
                {alias !== undefined && <span>{alias}</span>}
              </button>
            </li>
          );
        })}
      </ul>
      {error && <Problem error={error} />}
    </>
  );
}

function Instructions(props: {id: string; provider: Provider; company: string; slug: string}) {
  const {provider, slug} = props;
  const [loaded, retry] = useLoaded<ServiceProvider>('connections/service-provider');
  return (
    <Show loaded={loaded} retry={retry}>
      {(ours) => (
        <>
          <p>
            {provider.console !== undefined ? (
              <>
                Open the{' '}
                <a href={provider.console.url} target="_blank" rel="noreferrer">
                  {provider.console.name}
                  <span class="for-readers"> (opens in a new tab)</span>
                </a>{' '}
                beside this window
              </>
            ) : (
              <>Open its administration beside this window</>
            )}{' '}
            and follow these steps there. You need: <Marked text={provider.rights} />
          </p>
          {props.id === 'entra' && <Script company={props.company} slug={slug} ours={ours} />}
          <ol class="instructions">
            {provider.steps.map((instruction) => (
              <Line instruction={instruction} values={valuesOf(ours)} slug={slug} />
            ))}
          </ol>
        </>
      )}
    </Show>
  );
}

function Line({instruction, values, slug}: {instruction: Instruction; values: Values; slug: string}) {
  const {text, copy = [], note, file} = instruction;
  return (
    <li>
      <p>
        <Marked text={text} />
      </p>
      {copy.map(({value, field}) => (
        <Copyable label={valueNames[value]} value={values[value]} place={field} />
      ))}
      {note !== undefined && (
        <p class="hint">
          <Marked text={note} />
        </p>
      )}
      {file && (
        <p>
          <a class="button small" href={values.metadataUrl} download={`doorward-${slug}-metadata.xml`}>
            Download the SP metadata file
          </a>
        </p>
      )}
    </li>
  );
}

/// The same clicks for those who rather run a script.
function Script({company, slug, ours}: {company: string; slug: string; ours: ServiceProvider}) {
  const script = entraScript(company, ours);
  const [said, setSaid] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(script).then(
      () => setSaid('Copied'),
      () => setSaid('The browser does not lend its clipboard to this page: use the file'),
    );
  const download = () => {
    const url = URL.createObjectURL(new Blob([scriptFile(script)], {type: 'text/plain;charset=utf-8'}));
    const link = document.createElement('a');
    link.href = url;
    link.download = `doorward-${slug}-entra.ps1`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <details class="card">
      <summary>Rather a script? Let PowerShell do all of this</summary>
      <p>
        It creates the application with the values of this account, assigns it to you, and prints the{' '}
        <em>App Federation Metadata Url</em>, which is all that the next step here asks for. It changes nothing else. Read it
        before you run it.
      </p>
      <div class="buttons">
        <button type="button" onClick={() => void copy()}>
          Copy the script
        </button>
        <button type="button" onClick={download}>
          Download the script
        </button>
      </div>
      <p class="hint" role="status">
        {said}
      </p>
      <pre tabIndex={0} aria-label="PowerShell script">
        {script}
      </pre>
    </details>
  );
}

function Finish({wizard, changed}: Pick<StepProps, 'wizard' | 'changed'>) {
  const {busy, error, run} = useAction();
  const done = wizard.setup?.applicationDoneAt != null;
  const say = (value: boolean) =>
    void run(async () => {
      changed(await send<Wizard>('PUT', 'setup/application', {done: value}));
      if (value) go(stepAddress('connection'));
    });
  return (
    <>
      {!done && (
        <p>
          When all of this is done there, choose <em>I have created it</em>.
        </p>
      )}
      {error && <Problem error={error} />}
      <Onward step="application" ready={done}>
        {!done && (
          <button type="button" class="primary" onClick={() => say(true)} disabled={busy}>
            {busy ? 'Saving…' : 'I have created it'}
          </button>
        )}
      </Onward>
    </>
  );
}
