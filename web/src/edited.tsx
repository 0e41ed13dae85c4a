// Forms that change what others may change meanwhile: another administrator, or the company's directory.
import {useState} from 'preact/hooks';
import {ApiError} from './api';

/// What a form edits, and the version that the server gave it.
export interface Edited<T> {
  fields: T;
  version: string;
}

export const isChangedMeanwhile = (caught: unknown) => caught instanceof ApiError && caught.code === 'api.changed_meanwhile';

/// Lists are compared by what is in them.
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/// The fields of a form, made from `loaded`. `save` writes them with their version. When somebody was faster, it loads what is there now:
/// what was typed stays, what was not touched becomes what it is, and `news` names all that differs.
export function useEdited<T extends object>(loaded: Edited<T>, reload: () => Promise<Edited<T>>) {
  const [base, setBase] = useState(loaded);
  const [fields, setFields] = useState(loaded.fields);
  const [news, setNews] = useState<(keyof T)[]>([]);
  const save = async (write: (fields: T, version: string) => Promise<void>) => {
    setNews([]);
    try {
      await write(fields, base.version);
    } catch (caught) {
      if (!isChangedMeanwhile(caught)) throw caught;
      const now = await reload();
      const names = Object.keys(now.fields) as (keyof T)[];
      setFields((typed) => {
        const next = {...now.fields};
        for (const name of names) if (!same(typed[name], base.fields[name])) next[name] = typed[name];
        return next;
      });
      setNews(names.filter((name) => !same(now.fields[name], base.fields[name])));
      setBase(now);
    }
  };
  /// Begins anew with what was saved, for a form that stays open.
  const restart = (saved: Edited<T>) => {
    setBase(saved);
    setFields(saved.fields);
  };
  return {base, fields, setFields, news, save, restart};
}

/// Says that nothing was saved, and what the values are that somebody else put there.
export function ChangedMeanwhile({what, values}: {what: string; values: [string, string][]}) {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>Somebody changed {what} meanwhile.</strong> Nothing was saved. What you typed is still here, and what you had not touched shows
        what it is now.
      </p>
      <ul>
        {values.map(([name, value]) => (
          <li>
            {name}: now {value === '' ? 'empty' : `“${value}”`}
          </li>
        ))}
      </ul>
      <p>Look through it and save again.</p>
    </div>
  );
}
