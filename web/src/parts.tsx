// The pieces that screens are made of.
import type {ComponentChildren} from 'preact';
import {useCallback, useEffect, useRef, useState} from 'preact/hooks';
import {ApiError, get} from './api';

const moment = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'short'});

export function Time({at}: {at: string}) {
  return <time dateTime={at}>{moment.format(new Date(at))}</time>;
}

export function Badge({tone, children}: {tone: 'good' | 'bad' | 'calm'; children: ComponentChildren}) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/// The heading of a screen. It takes the focus when the screen opens, so that keyboard and screen reader follow.
export function Title({children}: {children: string}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Doorward`;
    heading.current?.focus({preventScroll: true});
  }, [children]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

export function Problem({error, retry}: {error: ApiError; retry: () => void}) {
  return (
    <div class="problem" role="alert">
      <p>{error.message}</p>
      {error.requestId !== '' && (
        <p class="hint">
          Request number <code>{error.requestId}</code>
        </p>
      )}
      {error.status !== 404 && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

type Loaded<T> = {state: 'loading'} | {state: 'failed'; error: ApiError} | {state: 'done'; value: T};

/// Something from the API. An ended session leads to the sign-in page and back.
export function useLoaded<T>(path: string, query: Record<string, string> = {}): [Loaded<T>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<T>>({state: 'loading'});
  const [round, setRound] = useState(0);
  const key = JSON.stringify(query);
  useEffect(() => {
    let current = true;
    setLoaded({state: 'loading'});
    get<T>(path, JSON.parse(key) as Record<string, string>).then(
      (value) => current && setLoaded({state: 'done', value}),
      (error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        if (error.status === 401) {
          location.assign(`/sign-in?return_to=${encodeURIComponent(location.pathname)}`);
        } else if (current) {
          setLoaded({state: 'failed', error});
        }
      },
    );
    return () => {
      current = false;
    };
  }, [path, key, round]);
  return [loaded, useCallback(() => setRound((n) => n + 1), [])];
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

export function More({load}: {load: (() => Promise<void>) | null}) {
  const [busy, setBusy] = useState(false);
  if (!load) return null;
  const click = () => {
    setBusy(true);
    void load().finally(() => setBusy(false));
  };
  return (
    <button type="button" onClick={click} disabled={busy}>
      {busy ? 'Loading…' : 'Show more'}
    </button>
  );
}
