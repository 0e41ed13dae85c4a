import {useState} from 'preact/hooks';
import type {CustomAttribute, ProvisioningSettings} from '../api';
import {get, send} from '../api';
import {Confirm, Dialog} from '../dialogs';
import {ChangedMeanwhile, useEdited} from '../edited';
import {Done, Problem, Show, Table, Title, useAction, useLoaded} from '../parts';
import {ProvisioningPages} from './provisioning';

export function ProvisioningSettingsScreen() {
  const [settings, retry] = useLoaded<ProvisioningSettings>('provisioning/settings');
  return (
    <>
      <Title>Provisioning settings</Title>
      <ProvisioningPages current="Settings" />
      <Show loaded={settings} retry={retry}>
        {(value) => <SettingsForm initial={value} />}
      </Show>
      <CustomAttributes />
    </>
  );
}

const sources: [ProvisioningSettings['departments'], string, string][] = [
  ['match', 'To the department with that name', 'To the default department when there is none.'],
  ['create', 'To the department with that name, made when there is none', 'Your directory then shapes the tree.'],
  ['default', 'To the default department', 'Whatever your directory says.'],
];

type Form = Omit<ProvisioningSettings, 'version'>;

const editedOf = ({version, ...fields}: ProvisioningSettings) => ({fields, version});

const labels: Record<keyof Form, string> = {
  departments: 'Where an employee goes',
  brakeCount: 'More employees than',
  brakePercent: 'And more than this share, in per cent',
  logDays: 'Entries are deleted after this many days',
  logPersonalData: 'Names, addresses and telephone numbers as they came',
};

/// A value of the form in words.
const wordsOf = (value: Form[keyof Form]) =>
  typeof value === 'boolean' ? (value ? 'yes' : 'no') : (sources.find(([name]) => name === value)?.[1] ?? String(value));

function SettingsForm({initial}: {initial: ProvisioningSettings}) {
  const edited = useEdited<Form>(editedOf(initial), async () => editedOf(await get<ProvisioningSettings>('provisioning/settings')));
  const {base, fields: form, setFields: setForm, news} = edited;
  const [done, setDone] = useState('');
  const {busy, error, run} = useAction();
  const change = (changes: Partial<Form>) => {
    setDone('');
    setForm({...form, ...changes});
  };
  const save = (event: Event) => {
    event.preventDefault();
    setDone('');
    void run(() =>
      edited.save(async (fields, version) => {
        edited.restart(editedOf(await send<ProvisioningSettings>('PUT', 'provisioning/settings', {...fields, version})));
        setDone('Saved. It holds from the next request on.');
      }),
    );
  };
  return (
    <form class="narrow" onSubmit={save}>
      {news.length > 0 && (
        <ChangedMeanwhile what="these settings" values={news.map((name) => [labels[name], wordsOf(base.fields[name])])} />
      )}
      <fieldset>
        <legend>Where does an employee go whose department your directory names?</legend>
        {sources.map(([value, words, hint]) => (
          <label class="choice">
            <input
              type="radio"
              name="departments"
              checked={form.departments === value}
              onChange={() => change({departments: value})}
            />
            <span>
              {words}
              <span class="hint">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>When do too many leave at once?</legend>
        <p class="hint">
          Then deletions are held and you are asked. Deactivations take effect at once in any case. Both limits must be
          passed within an hour.
        </p>
        <div class="pair">
          <NumberField label="More employees than" value={form.brakeCount} min={1} change={(brakeCount) => change({brakeCount})} />
          <NumberField
            label="And more than this share, in per cent"
            value={form.brakePercent}
            min={0}
            max={100}
            change={(brakePercent) => change({brakePercent})}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>What does the log keep?</legend>
        <NumberField
          label="Entries are deleted after this many days"
          value={form.logDays}
          min={1}
          max={400}
          change={(logDays) => change({logDays})}
        />
        <label class="choice">
          <input
            type="checkbox"
            checked={form.logPersonalData}
            onChange={(event) => change({logPersonalData: event.currentTarget.checked})}
          />
          <span>
            Names, addresses and telephone numbers as they came
            <span class="hint">Otherwise they are masked in requests and answers. What is in the log already stays as it is.</span>
          </span>
        </label>
      </fieldset>
      {error && <Problem error={error} />}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Saving…' : 'Save settings'}
      </button>
      <Done>{done}</Done>
    </form>
  );
}

function NumberField(props: {label: string; value: number; min: number; max?: number; change: (value: number) => void}) {
  return (
    <label class="field">
      {props.label}
      <input
        type="number"
        required
        min={props.min}
        max={props.max}
        step={1}
        value={Number.isNaN(props.value) ? '' : props.value}
        onInput={(event) => props.change(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}

type Open = {kind: 'declare'} | {kind: 'remove'; name: string} | null;

function CustomAttributes() {
  const [loaded, retry] = useLoaded<{attributes: CustomAttribute[]; most: number}>('provisioning/attributes');
  const [open, setOpen] = useState<Open>(null);
  const [done, setDone] = useState('');
  const finish = (words: string) => {
    setOpen(null);
    void retry().then(() => setDone(words));
  };
  return (
    <>
      <h2>Attributes of your own</h2>
      <p>
        What your directory knows about people and SCIM has no name for, such as a badge number. Declare it here, then map
        it there.
      </p>
      <Done>{done}</Done>
      <Show loaded={loaded} retry={retry}>
        {({attributes, most}) => (
          <>
            <Table
              caption="Attributes of your own"
              columns={['Name', 'Type', 'Description', 'Action']}
              empty="No attribute of your own yet. Most companies need none."
              rows={attributes.map((attribute) => [
                <code>{attribute.name}</code>,
                attribute.multiValued ? `${attribute.type}, several values` : attribute.type,
                attribute.description,
                <button type="button" class="small" onClick={() => setOpen({kind: 'remove', name: attribute.name})}>
                  Remove<span class="for-readers"> {attribute.name}</span>
                </button>,
              ])}
            />
            <button type="button" disabled={attributes.length >= most} onClick={() => setOpen({kind: 'declare'})}>
              Declare attribute
            </button>
          </>
        )}
      </Show>
      {open?.kind === 'declare' && <Declare close={() => setOpen(null)} done={finish} />}
      {open?.kind === 'remove' && <Remove name={open.name} close={() => setOpen(null)} done={finish} />}
    </>
  );
}

const types = ['string', 'boolean', 'integer', 'decimal', 'dateTime', 'reference'];

function Declare({close, done}: {close: () => void; done: (words: string) => void}) {
  const [name, setName] = useState('');
  const [type, setType] = useState('string');
  const [multiValued, setMultiValued] = useState(false);
  const [description, setDescription] = useState('');
  const {busy, error, run} = useAction();
  const declare = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await send('POST', 'provisioning/attributes', {name, type, multiValued, description});
      done(`The attribute “${name}” is declared. Map it in your directory now.`);
    });
  };
  return (
    <Dialog title="Declare an attribute" close={close}>
      <form onSubmit={declare}>
        <label class="field">
          Name
          <input value={name} required maxLength={100} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
          <span class="hint">A letter, then letters, digits, - and _. For example badgeNumber.</span>
        </label>
        <label class="field">
          Type
          <select value={type} onChange={(event) => setType(event.currentTarget.value)}>
            {types.map((known) => (
              <option value={known}>{known}</option>
            ))}
          </select>
        </label>
        <label class="choice">
          <input type="checkbox" checked={multiValued} onChange={(event) => setMultiValued(event.currentTarget.checked)} />
          <span>Can have several values</span>
        </label>
        <label class="field">
          Description
          <input value={description} maxLength={500} onInput={(event) => setDescription(event.currentTarget.value)} />
        </label>
        {error && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="primary" disabled={busy}>
            {busy ? 'Working…' : 'Declare'}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Remove({name, close, done}: {name: string; close: () => void; done: (words: string) => void}) {
  const {busy, error, run} = useAction();
  const remove = () =>
    void run(async () => {
      await send('DELETE', `provisioning/attributes/${encodeURIComponent(name)}`);
      done(`The attribute “${name}” is removed.`);
    });
  return (
    <Confirm title={`Remove “${name}”?`} yes="Remove attribute" tone="danger" busy={busy} error={error} close={close} act={remove}>
      <p>
        It goes from the schema that your directory reads; mappings to it fail there from then on. Remove the mapping in
        your directory first.
      </p>
      <p>
        Values that employees have stay until your directory writes them again. You can undo it by declaring the attribute
        anew.
      </p>
    </Confirm>
  );
}
