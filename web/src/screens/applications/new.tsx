// Making an application: only what cannot wait.
import {useState} from 'preact/hooks';
import {send} from '../../api';
import type {Application, Kind, NewSecret} from '../../applications';
import {kindWords, serviceScopes} from '../../applications';
import {Field} from '../../fields';
import {address, go} from '../../location';
import {Problem, Title, useAction} from '../../parts';
import {applicationAddress} from './pages';
import {keepSecretForPage} from './secrets';

interface AddressWords {
  label: string;
  placeholder: string;
  hint: string;
}

const addressWords: Record<Exclude<Kind, 'service'>, AddressWords> = {
  web: {
    label: 'Redirect URI',
    placeholder: 'https://wiki.example/callback',
    hint: 'Where it takes people back after they signed in. Its documentation or its settings name it, also as callback URL. Left empty, you can enter it on the next page.',
  },
  public: {
    label: 'Redirect URI',
    placeholder: 'https://app.example/callback',
    hint: 'Where it takes people back after they signed in. An app on devices may have a scheme of its own, such as com.example.app:/callback. Left empty, you can enter it on the next page.',
  },
  proxy: {
    label: 'Address of the page',
    placeholder: 'https://wiki.example',
    hint: 'What people type to open it, without a path. All of its pages will be protected.',
  },
};

export function NewApplication({kind}: {kind: Kind}) {
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const [missing, setMissing] = useState('');
  const {busy, error, run} = useAction();
  const words = kind === 'service' ? null : addressWords[kind];
  const lacking = () => {
    if (name.trim() === '') return 'name';
    if (kind === 'proxy' && url.trim() === '') return 'url';
    return kind === 'service' && scopes.length === 0 ? 'scopes' : '';
  };
  const create = (event: Event) => {
    event.preventDefault();
    const lacks = lacking();
    setMissing(lacks);
    if (lacks !== '') return;
    const urls = url.trim() === '' ? [] : [url.trim()];
    const particular =
      kind === 'service' ? {scope: scopes.join(' ')} : kind === 'proxy' ? {origins: urls} : {redirect_uris: urls};
    void run(async () => {
      const made = await send<Application & {secret?: NewSecret}>('POST', 'applications', {kind, name: name.trim(), ...particular});
      if (made.secret) keepSecretForPage(made.client_id, made.secret.value);
      go(applicationAddress(made.client_id));
    });
  };
  const toggle = (scope: string, on: boolean) => setScopes(on ? [...scopes, scope] : scopes.filter((other) => other !== scope));
  return (
    <>
      <p>
        <a href={address('applications')}>All applications</a> › <a href={address('applications', 'new')}>Another kind</a>
      </p>
      <Title>{`Add ${kindWords[kind].name.charAt(0).toLowerCase()}${kindWords[kind].name.slice(1)}`}</Title>
      <p>{kindWords[kind].help}</p>
      <form class="narrow" onSubmit={create} noValidate>
        <Field
          label="Name"
          hint={kind === 'service' ? 'What lists and the audit call it.' : 'Employees see it where they sign in.'}
          problem={missing === 'name' ? 'Give it a name first.' : ''}
        >
          {(attributes) => (
            <input
              {...attributes}
              value={name}
              maxLength={100}
              autocomplete="off"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        {words !== null && (
          <Field label={words.label} hint={words.hint} problem={missing === 'url' ? 'Enter the address first.' : ''}>
            {(attributes) => (
              <input
                {...attributes}
                type="url"
                value={url}
                placeholder={words.placeholder}
                autocomplete="off"
                spellcheck={false}
                onInput={(event) => setUrl(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        {kind === 'service' && (
          <fieldset>
            <legend>What may it do?</legend>
            {serviceScopes.map((scope) => (
              <label class="choice">
                <input
                  type="checkbox"
                  checked={scopes.includes(scope.name)}
                  onChange={(event) => toggle(scope.name, event.currentTarget.checked)}
                />
                <span>
                  {scope.words}
                  <span class="hint">{scope.help}</span>
                </span>
              </label>
            ))}
            {missing === 'scopes' && (
              <p class="attention" role="alert">
                Choose what it may do.
              </p>
            )}
          </fieldset>
        )}
        {error && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy}>
            {busy ? 'Adding…' : 'Add application'}
          </button>
          <a class="button" href={address('applications')}>
            Cancel
          </a>
        </div>
      </form>
    </>
  );
}
