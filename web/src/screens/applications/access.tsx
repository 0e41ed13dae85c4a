// Who may use an application.
import {useEffect, useState} from 'preact/hooks';
import type {Department, Group} from '../../api';
import {ApiError, get} from '../../api';
import type {Settings} from '../../applications';
import {Confirm} from '../../dialogs';
import {Problem, Show, useAction, useLoaded} from '../../parts';
import {SettingsNews, useSettings} from './edited_settings';
import type {PageProps} from './frame';

type Access = Pick<Settings, 'access' | 'departments' | 'groups'>;

const choices: [Settings['access'], string, string][] = [
  ['everyone', 'Everyone', 'All active employees of your company.'],
  ['administrators', 'Administrators only', ''],
  ['chosen', 'Chosen departments and groups', 'Whoever is in one of them, now or later.'],
];

export function AccessPage({application, save}: PageProps) {
  const {base, fields: form, setFields, news, save: saveFields} = useSettings(application);
  const [asked, setAsked] = useState(false);
  const {busy, error, run} = useAction();
  const change = (changes: Partial<Access>) => setFields({...form, ...changes});
  const store = () =>
    void run(async () => {
      const rules = form.access === 'chosen' ? {departments: form.departments, groups: form.groups} : {departments: [], groups: []};
      await saveFields((_, version) => save({access: form.access, ...rules}, 'Saved. It holds from now on.', version));
      setAsked(false);
    });
  const submit = (event: Event) => {
    event.preventDefault();
    if (mayExclude(base.fields, form)) setAsked(true);
    else store();
  };
  if (application.of_all_accounts) {
    return <p>{application.access === 'everyone' ? 'Everyone may use it.' : 'Administrators may use it.'}</p>;
  }
  return (
    <form class="narrow" onSubmit={submit} noValidate>
      <fieldset>
        <legend>Who may use “{application.name}”?</legend>
        {choices.map(([value, words, hint]) => (
          <label class="choice">
            <input type="radio" name="access" checked={form.access === value} onChange={() => change({access: value})} />
            <span>
              {words}
              {hint !== '' && <span class="hint">{hint}</span>}
            </span>
          </label>
        ))}
      </fieldset>
      {form.access === 'chosen' && (
        <>
          <Departments chosen={form.departments} change={(departments) => change({departments})} />
          <Groups chosen={form.groups} change={(groups) => change({groups})} />
        </>
      )}
      {news.length > 0 && <SettingsNews now={base.fields} news={news} />}
      {error && !asked && <Problem error={error} />}
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Saving…' : 'Save'}
        </button>
      </div>
      {asked && (
        <Confirm
          title="Take access from some?"
          yes="Save"
          tone="danger"
          busy={busy}
          error={error}
          close={() => setAsked(false)}
          act={store}
        >
          <ul>
            <li>Whoever is left out now is signed out of “{application.name}” at once, and cannot sign in to it again.</li>
            {form.access === 'chosen' && form.departments.length + form.groups.length === 0 && (
              <li>
                <strong>That is everybody:</strong> no department and no group is chosen.
              </li>
            )}
            {application.access_token_format === 'jwt' && <li>Its access tokens (JWT) stay valid for up to 5 minutes.</li>}
            <li>It can be undone: choose them again. They then sign in anew.</li>
          </ul>
        </Confirm>
      )}
    </form>
  );
}

/// Whether somebody may lose access by the change.
function mayExclude(before: Access, after: Access): boolean {
  if (after.access === 'everyone') return false;
  if (before.access !== after.access) return true;
  if (after.access === 'administrators') return false;
  const gone = (old: string[], now: string[]) => old.some((id) => !now.includes(id));
  return gone(before.departments, after.departments) || gone(before.groups, after.groups);
}

interface Item {
  id: string;
  name: string;
}

/// What is chosen, and a search for more of it.
function Picker(props: {
  label: string;
  found: Item[];
  search: string;
  setSearch: (search: string) => void;
  chosen: Item[];
  nothing: string;
  change: (ids: string[]) => void;
}) {
  const {chosen, change} = props;
  const ids = chosen.map(({id}) => id);
  const offered = props.found.filter(({id}) => !ids.includes(id)).slice(0, 8);
  return (
    <fieldset class="picker">
      <legend>{props.label}</legend>
      <ul class="plain">
        {chosen.map(({id, name}) => (
          <li>
            <span>{name}</span>
            <button type="button" class="small" onClick={() => change(ids.filter((other) => other !== id))}>
              Remove<span class="for-readers"> {name}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen.length === 0 && <p class="hint">None is chosen.</p>}
      <label class="search">
        Add: name contains
        <input type="search" value={props.search} onInput={(event) => props.setSearch(event.currentTarget.value)} />
      </label>
      {offered.length === 0 ? (
        <p class="hint" role="status">
          {props.found.length === 0 ? props.nothing : 'All that are found are chosen.'}
        </p>
      ) : (
        <ul class="plain">
          {offered.map(({id, name}) => (
            <li>
              <span>{name}</span>
              <button type="button" class="small" onClick={() => change([...ids, id])}>
                Add<span class="for-readers"> {name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}

const contains = (text: string, part: string) => text.toLowerCase().includes(part.trim().toLowerCase());

/// The names from the top down, because departments of different parents may be called the same.
function pathOf(department: Department, all: Department[]): string {
  const parent = all.find(({id}) => id === department.parent);
  return parent ? `${pathOf(parent, all)} › ${department.name}` : department.name;
}

function Departments({chosen, change}: {chosen: string[]; change: (ids: string[]) => void}) {
  const [loaded, retry] = useLoaded<{departments: Department[]}>('departments');
  const [search, setSearch] = useState('');
  return (
    <Show loaded={loaded} retry={retry}>
      {({departments}) => {
        const items = departments.map((department) => ({id: department.id, name: pathOf(department, departments)}));
        items.sort((a, b) => a.name.localeCompare(b.name));
        return (
          <Picker
            label="Departments, with those below them"
            found={items.filter(({name}) => contains(name, search))}
            search={search}
            setSearch={setSearch}
            chosen={chosen.map((id) => items.find((item) => item.id === id) ?? {id, name: 'A department that is gone'})}
            nothing="No department’s name contains this."
            change={change}
          />
        );
      }}
    </Show>
  );
}

function Groups({chosen, change}: {chosen: string[]; change: (ids: string[]) => void}) {
  const [search, setSearch] = useState('');
  const [loaded, retry] = useLoaded<{groups: Group[]}>('groups', {search, limit: '50'});
  const names = useGroupNames(chosen);
  return (
    <Show loaded={loaded} retry={retry}>
      {({groups}) => {
        const items = groups.map(({id, displayName}) => ({id, name: displayName}));
        return (
          <Picker
            label="Groups of your directory"
            found={items}
            search={search}
            setSearch={setSearch}
            chosen={chosen.map((id) => items.find((item) => item.id === id) ?? {id, name: names.get(id) ?? 'A group'})}
            nothing={search === '' ? 'Your directory has sent no groups.' : 'No group’s name contains this.'}
            change={change}
          />
        );
      }}
    </Show>
  );
}

/// Names of groups that a search need not find again.
function useGroupNames(ids: string[]): Map<string, string> {
  const [names, setNames] = useState(new Map<string, string>());
  const key = ids.join(' ');
  useEffect(() => {
    let current = true;
    for (const id of key.split(' ').filter((id) => id !== '' && !names.has(id))) {
      get<{group: Group}>(`groups/${encodeURIComponent(id)}`, {limit: '1'}).then(
        ({group}) => current && setNames((known) => new Map(known).set(id, group.displayName)),
        (error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
          if (current) setNames((known) => new Map(known).set(id, 'A group that is gone'));
        },
      );
    }
    return () => {
      current = false;
    };
  }, [key]);
  return names;
}
