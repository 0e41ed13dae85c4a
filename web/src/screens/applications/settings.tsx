import {useState} from 'preact/hooks';
import {send} from '../../api';
import type {Grant, Settings} from '../../applications';
import {keepsSecrets, namesIn, scopesOf, usesOpenId} from '../../applications';
import {Confirm, Dialog} from '../../dialogs';
import {AddressList, Field, isName, NameToConfirm, withoutBlank} from '../../fields';
import {address, go} from '../../location';
import {count, Problem, useAction, useLoaded} from '../../parts';
import {SettingsNews, useSettings} from './edited_settings';
import type {PageProps} from './frame';

type Change = (changes: Partial<Settings>) => void;

export function SettingsPage(props: PageProps) {
  const {application} = props;
  if (application.of_all_accounts) return null;
  return (
    <>
      <SettingsForm {...props} />
      <SwitchOff {...props} />
      <Delete {...props} />
    </>
  );
}

/// What was changed here: nothing else is written.
const differing = (changes: Partial<Settings>, before: Settings): Partial<Settings> =>
  Object.fromEntries(
    Object.entries(changes).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Settings])),
  );

function SettingsForm({application, save}: PageProps) {
  const {kind} = application;
  const {base, fields: form, setFields, news, save: saveFields} = useSettings(application);
  const {busy, error, run} = useAction();
  const change: Change = (changes) => setFields({...form, ...changes});
  const submit = (event: Event) => {
    event.preventDefault();
    const changes: Partial<Settings> = {
      ...form,
      name: form.name.trim(),
      redirect_uris: withoutBlank(form.redirect_uris),
      post_logout_redirect_uris: withoutBlank(form.post_logout_redirect_uris),
      origins: withoutBlank(form.origins),
      backchannel_logout_uri: form.backchannel_logout_uri.trim(),
      jwks: form.jwks.trim(),
    };
    void run(() => saveFields((_, version) => save(differing(changes, base.fields), 'Saved. It holds from now on.', version)));
  };
  return (
    <form class="narrow" onSubmit={submit} noValidate>
      <Field label="Name">
        {(attributes) => (
          <input
            {...attributes}
            value={form.name}
            maxLength={100}
            autocomplete="off"
            onInput={(event) => change({name: event.currentTarget.value})}
          />
        )}
      </Field>
      {kind === 'proxy' && (
        <AddressList
          label="Addresses of the page"
          hint="What people type to open it, each without a path: https://wiki.example. An address belongs to one application."
          placeholder="https://"
          values={form.origins}
          change={(origins) => change({origins})}
        />
      )}
      {usesOpenId(kind) && <OpenIdFields form={form} change={change} isPublic={kind === 'public'} />}
      <ScopeFields form={form} change={change} kind={kind} />
      {usesOpenId(kind) && <TokenFields form={form} change={change} />}
      {usesOpenId(kind) && <ConsentField form={form} change={change} />}
      {keepsSecrets(kind) && <KeyField form={form} change={change} />}
      {news.length > 0 && <SettingsNews now={base.fields} news={news} />}
      {error && <Problem error={error} />}
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Saving…' : 'Save settings'}
        </button>
      </div>
    </form>
  );
}

interface FormProps {
  form: Settings;
  change: Change;
}

function OpenIdFields({form, change, isPublic}: FormProps & {isPublic: boolean}) {
  return (
    <>
      <AddressList
        label="Redirect URIs"
        hint={
          isPublic
            ? 'Where people may be taken back after they signed in, compared letter by letter. https, or a scheme of the app’s own such as com.example.app:/callback.'
            : 'Where people may be taken back after they signed in, compared letter by letter. https; http only for localhost.'
        }
        placeholder="https://"
        values={form.redirect_uris}
        change={(redirect_uris) => change({redirect_uris})}
      />
      <AddressList
        label="Addresses after signing out"
        hint="Where the application may take people back after they signed out. Without one they see this server’s own page."
        placeholder="https://"
        values={form.post_logout_redirect_uris}
        change={(post_logout_redirect_uris) => change({post_logout_redirect_uris})}
      />
      <Field
        label="Sign-out address for this server (back-channel logout)"
        hint="This server calls it when somebody’s access ends, so that the application ends their session at once. Enter it if your application has one."
      >
        {(attributes) => (
          <input
            {...attributes}
            type="url"
            value={form.backchannel_logout_uri}
            placeholder="https://"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => change({backchannel_logout_uri: event.currentTarget.value})}
          />
        )}
      </Field>
    </>
  );
}

function ScopeFields({form, change, kind}: FormProps & {kind: PageProps['application']['kind']}) {
  const chosen = namesIn(form.scope);
  const known = scopesOf(kind).filter(({name}) => kind !== 'proxy' || name !== 'offline_access');
  const toggle = (name: string, on: boolean) => {
    const next = on ? [...chosen, name] : chosen.filter((other) => other !== name);
    change({scope: next.join(' ')});
  };
  return (
    <fieldset>
      <legend>{kind === 'service' ? 'What may it do?' : 'What may it learn of people?'}</legend>
      {known.map(({name, words, help}) => (
        <label class="choice">
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            disabled={name === 'openid'}
            onChange={(event) => toggle(name, event.currentTarget.checked)}
          />
          <span>
            {words} <code class="hint">{name}</code>
            {help !== '' && <span class="hint">{help}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function TokenFields({form, change}: FormProps) {
  return (
    <>
      <fieldset>
        <legend>Access tokens</legend>
        <label class="choice">
          <input
            type="radio"
            name="format"
            checked={form.access_token_format === 'opaque'}
            onChange={() => change({access_token_format: 'opaque'})}
          />
          <span>
            Checked by this server each time (recommended)
            <span class="hint">They end at the moment in which access ends.</span>
          </span>
        </label>
        <label class="choice">
          <input
            type="radio"
            name="format"
            checked={form.access_token_format === 'jwt'}
            onChange={() => change({access_token_format: 'jwt'})}
          />
          <span>
            Checked by the application alone (JWT)
            <span class="hint">For software that cannot ask this server.</span>
          </span>
        </label>
        {form.access_token_format === 'jwt' && (
          <p class="attention">
            A JWT cannot be called back: it stays valid for up to 5 minutes after an employee is deactivated or signed out.
          </p>
        )}
      </fieldset>
      <Field label="Signature of ID tokens" hint="RS256 is what all software knows. ES256 is shorter; choose it if yours knows it.">
        {(attributes) => (
          <select
            {...attributes}
            value={form.id_token_algorithm}
            onChange={(event) => change({id_token_algorithm: event.currentTarget.value as Settings['id_token_algorithm']})}
          >
            <option value="RS256">RS256</option>
            <option value="ES256">ES256</option>
          </select>
        )}
      </Field>
    </>
  );
}

function ConsentField({form, change}: FormProps) {
  return (
    <fieldset>
      <legend>Consent</legend>
      <label class="choice">
        <input
          type="checkbox"
          checked={form.asks_consent}
          onChange={(event) => change({asks_consent: event.currentTarget.checked})}
        />
        <span>
          Ask each employee before the application learns something of them
          <span class="hint">Once, and again when it wants more. For applications that are not your company’s own.</span>
        </span>
      </label>
    </fieldset>
  );
}

function KeyField({form, change}: FormProps) {
  return (
    <details open={form.jwks !== ''}>
      <summary>A key instead of a secret (private_key_jwt)</summary>
      <Field label="Public keys of the application, as a JWK Set" hint="JSON with the member “keys”. No private keys. Leave it empty if you use a secret.">
        {(attributes) => (
          <textarea
            {...attributes}
            rows={8}
            value={form.jwks}
            spellcheck={false}
            onInput={(event) => change({jwks: event.currentTarget.value})}
          />
        )}
      </Field>
    </details>
  );
}

/// Whom it hits that access ends now, in a sentence.
function useHolders(clientId: string): string {
  const [loaded] = useLoaded<{grants: Grant[]}>(`applications/${encodeURIComponent(clientId)}/usage`, {limit: '200'});
  if (loaded.state !== 'done' || loaded.value.grants.length >= 200) return 'Whoever is signed in to it is signed out at once.';
  const people = new Set(loaded.value.grants.map(({employee}) => employee?.id ?? '')).size;
  if (people === 0) return 'Nobody is signed in to it now.';
  return `${count(people, 'person is', 'people are')} signed in to it now, and signed out at once.`;
}

function SwitchOff({application, save}: PageProps) {
  const [open, setOpen] = useState(false);
  const {busy, error, run} = useAction();
  const service = application.kind === 'service';
  const put = (active: boolean, words: string) =>
    void run(async () => {
      await save({active}, words);
      setOpen(false);
    });
  return (
    <section class="card narrow">
      <h2>{application.active ? 'Switch it off' : 'It is switched off'}</h2>
      {application.active ? (
        <>
          <p>For a while, or to see whether somebody still needs it. Its settings stay.</p>
          <button type="button" class="danger-line" onClick={() => setOpen(true)}>
            Switch off…
          </button>
        </>
      ) : (
        <>
          <p>{service ? 'It gets no tokens.' : 'Nobody can sign in to it.'}</p>
          {error && <Problem error={error} />}
          <button
            type="button"
            class="primary"
            disabled={busy}
            onClick={() => put(true, service ? 'It is switched on.' : 'It is switched on: people can sign in to it again.')}
          >
            {busy ? 'Working…' : 'Switch on'}
          </button>
        </>
      )}
      {open && (
        <Confirm
          title={`Switch “${application.name}” off?`}
          yes="Switch off"
          tone="danger"
          busy={busy}
          error={error}
          close={() => setOpen(false)}
          act={() => put(false, 'It is switched off, and what it was given has ended.')}
        >
          <Ends application={application} />
          <p>It can be undone: switch it on again. {!service && 'People then sign in anew.'}</p>
        </Confirm>
      )}
    </section>
  );
}

/// What ends with the application, and for how many.
function Ends({application}: {application: PageProps['application']}) {
  const {kind, client_id} = application;
  const holders = useHolders(client_id);
  return (
    <ul>
      {kind === 'service' ? (
        <li>Its tokens are refused from this moment on, and it gets no new ones.</li>
      ) : (
        <>
          <li>Nobody can sign in to it from this moment on.</li>
          <li>{holders}</li>
          {application.backchannel_logout_uri !== '' && <li>The application is told at its sign-out address.</li>}
          {application.access_token_format === 'jwt' && <li>Its access tokens (JWT) stay valid for up to 5 minutes.</li>}
        </>
      )}
    </ul>
  );
}

function Delete({application}: PageProps) {
  const [open, setOpen] = useState(false);
  return (
    <section class="card narrow decision">
      <h2>Delete it</h2>
      <p>For good, with its settings{keepsSecrets(application.kind) && ', its secrets,'} and everything that it was given.</p>
      <button type="button" class="danger-line" onClick={() => setOpen(true)}>
        Delete…
      </button>
      {open && <ConfirmDelete application={application} close={() => setOpen(false)} />}
    </section>
  );
}

function ConfirmDelete({application, close}: {application: PageProps['application']; close: () => void}) {
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const {busy, error, run} = useAction();
  const remove = (event: Event) => {
    event.preventDefault();
    setWrong(!isName(typed, application.name));
    if (!isName(typed, application.name)) return;
    void run(async () => {
      await send('DELETE', `applications/${encodeURIComponent(application.client_id)}`);
      go(address('applications'));
    });
  };
  return (
    <Dialog title={`Delete “${application.name}”?`} close={close}>
      <Ends application={application} />
      <p>
        <strong>This cannot be undone.</strong> An application that you make anew has another client ID
        {keepsSecrets(application.kind) ? ' and another secret' : ''}: its own side has to be configured again.
      </p>
      <form onSubmit={remove} noValidate>
        <NameToConfirm what="the application" name={application.name} value={typed} wrong={wrong} change={setTyped} />
        {error && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="danger" disabled={busy}>
            {busy ? 'Working…' : 'Delete application'}
          </button>
          <button type="button" onClick={close}>
            Keep it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
