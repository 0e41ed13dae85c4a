import type {AuditEntry} from '../api';
import {More, Show, Table, Time, Title, usePages} from '../parts';
import {WhySearch} from './diagnosis';

const kinds: Record<string, string> = {
  support: 'Support',
  administrator: 'Administrator',
  employee: 'Employee',
  directory: 'Directory service',
  system: 'Doorward',
};

function details(entry: AuditEntry): string {
  return Object.entries(entry.details)
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

function who({actor}: AuditEntry): string {
  const kind = kinds[actor.kind] ?? actor.kind;
  return actor.kind === 'system' ? kind : `${kind} (${actor.name})`;
}

export function Audit() {
  const {first, retry, items, more} = usePages<AuditEntry>('audit', 'audit', 'before');
  return (
    <>
      <Title>Audit</Title>
      <WhySearch />
      <Show loaded={first} retry={retry}>
        {() => (
          <>
            <Table
              caption="Changes, newest first"
              columns={['When', 'Who', 'What', 'Details']}
              empty="Nothing has been changed yet."
              rows={items.map((entry) => [
                <Time at={entry.at} />,
                who(entry),
                entry.action.replaceAll('.', ' ').replaceAll('_', ' '),
                details(entry),
              ])}
            />
            <More load={more} />
          </>
        )}
      </Show>
    </>
  );
}
