// What happened in the account, as programs are told of it.
import {useState} from 'preact/hooks';
import {address} from '../../location';
import {More, Show, Table, Time, Title, useLoaded, usePages} from '../../parts';
import type {EventEntry, EventType} from '../../webhooks';
import {grouped, groupName} from '../../webhooks';
import {ApplicationPages} from '../applications/pages';

export function Events() {
  const [types] = useLoaded<{types: EventType[]}>('event-types');
  const [type, setType] = useState('');
  const {first, retry, items, more} = usePages<EventEntry>('events', 'events', 'before', {order: 'newest', type});
  const known = types.state === 'done' ? types.value.types : [];
  return (
    <>
      <Title>Events</Title>
      <ApplicationPages current="Events" />
      <p>
        What programs are told of: by a <a href={address('applications', 'webhooks')}>webhook</a>, or when they look it up at{' '}
        <code>/api/v1/events</code> with the token of a service. The newest stands first.
      </p>
      <div class="filters">
        <label class="field">
          Kind
          <select value={type} onChange={(event) => setType(event.currentTarget.value)}>
            <option value="">All</option>
            {grouped(known).map(([group, members]) => (
              <optgroup label={groupName(group)}>
                {members.length > 1 && <option value={`${group}.*`}>{groupName(group)}: all of these</option>}
                {members.map(({name, help}) => (
                  <option value={name}>{help.replace(/\.$/, '')}</option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
      </div>
      <Show loaded={first} retry={retry}>
        {() => (
          <div class="roomy">
            <Table
              caption="Events, newest first"
              columns={['When', 'What happened', 'About', 'Details']}
              empty={nothing(type, more !== null)}
              rows={items.map((event) => [
                <Time at={event.at} />,
                <>
                  {known.find(({name}) => name === event.type)?.help} <code class="hint">{event.type}</code>
                </>,
                <About event={event} />,
                <Details event={event} />,
              ])}
            />
            <More load={more} />
          </div>
        )}
      </Show>
    </>
  );
}

/// The server passes over a number of other events and then answers, so that an empty page need not be the last.
function nothing(type: string, more: boolean): string {
  if (more) return 'Nothing of this kind among the newest events. Show more to look on.';
  return type === '' ? 'Nothing has happened yet.' : 'Nothing of this kind has happened yet.';
}

function About({event: {type, subject, data}}: {event: EventEntry}) {
  const name = nameIn(data);
  if (subject === '' || !type.startsWith('employee.') || type === 'employee.deleted') return <>{name}</>;
  return <a href={address('employees', subject)}>{name || 'Employee'}</a>;
}

function nameIn(data: Record<string, unknown>): string {
  const names = ['display_name', 'displayName', 'name', 'user_name', 'userName', 'email', 'domain'].map((key) => data[key]);
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? '';
}

function Details({event}: {event: EventEntry}) {
  return (
    <details class="within">
      <summary>Show</summary>
      <pre tabIndex={0} aria-label={`Details of ${event.type}`}>
        {JSON.stringify({id: event.id, subject: event.subject, data: event.data}, null, 2)}
      </pre>
    </details>
  );
}
