import {useState} from 'preact/hooks';
import type {Department, Group, GroupMember, MappingEffect} from '../api';
import {get, send} from '../api';
import {Confirm} from '../dialogs';
import {isChangedMeanwhile} from '../edited';
import {address} from '../location';
import {Badge, count, Done, More, Problem, Show, Table, Time, Title, useAction, useLoaded, usePages} from '../parts';

function Meaning({group}: {group: Group}) {
  if (!group.administrator && group.department === null) return <span class="hint">nothing</span>;
  return (
    <>
      {group.administrator && <Badge tone="calm">administrator rights</Badge>}{' '}
      {group.department && <Badge tone="calm">department {group.department.name}</Badge>}
    </>
  );
}

export function Groups() {
  const [search, setSearch] = useState('');
  const {first, retry, items, more} = usePages<Group>('groups', 'groups', 'after', {search});
  return (
    <>
      <Title>Groups</Title>
      <p>Your directory sends them and says who is in them. Here you say what a group means.</p>
      <label class="search">
        Name contains
        <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </label>
      <Show loaded={first} retry={retry}>
        {() => (
          <>
            <Table
              caption="Groups"
              columns={['Name', 'Members', 'Means here']}
              empty={
                search === ''
                  ? 'Your directory has sent no groups. To get them, switch on “Provision Microsoft Entra ID Groups” under Mappings there, and assign groups to the application.'
                  : 'No group’s name contains this.'
              }
              rows={items.map((group) => [
                <a href={address('groups', group.id)}>{group.displayName}</a>,
                group.members.toLocaleString(),
                <Meaning group={group} />,
              ])}
            />
            <More load={more} />
          </>
        )}
      </Show>
    </>
  );
}

export function GroupScreen({id}: {id: string}) {
  const path = `groups/${encodeURIComponent(id)}`;
  const {first, retry, items, more} = usePages<GroupMember>(path, 'members', 'after');
  const [done, setDone] = useState('');
  const group = first.state === 'done' ? (first.value['group'] as Group) : null;
  return (
    <>
      <p>
        <a href={address('groups')}>All groups</a>
      </p>
      <Title>{group?.displayName ?? 'Group'}</Title>
      <Done>{done}</Done>
      <Show loaded={first} retry={retry}>
        {(value) => (
          <>
            <Facts group={value['group'] as Group} />
            <Mapping
              key={(value['group'] as Group).updatedAt}
              group={value['group'] as Group}
              mapped={(words) => {
                void retry().then(() => setDone(words));
              }}
            />
            <h2>Members</h2>
            <Table
              caption="Members"
              columns={['Name', 'User name', 'Access']}
              empty="Nobody is in this group."
              rows={items.map((member) => [
                <a href={address('employees', member.id)}>{member.displayName}</a>,
                member.userName,
                <>
                  <Badge tone={member.active ? 'good' : 'bad'}>{member.active ? 'active' : 'deactivated'}</Badge>{' '}
                  {member.administrator && <Badge tone="calm">administrator</Badge>}
                </>,
              ])}
            />
            <More load={more} />
          </>
        )}
      </Show>
    </>
  );
}

function Facts({group}: {group: Group}) {
  return (
    <dl>
      <dt>Members</dt>
      <dd>{group.members.toLocaleString()}</dd>
      {group.externalId !== '' && (
        <>
          <dt>Object ID in the directory</dt>
          <dd>
            <code>{group.externalId}</code>
          </dd>
        </>
      )}
      <dt>Last changed</dt>
      <dd>
        <Time at={group.updatedAt} />
      </dd>
    </dl>
  );
}

interface Wanted {
  administrator: boolean;
  department: Department | null;
  effect: MappingEffect;
}

function Mapping({group, mapped}: {group: Group; mapped: (words: string) => void}) {
  const [departments, retry] = useLoaded<{departments: Department[]}>('departments');
  const [administrator, setAdministrator] = useState(group.administrator);
  const [department, setDepartment] = useState(group.department?.id ?? '');
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const {busy, error, run} = useAction();
  const same = administrator === group.administrator && department === (group.department?.id ?? '');
  const review = (known: Department[]) => (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const effect = await get<MappingEffect>(`groups/${encodeURIComponent(group.id)}/mapping-effect`, {
        administrator: String(administrator),
        department,
      });
      setWanted({administrator, department: known.find(({id}) => id === department) ?? null, effect});
    });
  };
  return (
    <section class="card">
      <h2>What this group means here</h2>
      <Show loaded={departments} retry={retry}>
        {(loaded) => (
          <form onSubmit={review(loaded.departments)}>
            <label class="choice">
              <input
                type="checkbox"
                checked={administrator}
                onChange={(event) => setAdministrator(event.currentTarget.checked)}
              />
              <span>
                Members are administrators
                <span class="hint">Whoever your directory puts into the group then runs this account.</span>
              </span>
            </label>
            <label class="field">
              Members belong to the department
              <select value={department} onChange={(event) => setDepartment(event.currentTarget.value)}>
                <option value="">Not decided by this group</option>
                {loaded.departments.map(({id, name, default: standard}) => (
                  <option value={id}>{standard ? `${name} (default)` : name}</option>
                ))}
              </select>
            </label>
            {error && <Problem error={error} />}
            <button type="submit" class="primary" disabled={same || busy}>
              {busy ? 'Counting…' : 'Review the change…'}
            </button>
          </form>
        )}
      </Show>
      {wanted && <ConfirmMapping group={group} wanted={wanted} close={() => setWanted(null)} mapped={mapped} />}
    </section>
  );
}

function ConfirmMapping(props: {group: Group; wanted: Wanted; close: () => void; mapped: (words: string) => void}) {
  const {group, wanted} = props;
  const {effect, department} = wanted;
  const {busy, error, run} = useAction();
  const apply = () =>
    void run(async () => {
      try {
        await send('PUT', `groups/${encodeURIComponent(group.id)}/mapping`, {
          administrator: wanted.administrator,
          department: department?.id ?? null,
          version: group.version,
        });
      } catch (caught) {
        // Behind the window stands what it is now, to review again.
        if (isChangedMeanwhile(caught)) props.mapped('');
        throw caught;
      }
      props.close();
      props.mapped('Saved. It holds for the members now, and for whoever joins or leaves.');
    });
  const gives = wanted.administrator && !group.administrator;
  const takes = !wanted.administrator && group.administrator;
  return (
    <Confirm
      title={`Change what “${group.displayName}” means?`}
      yes={gives ? `Give administrator rights to ${people(effect.getRights)}` : takes ? `Take administrator rights from ${people(effect.loseRights)}` : `Move ${people(effect.move)}`}
      tone={gives || takes ? 'danger' : 'primary'}
      busy={busy}
      error={error}
      close={props.close}
      act={apply}
    >
      <ul>
        {gives && (
          <>
            <li>
              <strong>{people(effect.getRights)}</strong> {effect.getRights === 1 ? 'gets' : 'get'} administrator rights
              now: active members who have none yet. They can then do everything that you can.
            </li>
            <li>Whoever joins the group in your directory later gets them too, and whoever leaves it loses them.</li>
          </>
        )}
        {takes && (
          <li>
            <strong>{people(effect.loseRights)}</strong> {effect.loseRights === 1 ? 'loses' : 'lose'} administrator rights
            now: those who have them from this group alone.
          </li>
        )}
        {effect.youLoseRights && (
          <li>
            <strong>You are one of them</strong>, and cannot use the console afterwards.
          </li>
        )}
        {(department?.id ?? '') !== (group.department?.id ?? '') && (
          <li>
            {people(effect.move)} {effect.move === 1 ? 'moves' : 'move'} to{' '}
            {department ? `the department “${department.name}”` : 'the default department'} now.
          </li>
        )}
        <li>
          It can be undone here{effect.move > 0 && department ? '; members then go to the default department, not to where they were' : ''}.
        </li>
      </ul>
    </Confirm>
  );
}

const people = (number: number) => count(number, 'person', 'people');
