// Adding and changing a webhook: where it is, and what it is told of.
import type {ComponentChildren} from 'preact';
import {useState} from 'preact/hooks';
import {send} from '../../api';
import {Field} from '../../fields';
import {address, go} from '../../location';
import {Problem, Show, Title, useAction, useLoaded} from '../../parts';
import type {EventType, Webhook} from '../../webhooks';
import {grouped, groupName, testEvent} from '../../webhooks';
import {webhookAddress} from './list';
import {ShowSigningSecret} from './secret';

export interface WebhookFields {
  url: string;
  event_types: string[];
}

export function NewWebhook() {
  const [made, setMade] = useState<(Webhook & {secret: string}) | null>(null);
  return (
    <>
      <p>
        <a href={address('applications', 'webhooks')}>All webhooks</a>
      </p>
      <Title>Add a webhook</Title>
      <WebhookForm
        initial={{url: '', event_types: []}}
        submit="Add webhook"
        save={async (fields) => setMade(await send('POST', 'webhooks', fields))}
      >
        <a class="button" href={address('applications', 'webhooks')}>
          Cancel
        </a>
      </WebhookForm>
      {made && <ShowSigningSecret secret={made.secret} close={() => go(webhookAddress(made.id))} />}
    </>
  );
}

/// `save` fails with an `ApiError`, which the form shows. The children stand beside the button.
export function WebhookForm(props: {
  initial: WebhookFields;
  submit: string;
  save: (fields: WebhookFields) => Promise<void>;
  children?: ComponentChildren;
}) {
  const [types, retry] = useLoaded<{types: EventType[]}>('event-types');
  const [url, setUrl] = useState(props.initial.url);
  const [all, setAll] = useState(props.initial.event_types.length === 0);
  const [chosen, setChosen] = useState(props.initial.event_types);
  const [missing, setMissing] = useState('');
  const {busy, error, run} = useAction();
  const choose = (types: string[]) => {
    setMissing('');
    setChosen(types);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const lacks = url.trim() === '' ? 'url' : !all && chosen.length === 0 ? 'events' : '';
    setMissing(lacks);
    if (lacks !== '') return;
    void run(() => props.save({url: url.trim(), event_types: all ? [] : chosen}));
  };
  return (
    <form class="narrow" onSubmit={submit} noValidate>
      <Field label="Address" hint="https. This server sends a POST to it with the event as JSON." problem={missing === 'url' ? 'Enter the address first.' : ''}>
        {(attributes) => (
          <input
            {...attributes}
            type="url"
            value={url}
            placeholder="https://"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setUrl(event.currentTarget.value)}
          />
        )}
      </Field>
      <fieldset>
        <legend>What is it told of?</legend>
        <label class="choice">
          <input type="radio" name="events" checked={all} onChange={() => setAll(true)} />
          <span>
            Everything
            <span class="hint">Also kinds of events that later versions bring.</span>
          </span>
        </label>
        <label class="choice">
          <input type="radio" name="events" checked={!all} onChange={() => setAll(false)} />
          <span>Chosen events</span>
        </label>
      </fieldset>
      {!all && (
        <Show loaded={types} retry={retry}>
          {(loaded) => <Types types={loaded.types.filter(({name}) => name !== testEvent)} chosen={chosen} change={choose} />}
        </Show>
      )}
      {missing === 'events' && (
        <p class="attention" role="alert">
          Choose at least one event.
        </p>
      )}
      {error && <Problem error={error} />}
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Saving…' : props.submit}
        </button>
        {props.children}
      </div>
    </form>
  );
}

/// By what they are about. All of a group: `employee.*`, which later kinds of it belong to as well.
function Types({types, chosen, change}: {types: EventType[]; chosen: string[]; change: (chosen: string[]) => void}) {
  return (
    <>
      {grouped(types).map(([group, members]) => {
        const pattern = `${group}.*`;
        const whole = chosen.includes(pattern);
        const names = members.map(({name}) => name);
        const without = chosen.filter((name) => name !== pattern && !names.includes(name));
        return (
          <fieldset class="events">
            <legend>{groupName(group)}</legend>
            {members.length > 1 && (
              <label class="choice">
                <input
                  type="checkbox"
                  checked={whole}
                  onChange={(event) => change(event.currentTarget.checked ? [...without, pattern] : without)}
                />
                <span>All of them</span>
              </label>
            )}
            {members.map(({name, help}) => (
              <label class="choice below">
                <input
                  type="checkbox"
                  checked={whole || chosen.includes(name)}
                  disabled={whole}
                  onChange={(event) =>
                    change(event.currentTarget.checked ? [...chosen, name] : chosen.filter((other) => other !== name))
                  }
                />
                <span>
                  {help} <code class="hint">{name}</code>
                </span>
              </label>
            ))}
          </fieldset>
        );
      })}
    </>
  );
}
