// Sign-in in the portal's mobile app with the company's own account: what Entra gets from here, and what comes back.
import {useState} from 'preact/hooks';
import type {Check} from '../api';
import {send} from '../api';
import {Checks} from '../checks';
import {Confirm, Copyable} from '../dialogs';
import {Field} from '../fields';
import {address} from '../location';
import {Badge, count, Done, Problem, Show, Time, Title, useAction, useFocus, useLoaded} from '../parts';
import type {Mobile, MobileCheck} from '../setup';
import {hasAndroid, hasApp, hasIos} from '../setup';
import {providerOf} from '../setup/providers';

/// The screen `security/mobile`, for the time when the setup is over.
export function MobileScreen() {
  const [loaded, retry] = useLoaded<Mobile>('setup/mobile');
  return (
    <>
      <p>
        <a href={address('security')}>SSO and SCIM</a>
      </p>
      <Title>Mobile app</Title>
      <Show loaded={loaded} retry={retry}>
        {(mobile) => (
          <div class="step">
            <MobileApp mobile={mobile} provider="" changed={retry} />
          </div>
        )}
      </Show>
    </>
  );
}

/// A section for the page that shows the state of single sign-on; nothing where there is no app.
export function MobileSummary() {
  const [loaded] = useLoaded<Mobile>('setup/mobile');
  if (loaded.state !== 'done' || (!hasApp(loaded.value) && loaded.value.setup === null)) return null;
  const {setup} = loaded.value;
  return (
    <>
      <h2>Mobile app</h2>
      <p>
        {setup === null ? (
          'Not set up: employees cannot sign in to the mobile app with their company’s account yet.'
        ) : (
          <>
            Set up for <Systems setup={setup} />, since <Time at={setup.saved_at} />.
          </>
        )}{' '}
        <a href={address('security', 'mobile')}>{setup === null ? 'Set it up' : 'Details'}</a>
      </p>
    </>
  );
}

function Systems({setup}: {setup: NonNullable<Mobile['setup']>}) {
  const names = [setup.ios_redirect !== '' && 'iOS', setup.android_redirects.length > 0 && 'Android'];
  return <>{names.filter(Boolean).join(' and ')}</>;
}

export function MobileApp({mobile, provider, changed}: {mobile: Mobile; provider: string; changed: () => void}) {
  const {setup} = mobile;
  const [editing, setEditing] = useState(false);
  const [done, setDone] = useState('');
  const finish = (words: string) => {
    setEditing(false);
    setDone(words);
    changed();
  };
  const elsewhere = !['', 'entra', 'other'].includes(provider);
  return (
    <>
      {(hasApp(mobile) || setup !== null) && (
        <p>
          Employees can sign in to the mobile app with the account of their company, as they do in the browser. This is
          optional: nothing else waits for it, and you can do it later, also when SSO is enabled, under <em>Security</em>.
        </p>
      )}
      <Done>{done}</Done>
      {setup !== null && !editing && (
        <Present
          setup={setup}
          news={done}
          change={
            hasApp(mobile)
              ? () => {
                  setDone('');
                  setEditing(true);
                }
              : null
          }
          removed={() => finish('The mobile app is not set up any more.')}
        />
      )}
      {setup === null && !hasApp(mobile) && <NoApp />}
      {setup === null && hasApp(mobile) && elsewhere && (
        <p class="attention">
          The app signs in with Microsoft’s library (MSAL), which knows Microsoft Entra ID only. Your provider is{' '}
          {providerOf(provider).name}: skip this page, unless your people are in Entra as well.
        </p>
      )}
      {hasApp(mobile) && (setup === null || editing) && (
        <MobileForm mobile={mobile} saved={finish} cancel={editing ? () => setEditing(false) : null} />
      )}
    </>
  );
}

function NoApp() {
  return (
    <section class="pulse" aria-label="State of the mobile app">
      <p>
        <strong>This server has no mobile app.</strong> There is nothing to do here.
      </p>
      <p class="hint">
        If your company uses one, ask support (whoever runs this server for you) to name it in the server’s settings:{' '}
        <code>mobile.ios_bundle_id</code> for iOS, <code>mobile.android_package</code> and{' '}
        <code>mobile.android_signature_hashes</code> for Android. The values then stand here.
      </p>
    </section>
  );
}

/// `news`: what was just done, by a button that is gone now.
function Present(props: {
  setup: NonNullable<Mobile['setup']>;
  news: string;
  change: (() => void) | null;
  removed: () => void;
}) {
  const {setup} = props;
  const [asked, setAsked] = useState(false);
  const heading = useFocus<HTMLHeadingElement>(props.news);
  const {busy, error, run} = useAction();
  const remove = () =>
    void run(async () => {
      await send('DELETE', 'setup/mobile');
      setAsked(false);
      props.removed();
    });
  return (
    <section class="card">
      <h2 ref={heading} tabIndex={-1}>
        Set up now
      </h2>
      <dl>
        <dt>iOS</dt>
        <dd>{setup.ios_redirect === '' ? <Badge tone="calm">not set up</Badge> : <code>{setup.ios_redirect}</code>}</dd>
        <dt>Android</dt>
        <dd>
          {setup.android_redirects.length === 0 ? (
            <Badge tone="calm">not set up</Badge>
          ) : (
            setup.android_redirects.map((redirect) => <code class="value">{redirect}</code>)
          )}
        </dd>
        <dt>Application in Entra</dt>
        <dd>
          <code>{setup.client_id}</code>
        </dd>
        <dt>Tenant</dt>
        <dd>
          <code>{setup.tenant_id}</code>
        </dd>
        <dt>Saved</dt>
        <dd>
          <Time at={setup.saved_at} /> by {setup.saved_by}
        </dd>
      </dl>
      <div class="buttons">
        {props.change !== null && (
          <button type="button" onClick={props.change}>
            Change
          </button>
        )}
        <button type="button" class="danger-line" onClick={() => setAsked(true)}>
          Remove…
        </button>
      </div>
      {asked && (
        <Confirm
          title="Remove sign-in for the mobile app?"
          yes="Remove"
          tone="danger"
          busy={busy}
          error={error}
          close={() => setAsked(false)}
          act={remove}
        >
          <p>
            Nobody can sign in to the mobile app with their company’s account any more. Devices that are signed in stay so until
            they are signed out. It can be undone: set it up again.
          </p>
        </Confirm>
      )}
    </section>
  );
}

interface Answers {
  ios_redirect?: string;
  msal_configuration?: string;
}

/// What Entra would show for what was saved: the ids and addresses are kept, and not its text.
function configurationOf(clientId: string, tenantId: string, redirect: string): string {
  const authorities = [{type: 'AAD', audience: {type: 'AzureADMyOrg', tenant_id: tenantId}}];
  return JSON.stringify({client_id: clientId, authorization_user_agent: 'DEFAULT', redirect_uri: redirect, authorities}, null, 2);
}

function savedConfiguration({setup}: Mobile): string {
  const redirect = setup?.android_redirects[0];
  return setup === null || redirect === undefined ? '' : configurationOf(setup.client_id, setup.tenant_id, redirect);
}

function MobileForm({mobile, saved, cancel}: {mobile: Mobile; saved: (words: string) => void; cancel: (() => void) | null}) {
  const [redirect, setRedirect] = useState(mobile.setup?.ios_redirect ?? '');
  const [configuration, setConfiguration] = useState(savedConfiguration(mobile));
  const [clientId, setClientId] = useState(mobile.setup?.client_id ?? '');
  const [tenantId, setTenantId] = useState(mobile.setup?.tenant_id ?? '');
  const [result, setResult] = useState<MobileCheck | null>(null);
  const [missing, setMissing] = useState(false);
  const {busy, error, run} = useAction();
  const answers = (): Answers => {
    const ios = redirect.trim();
    const ids = clientId.trim() + tenantId.trim() === '' ? '' : configurationOf(clientId.trim(), tenantId.trim(), ios);
    const msal = hasAndroid(mobile) ? configuration.trim() : ids;
    return {...(ios === '' ? {} : {ios_redirect: ios}), ...(msal === '' ? {} : {msal_configuration: msal})};
  };
  // What was found is about what was written before.
  const change = (set: (value: string) => void) => (value: string) => {
    setResult(null);
    setMissing(false);
    set(value);
  };
  const check = (event: Event) => {
    event.preventDefault();
    const nothing = Object.keys(answers()).length === 0;
    setMissing(nothing);
    if (!nothing) void run(async () => setResult(await send<MobileCheck>('POST', 'setup/mobile/check', answers())));
  };
  const save = () =>
    void run(async () => {
      await send('PUT', 'setup/mobile', answers());
      saved('Saved. Employees can sign in to the mobile app now.');
    });
  return (
    <form onSubmit={check} noValidate>
      {hasIos(mobile) && <Ios mobile={mobile} value={redirect} change={change(setRedirect)} />}
      {hasAndroid(mobile) && <Android mobile={mobile} value={configuration} change={change(setConfiguration)} />}
      {!hasAndroid(mobile) && (
        <Ids clientId={clientId} tenantId={tenantId} changeClient={change(setClientId)} changeTenant={change(setTenantId)} />
      )}
      <h2>Check and save</h2>
      <p>This server compares what you pasted with what it knows of your connection, and says everything that it finds.</p>
      {missing && (
        <p class="attention" role="alert">
          Nothing to check yet: paste what Entra shows into the fields above.
        </p>
      )}
      {error && <Problem error={error} />}
      {result !== null && <Result result={result} />}
      <div class="buttons">
        {result?.ok && (
          <button type="button" class="primary" disabled={busy} onClick={save}>
            {busy ? 'Saving…' : 'Save'}
          </button>
        )}
        <button type="submit" class={result?.ok ? '' : 'primary'} disabled={busy}>
          {busy && !result?.ok ? 'Checking…' : result === null ? 'Check' : 'Check again'}
        </button>
        {cancel !== null && (
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

function InEntra({platform}: {platform: string}) {
  return (
    <>
      <li>
        <p>
          In the{' '}
          <a href="https://entra.microsoft.com" target="_blank" rel="noreferrer">
            Microsoft Entra admin center<span class="for-readers"> (opens in a new tab)</span>
          </a>
          , open <em>App registrations</em> › <em>All applications</em> and your application.
        </p>
      </li>
      <li>
        <p>
          Open <em>Authentication</em>, choose <em>Add a platform</em>, and select <em>{platform}</em>.
        </p>
      </li>
    </>
  );
}

interface SystemProps {
  mobile: Mobile;
  value: string;
  change: (value: string) => void;
}

function Ios({mobile, value, change}: SystemProps) {
  const {ios_bundle_id: bundle} = mobile.app;
  return (
    <>
      <h2>iOS</h2>
      <ol class="instructions">
        <InEntra platform="iOS / macOS" />
        <li>
          <p>
            Paste this value and choose <em>Configure</em>:
          </p>
          <Copyable label="Bundle ID" value={bundle} place="Bundle ID" />
        </li>
        <li>
          <p>
            Copy the <em>Redirect URI</em> that Entra shows then, and paste it here:
          </p>
          <Field label="Redirect URI for iOS" hint="Left empty, nobody can sign in on an iPhone or iPad.">
            {(attributes) => (
              <input
                {...attributes}
                value={value}
                placeholder={`msauth.${bundle}://auth`}
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                onInput={(event) => change(event.currentTarget.value)}
              />
            )}
          </Field>
        </li>
      </ol>
    </>
  );
}

/// Without Android there is no configuration to copy, and Entra shows what is needed of it elsewhere.
function Ids(props: {
  clientId: string;
  tenantId: string;
  changeClient: (value: string) => void;
  changeTenant: (value: string) => void;
}) {
  const fields: [string, string, (value: string) => void][] = [
    ['Application (client) ID', props.clientId, props.changeClient],
    ['Directory (tenant) ID', props.tenantId, props.changeTenant],
  ];
  return (
    <>
      <h2>Your application</h2>
      <p>
        Copy both from the page <em>Overview</em> of the application in Entra.
      </p>
      {fields.map(([label, value, change]) => (
        <Field label={label}>
          {(attributes) => (
            <input
              {...attributes}
              value={value}
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => change(event.currentTarget.value)}
            />
          )}
        </Field>
      ))}
    </>
  );
}

function Android({mobile, value, change}: SystemProps) {
  const {android_package: name, android_signature_hashes: hashes} = mobile.app;
  const [first = '', ...others] = hashes;
  return (
    <>
      <h2>Android</h2>
      <ol class="instructions">
        <InEntra platform="Android" />
        <li>
          <p>
            Paste these values and choose <em>Configure</em>:
          </p>
          <Copyable label="Package name" value={name} place="Package name" />
          <Copyable label="Signature hash" value={first} place="Signature hash" />
        </li>
        <li>
          <p>
            Copy the whole <em>MSAL Configuration</em> that Entra shows then, and paste it here:
          </p>
          <Field label="MSAL Configuration for Android" hint="From its first { to its last }. It also says which application and tenant they are: iOS needs it too.">
            {(attributes) => (
              <textarea
                {...attributes}
                rows={10}
                value={value}
                placeholder={'{\n  "client_id": …'}
                spellcheck={false}
                onInput={(event) => change(event.currentTarget.value)}
              />
            )}
          </Field>
        </li>
        {others.length > 0 && (
          <li>
            <p>
              The app is signed with {count(hashes.length, 'key')}, for example one for the store. Choose <em>Add URI</em> below{' '}
              <em>Android</em> in Entra, once for each of the others:
            </p>
            {others.map((hash, i) => (
              <Copyable label={`Signature hash ${i + 2}`} value={hash} place="Signature hash" />
            ))}
          </li>
        )}
      </ol>
    </>
  );
}

const verdicts: Record<MobileCheck['findings'][number]['verdict'], Check['verdict']> = {good: 'passed', bad: 'failed', note: 'skipped'};

/// All that was found; what is wrong stands first.
function Result({result}: {result: MobileCheck}) {
  const heading = useFocus<HTMLHeadingElement>(result);
  const checks: Check[] = result.findings.map(({verdict, ...finding}) => ({...finding, verdict: verdicts[verdict]}));
  const of = (verdict: Check['verdict']) => checks.filter((check) => check.verdict === verdict);
  const wrong = of('failed');
  return (
    <section class="findings">
      <h3 ref={heading} tabIndex={-1}>
        {result.ok ? 'Everything is right: save it' : wrong.length === 0 ? 'This is not enough yet' : `${count(wrong.length, 'thing')} to fix`}
      </h3>
      {!result.ok && wrong.length > 0 && <p>Mend this in Entra, paste it here again, and check again. Nothing is saved.</p>}
      <Checks checks={wrong} names={mobileCheckNames} />
      <Checks checks={of('passed')} names={mobileCheckNames} />
      <Checks checks={of('skipped')} names={mobileCheckNames} skipped="Note" />
    </section>
  );
}

const mobileCheckNames: Record<string, string> = {
  app: 'The app of this server',
  connection: 'Your connection for single sign-on',
  configuration: 'MSAL configuration',
  client_id: 'Application in Entra',
  redirect_uri: 'Redirect URI for Android',
  authorities: 'Who may sign in: your tenant alone',
  ios_redirect: 'Redirect URI for iOS',
};
