import {useCallback, useEffect, useRef, useState} from 'preact/hooks';
import type {LogDetails, LogEntry, Outcome} from '../api';
import {ApiError, get} from '../api';
import {Copyable} from '../dialogs';
import {address} from '../location';
import {Badge, count, More, Problem, Show, Table, Time, Title, useLoaded, useRefresh} from '../parts';
import {ProvisioningPages} from './provisioning';

const outcomes: Record<Outcome, {tone: 'good' | 'bad' | 'calm'; word: string}> = {
  changed: {tone: 'good', word: 'changed'},
  unchanged: {tone: 'calm', word: 'nothing to change'},
  read: {tone: 'calm', word: 'looked up'},
  failed: {tone: 'bad', word: 'failed'},
};

export function OutcomeBadge({outcome}: {outcome: Outcome}) {
  const {tone, word} = outcomes[outcome];
  return <Badge tone={tone}>{word}</Badge>;
}

const summaryOf = (entry: LogEntry) => entry.summary || `${entry.method} ${entry.path}`;

export function LogTable({entries, caption, empty}: {entries: LogEntry[]; caption: string; empty: string}) {
  return (
    <Table
      caption={caption}
      columns={['When', 'What happened', 'Outcome']}
      empty={empty}
      rows={entries.map((entry) => [
        <Time at={entry.at} />,
        <a href={address('provisioning', 'log', String(entry.id))}>{summaryOf(entry)}</a>,
        <OutcomeBadge outcome={entry.outcome} />,
      ])}
    />
  );
}

interface Page {
  entries: LogEntry[];
  next: number | null;
}

/// The log, newest first. `refresh` puts what has come since on top and says how much that was.
function useLog(query: Record<string, string>) {
  const [page, setPage] = useState<Page | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const key = JSON.stringify(query);
  // What an earlier question is answered late does not belong on the screen.
  const asked = useRef('');
  asked.current = key;
  const load = useCallback(async (): Promise<number> => {
    try {
      const fresh = await get<Page>('provisioning/log', JSON.parse(key) as Record<string, string>);
      if (asked.current !== key) return 0;
      setError(null);
      let added = 0;
      setPage((known) => {
        const newest = known?.entries[0]?.id ?? 0;
        const later = fresh.entries.filter(({id}) => id > newest);
        added = known === null ? 0 : later.length;
        // More has come than one page holds: what is between is loaded by the button below.
        if (known === null || later.length === fresh.entries.length) return fresh;
        return {entries: [...later, ...known.entries], next: known.next};
      });
      return added;
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      if (asked.current === key) setError(caught);
      return 0;
    }
  }, [key]);
  useEffect(() => {
    setPage(null);
    setError(null);
    void load();
  }, [load]);
  const more = async () => {
    if (page?.next == null) return;
    const older = await get<Page>('provisioning/log', {...query, before: String(page.next)});
    setPage((known) => known && {entries: [...known.entries, ...older.entries], next: older.next});
  };
  return {page, error, load, more: page?.next == null ? null : more};
}

/// The filter, for whoever looks at an entry and comes back.
let lastFilter = {outcome: '', text: ''};

export function ProvisioningLog({subject = ''}: {subject?: string}) {
  const [{outcome, text}, setFilter] = useState(subject === '' ? lastFilter : {outcome: '', text: ''});
  const filter = (changes: Partial<typeof lastFilter>) => {
    const next = {outcome, text, ...changes};
    setFilter(next);
    if (subject === '') lastFilter = next;
  };
  const [live, setLive] = useState(true);
  const [news, setNews] = useState('');
  const {page, error, load, more} = useLog({outcome, text, subject});
  const refresh = useCallback(() => {
    void load().then((added) => added > 0 && setNews(`${count(added, 'new entry', 'new entries')} at the top.`));
  }, [load]);
  useRefresh(live, refresh);
  const filtered = outcome !== '' || text !== '';
  return (
    <>
      <Title>Provisioning log</Title>
      <ProvisioningPages current="Log" />
      {subject !== '' && (
        <p>
          Entries about one <a href={address('employees', subject)}>employee</a>.{' '}
          <a href={address('provisioning', 'log')}>Show all</a>
        </p>
      )}
      <div class="filters">
        <label class="field">
          Outcome
          <select value={outcome} onChange={(event) => filter({outcome: event.currentTarget.value})}>
            <option value="">All</option>
            <option value="changed">Changes</option>
            <option value="failed">Failures</option>
            <option value="unchanged">Nothing to change</option>
            <option value="read">Looked up</option>
          </select>
        </label>
        <label class="field">
          Contains
          <input type="search" value={text} onInput={(event) => filter({text: event.currentTarget.value})} />
        </label>
        <label class="choice">
          <input type="checkbox" role="switch" checked={live} onChange={(event) => setLive(event.currentTarget.checked)} />
          <span>Refresh every 5 seconds</span>
        </label>
      </div>
      <p class="for-readers" role="status">
        {news}
      </p>
      {error && <Problem error={error} retry={() => void load()} />}
      {page === null
        ? !error && (
            <p class="hint" role="status">
              Loading…
            </p>
          )
        : <>
            <LogTable
              caption="Requests of your directory, newest first"
              entries={page.entries}
              empty={
                filtered
                  ? 'No entry is like this.'
                  : live
                    ? 'Nothing yet. Choose Test Connection in your directory: the request appears here as it arrives.'
                    : 'Nothing yet.'
              }
            />
            <More load={more} />
          </>}
    </>
  );
}

export function ProvisioningEntry({id}: {id: string}) {
  const [loaded, retry] = useLoaded<LogDetails>(`provisioning/log/${encodeURIComponent(id)}`);
  return (
    <>
      <p>
        <a href={address('provisioning', 'log')}>The whole log</a>
      </p>
      <Title>A request of your directory</Title>
      <Show loaded={loaded} retry={retry}>
        {(entry) => <Details entry={entry} />}
      </Show>
    </>
  );
}

function About({entry: {about}}: {entry: LogDetails}) {
  if (about === null) return null;
  return (
    <>
      <dt>About</dt>
      <dd>
        {about.kind === 'gone' ? (
          <>
            somebody or something deleted since, <code>{about.id}</code>
          </>
        ) : (
          <a href={address(about.kind === 'employee' ? 'employees' : 'groups', about.id)}>{about.name}</a>
        )}
      </dd>
    </>
  );
}

function Details({entry}: {entry: LogDetails}) {
  return (
    <>
      <p class="cause">
        {summaryOf(entry)} <OutcomeBadge outcome={entry.outcome} />
      </p>
      <dl>
        <dt>When</dt>
        <dd>
          <Time at={entry.at} />, in {(entry.durationMicros / 1000).toLocaleString(undefined, {maximumFractionDigits: 1})} ms
        </dd>
        <About entry={entry} />
        <dt>Token</dt>
        <dd>
          {entry.tokenName}, from {entry.clientAddress}
        </dd>
        <dt>Request</dt>
        <dd>
          <code>
            {entry.method} {entry.path}
          </code>
        </dd>
        <dt>Status</dt>
        <dd>{entry.status}</dd>
      </dl>
      {entry.changes.length > 0 && (
        <>
          <h2>What changed</h2>
          <Table
            caption="What changed"
            columns={['Attribute', 'Before', 'After']}
            empty=""
            rows={entry.changes.map(({attribute, before, after}) => [attribute, <Value value={before} />, <Value value={after} />])}
          />
        </>
      )}
      <Body title="What your directory sent" text={entry.requestBody} />
      <Body title="What it was answered" text={entry.responseBody} />
      <Copyable label="Request number" value={entry.requestId} />
      <p class="hint">Support finds the request in the server’s log by this number.</p>
    </>
  );
}

function Value({value}: {value: unknown}) {
  if (value === null || value === undefined || value === '') return <span class="hint">nothing</span>;
  return <>{typeof value === 'string' ? value : JSON.stringify(value)}</>;
}

/// JSON with line breaks; what was cut to fit the log is not JSON any more and stays as it is.
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Body({title, text}: {title: string; text: string}) {
  if (text === '') return null;
  return (
    <>
      <h2>{title}</h2>
      <pre tabIndex={0} role="region" aria-label={title}>
        {readable(text)}
      </pre>
    </>
  );
}
