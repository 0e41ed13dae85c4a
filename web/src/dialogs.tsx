// Windows over the page: they hold the keyboard's focus while they are open, and give it back.
import type {ComponentChildren} from 'preact';
import {useId, useLayoutEffect, useRef, useState} from 'preact/hooks';
import type {ApiError} from './api';
import {Problem} from './parts';

/// Open as long as it is on the page. `stay`: the Escape key does not close it, because what it shows is lost then.
export function Dialog(props: {title: string; close: () => void; stay?: boolean; children: ComponentChildren}) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  // A dialog whose words change under the reader says its new ones.
  useLayoutEffect(() => heading.current?.focus(), [props.title]);
  const cancel = (event: Event) => {
    event.preventDefault();
    if (!props.stay) props.close();
  };
  return (
    <dialog ref={dialog} aria-labelledby={id} onCancel={cancel}>
      <h2 id={id} ref={heading} tabIndex={-1}>
        {props.title}
      </h2>
      {props.children}
    </dialog>
  );
}

/// Asks before something happens that people would miss. The children say what will happen, to how many people, and
/// whether it can be undone.
export function Confirm(props: {
  title: string;
  yes: string;
  tone: 'primary' | 'danger';
  busy: boolean;
  error: ApiError | null;
  close: () => void;
  act: () => void;
  children: ComponentChildren;
}) {
  return (
    <Dialog title={props.title} close={props.close}>
      {props.children}
      {props.error && <Problem error={props.error} />}
      <div class="buttons">
        <button type="button" class={props.tone} onClick={props.act} disabled={props.busy}>
          {props.busy ? 'Working…' : props.yes}
        </button>
        <button type="button" onClick={props.close}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

/// What is shown once: it is not lost by a slip of the hand.
export function ShownOnce({title, close, children}: {title: string; close: () => void; children: ComponentChildren}) {
  return (
    <Dialog title={title} close={close} stay>
      {children}
      <div class="buttons">
        <button type="button" class="primary" onClick={close}>
          I have copied it
        </button>
      </div>
    </Dialog>
  );
}

/// Something to take elsewhere, with a button that copies it. `place`: the name of the field there where it goes.
export function Copyable({label, value, place = ''}: {label: string; value: string; place?: string}) {
  const id = useId();
  const text = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setSaid('Copied');
    } catch {
      // Browsers lend the clipboard to pages over https only.
      if (text.current) getSelection()?.selectAllChildren(text.current);
      setSaid('Selected: press Ctrl+C or ⌘C');
    }
  };
  return (
    <div class="copyable">
      <span id={id}>{label}</span>
      {place !== '' && (
        <span class="place">
          {' '}
          into <em>{place}</em>
        </span>
      )}
      <div class="row">
        <code ref={text} aria-labelledby={id} role="group">
          {value}
        </code>
        <button type="button" onClick={() => void copy()} aria-label={place === '' ? `Copy ${label}` : `Copy ${label} for ${place}`}>
          Copy
        </button>
      </div>
      <span class="hint" role="status">
        {said}
      </span>
    </div>
  );
}

/// A button that copies something longer, which stands beside it.
export function CopyButton({value, words}: {value: string; words: string}) {
  const [said, setSaid] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => setSaid('Copied'),
      () => setSaid('The browser does not lend its clipboard to this page: select the text and copy it'),
    );
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        {words}
      </button>
      <p class="hint" role="status">
        {said}
      </p>
    </>
  );
}
