// The pieces that screens are made of.
import type {ComponentChildren} from 'preact';
import {useCallback, useEffect, useLayoutEffect, useRef, useState} from 'preact/hooks';
import type {Moment} from './api';
import {ApiError, get} from './api';

const moment = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'short'});

export function Time({at}: {at: Moment}) {
  const date = new Date(at);
  return <time dateTime={date.toISOString()}>{moment.format(date)}</time>;
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3600], ['minute', 60]];
const relative = new Intl.RelativeTimeFormat('en', {numeric: 'always'});

/// A moment as people say it: "5 minutes ago". The exact time is its title.
export function Ago({at}: {at: Moment}) {
  const date = new Date(at);
  const seconds = (date.getTime() - Date.now()) / 1000;
  const step = steps.find(([, length]) => Math.abs(seconds) >= length);
  const words = step ? relative.format(Math.trunc(seconds / step[1]), step[0]) : seconds > 0 ? 'in a moment' : 'just now';
  return (
    <time dateTime={date.toISOString()} title={moment.format(date)}>
      {words}
    </time>
  );
}

export function Badge({tone, children}: {tone: 'good' | 'bad' | 'calm'; children: ComponentChildren}) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/// A sentence in which a provider's own names for its screens stand between asterisks, as the server writes them.
export function Marked({text}: {text: string}) {
  return <>{text.split('*').map((piece, i) => (i % 2 === 0 ? piece : <em>{piece}</em>))}</>;
}

/// The heading of a screen. It takes the focus when the screen opens, so that keyboard and screen reader follow.
export function Title({children}: {children: string}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    document.title = `${children} · Doorward`;
    heading.current?.focus({preventScroll: true});
  }, [children]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

export function Problem({error, retry}: {error: ApiError; retry?: () => void}) {
  return (
    <div class="problem" role="alert">
      <p>{error.message}</p>
      {error.status >= 500 && error.requestId !== '' && (
        <p class="hint">
          Request number <code>{error.requestId}</code>
        </p>
      )}
      {retry && error.status !== 404 && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/// Focus for an element that takes the place of what had it: once `when` has become true or something new. It moves
/// with the words, not a frame later: whoever presses a key on reading them is where they say.
export function useFocus<T extends HTMLElement>(when: unknown) {
  const element = useRef<T>(null);
  useLayoutEffect(() => {
    if (when) element.current?.focus();
  }, [when]);
  return element;
}

export type Loaded<T> = {state: 'loading'} | {state: 'failed'; error: ApiError} | {state: 'done'; value: T};

/// Something from the API, and how to load it again, which is done when the new state is there. What is on the screen
/// stays there while it loads again.
export function useLoaded<T>(path: string, query: Record<string, string> = {}): [Loaded<T>, () => Promise<void>] {
  const [loaded, setLoaded] = useState<Loaded<T>>({state: 'loading'});
  const [round, setRound] = useState(0);
  const key = JSON.stringify(query);
  const shown = useRef('');
  const waiting = useRef<(() => void)[]>([]);
  const settle = () => waiting.current.splice(0).forEach((done) => done());
  useEffect(() => settle, []);
  useEffect(() => {
    let current = true;
    const show = (next: Loaded<T>) => {
      if (!current) return;
      setLoaded(next);
      settle();
    };
    const what = `${path}?${key}`;
    setLoaded((before) => (before.state === 'done' && shown.current === what ? before : {state: 'loading'}));
    shown.current = what;
    get<T>(path, JSON.parse(key) as Record<string, string>).then(
      (value) => show({state: 'done', value}),
      (error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        show({state: 'failed', error});
      },
    );
    return () => {
      current = false;
    };
  }, [path, key, round]);
  const again = useCallback(
    () =>
      new Promise<void>((done) => {
        waiting.current.push(done);
        setRound((n) => n + 1);
      }),
    [],
  );
  return [loaded, again];
}

/// Shows what was loaded, or that it is loading, or why it failed.
export function Show<T>(props: {loaded: Loaded<T>; retry: () => void; children: (value: T) => ComponentChildren}) {
  const {loaded} = props;
  if (loaded.state === 'loading') {
    return (
      <p class="hint" role="status">
        Loading…
      </p>
    );
  }
  if (loaded.state === 'failed') return <Problem error={loaded.error} retry={props.retry} />;
  return <>{props.children(loaded.value)}</>;
}

/// A table whose cells carry their column's name, so that narrow screens can show rows as cards.
export function Table(props: {caption: string; columns: string[]; empty: string; rows: ComponentChildren[][]}) {
  if (props.rows.length === 0) return <p class="empty">{props.empty}</p>;
  return (
    <table>
      <caption class="for-readers">{props.caption}</caption>
      <thead>
        <tr>
          {props.columns.map((column) => (
            <th scope="col">{column}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr>
            {row.map((cell, i) => (
              <td data-column={props.columns[i]}>
                <div>{cell}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/// Lists that come in pages: what was loaded so far, and a button for more.
export function usePages<T>(path: string, list: string, cursor: string, query: Record<string, string> = {}) {
  const [more, setMore] = useState<T[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [first, retry] = useLoaded<Record<string, unknown>>(path, query);
  useEffect(() => {
    setMore([]);
    setNext(first.state === 'done' && first.value['next'] !== null ? String(first.value['next']) : null);
  }, [first]);
  const items = first.state === 'done' ? [...(first.value[list] as T[]), ...more] : [];
  const loadMore = async () => {
    if (next === null) return;
    const page = await get<Record<string, unknown>>(path, {...query, [cursor]: next});
    setMore((known) => [...known, ...(page[list] as T[])]);
    setNext(page['next'] === null ? null : String(page['next']));
  };
  return {first, retry, items, more: next === null ? null : loadMore};
}

/// A note that something was done, which screen readers say.
export function Done({children}: {children: ComponentChildren}) {
  return (
    <div role="status">
      {children !== '' && children !== null && <p class="done">{children}</p>}
    </div>
  );
}

/// Calls `task` every 5 seconds (or what `every` says) while `on` and while somebody may be looking.
export function useRefresh(on: boolean, task: () => void, every = 5000): void {
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => !document.hidden && task(), every);
    return () => clearInterval(timer);
  }, [on, task, every]);
}

/// How a request that changes something is going.
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const pressed = useRef<Element | null>(null);
  // A button that is disabled while it works loses the focus, and whoever works with the keyboard their place.
  useEffect(() => {
    if (busy) return;
    const button = pressed.current;
    pressed.current = null;
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost && button instanceof HTMLElement && button.isConnected) button.focus();
  }, [busy]);
  const run = async (action: () => Promise<void>) => {
    pressed.current = document.activeElement;
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return {busy, error, run};
}

/// One of something, or several: `count(3, 'employee')`.
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number.toLocaleString()} ${number === 1 ? one : several}`;
}

export function More({load}: {load: (() => Promise<void>) | null}) {
  const {busy, error, run} = useAction();
  if (!load) return null;
  const click = () => void run(load);
  return (
    <>
      {error && <Problem error={error} />}
      <button type="button" onClick={click} disabled={busy}>
        {busy ? 'Loading…' : 'Show more'}
      </button>
    </>
  );
}
