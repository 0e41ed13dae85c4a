// Fields of forms: a control with its label, a hint, and what is wrong with it.
import type {ComponentChildren} from 'preact';
import {useId} from 'preact/hooks';

export interface FieldAttributes {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

export function Field(props: {
  label: string;
  hint?: ComponentChildren;
  problem?: string;
  children: (attributes: FieldAttributes) => ComponentChildren;
}) {
  const id = useId();
  const {problem = ''} = props;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({id, 'aria-describedby': `${id}-hint ${id}-problem`, 'aria-invalid': problem !== ''})}
      <span id={`${id}-hint`} class="hint">
        {props.hint}
      </span>
      <span id={`${id}-problem`} class="wrong" role="alert">
        {problem}
      </span>
    </div>
  );
}

/// Several addresses, each in a line of its own. There is always an empty line to write the next one into.
export function AddressList(props: {
  label: string;
  hint: ComponentChildren;
  placeholder: string;
  values: string[];
  change: (values: string[]) => void;
}) {
  const id = useId();
  const lines = [...props.values, ''];
  const put = (place: number, value: string) => {
    const next = [...lines];
    next[place] = value;
    // An emptied line in the middle stays until it is removed: it would jump away under the hand.
    props.change(next.slice(0, next[next.length - 1] === '' ? -1 : undefined));
  };
  return (
    <fieldset class="addresses" aria-describedby={id}>
      <legend>{props.label}</legend>
      <p class="hint" id={id}>
        {props.hint}
      </p>
      {lines.map((value, place) => (
        <div class="row">
          <input
            type="url"
            value={value}
            placeholder={place === lines.length - 1 ? props.placeholder : ''}
            aria-label={place === lines.length - 1 ? `Another of: ${props.label}` : `${props.label}, ${place + 1}`}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => put(place, event.currentTarget.value)}
          />
          {place < lines.length - 1 && (
            <button type="button" class="small" onClick={() => props.change(props.values.filter((_, other) => other !== place))}>
              Remove<span class="for-readers"> {value}</span>
            </button>
          )}
        </div>
      ))}
    </fieldset>
  );
}

/// Without empty lines and the white space that copying brings along.
export const withoutBlank = (values: string[]) => values.map((value) => value.trim()).filter(Boolean);

/// The name of something, typed to show that it is meant to go for good.
export function NameToConfirm(props: {what: string; name: string; value: string; wrong: boolean; change: (value: string) => void}) {
  return (
    <Field
      label={`Type the name of ${props.what}, ${props.name}`}
      problem={props.wrong ? 'This is another name.' : ''}
    >
      {(attributes) => (
        <input
          {...attributes}
          value={props.value}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => props.change(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export const isName = (typed: string, name: string) => typed.trim().toLowerCase() === name.trim().toLowerCase();
