// Adding and editing an employee: the same fields for both.
import {useId, useState} from 'preact/hooks';
import type {ComponentChildren} from 'preact';
import type {ApiError, Department, Employee, EmployeeDetails} from '../api';
import {get, send} from '../api';
import type {Edited} from '../edited';
import {ChangedMeanwhile, useEdited} from '../edited';
import {indented, linesOf, pathOf} from '../departments';
import {address} from '../location';
import {Done, Problem, Show, Title, useAction, useLoaded} from '../parts';
import {SendLink} from './send_link';

interface Fields {
  userName: string;
  email: string;
  givenName: string;
  familyName: string;
  displayName: string;
  /// Empty: the default department for somebody new.
  department: string;
}

const blank: Fields = {userName: '', email: '', givenName: '', familyName: '', displayName: '', department: ''};

interface Saved {
  employee: Employee;
  note: string;
}

/// The screen `employees/new`.
export function NewEmployee() {
  const [saved, setSaved] = useState<Saved | null>(null);
  return (
    <>
      <p>
        <a href={address('employees')}>All employees</a>
      </p>
      <Title>{saved ? `${saved.employee.displayName} is added` : 'Add an employee'}</Title>
      <Done>{saved?.note ?? ''}</Done>
      {saved ? (
        <>
          <SendLink employee={saved.employee} primary />
          <div class="buttons">
            <a class="button" href={address('employees', saved.employee.id)}>
              Open the employee
            </a>
            <button type="button" onClick={() => setSaved(null)}>
              Add another employee
            </button>
          </div>
        </>
      ) : (
        <EmployeeForm
          initial={{fields: blank, version: ''}}
          submit="Add employee"
          save={async (fields) => setSaved(await send<Saved>('POST', 'employees', bodyOf(fields)))}
        />
      )}
    </>
  );
}

export function EditEmployee(props: {employee: EmployeeDetails; saved: (note: string) => void; cancel: () => void}) {
  const {employee} = props;
  const path = `employees/${encodeURIComponent(employee.id)}`;
  const save = async (fields: Fields, version: string) => {
    const {note} = await send<Saved>('PUT', path, {...bodyOf(fields), version});
    props.saved(note);
  };
  return (
    <>
      {employee.provisionedAt !== null && (
        <p>Your directory manages this employee: its next change of a field overwrites what you enter there.</p>
      )}
      <EmployeeForm
        initial={editedOf(employee)}
        submit="Save changes"
        save={save}
        reload={async () => editedOf(await get<EmployeeDetails>(path))}
        cancel={props.cancel}
      />
    </>
  );
}

const editedOf = ({userName, email, givenName, familyName, ownDisplayName, department, version}: EmployeeDetails): Edited<Fields> => ({
  fields: {userName, email, givenName, familyName, displayName: ownDisplayName, department: department.id},
  version,
});

const bodyOf = (fields: Fields) => ({...fields, department: fields.department === '' ? null : fields.department});

/// The fields that a refusal is about; any other stands below the form.
const culprits: Record<string, keyof Fields> = {
  'directory.user_name_taken': 'userName',
  'api.no_user_name': 'email',
  'api.bad_email': 'email',
  'api.no_department': 'department',
};

const labels: Record<keyof Fields, string> = {
  email: 'E-mail address',
  userName: 'User name',
  givenName: 'Given name',
  familyName: 'Family name',
  displayName: 'Display name',
  department: 'Department',
};

/// `save` fails with an `ApiError`, which the form shows.
function EmployeeForm(props: {
  initial: Edited<Fields>;
  submit: string;
  save: (fields: Fields, version: string) => Promise<void>;
  reload?: () => Promise<Edited<Fields>>;
  cancel?: () => void;
}) {
  const {base, fields, setFields, news, save} = useEdited(props.initial, props.reload ?? (async () => props.initial));
  const {busy, error, run} = useAction();
  const [departments, retry] = useLoaded<{departments: Department[]}>('departments');
  const text = (name: keyof Fields) => ({
    value: fields[name],
    problem: problemOf(error, name),
    change: (value: string) => setFields((before) => ({...before, [name]: value})),
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void run(() => save(props.save));
  };
  const valueNow = (name: keyof Fields, all: Department[]) =>
    name === 'department' ? (all.find(({id}) => id === base.fields.department)?.name ?? '') : base.fields[name];
  // The server checks the fields, and its words tell more than the browser's.
  return (
    <form class="narrow" onSubmit={submit} noValidate>
      {news.length > 0 && (
        <ChangedMeanwhile
          what="this employee"
          values={news.map((name) => [labels[name], valueNow(name, departments.state === 'done' ? departments.value.departments : [])])}
        />
      )}
      <TextField label={labels.email} type="email" {...text('email')} />
      <TextField label={labels.userName} hint="Unique in your company. Left empty, it is the e-mail address." {...text('userName')} />
      <div class="pair">
        <TextField label={labels.givenName} {...text('givenName')} />
        <TextField label={labels.familyName} {...text('familyName')} />
      </div>
      <TextField label={labels.displayName} hint="Left empty, it is given and family name." {...text('displayName')} />
      <Show loaded={departments} retry={retry}>
        {(value) => <DepartmentField departments={value.departments} {...text('department')} />}
      </Show>
      {error && culprits[error.code] === undefined && <Problem error={error} />}
      <div class="buttons">
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Saving…' : props.submit}
        </button>
        {props.cancel && (
          <button type="button" onClick={props.cancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

const problemOf = (error: ApiError | null, name: keyof Fields) => (error && culprits[error.code] === name ? error.message : '');

interface FieldProps {
  value: string;
  problem: string;
  change: (value: string) => void;
}

function TextField(props: FieldProps & {label: string; hint?: string; type?: 'text' | 'email'}) {
  return (
    <Labelled label={props.label} hint={props.hint ?? ''} problem={props.problem}>
      {(attributes) => (
        <input
          {...attributes}
          type={props.type ?? 'text'}
          autocomplete="off"
          value={props.value}
          onInput={(event) => props.change(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

function DepartmentField(props: FieldProps & {departments: Department[]}) {
  const {departments} = props;
  const standard = departments.find((each) => each.default);
  const chosen = departments.find(({id}) => id === props.value) ?? standard;
  return (
    <Labelled label="Department" hint={chosen?.parent ? pathOf(chosen, departments) : ''} problem={props.problem}>
      {(attributes) => (
        <select
          {...attributes}
          value={props.value === '' ? (standard?.id ?? '') : props.value}
          onChange={(event) => props.change(event.currentTarget.value)}
        >
          {linesOf(departments).map((line) => (
            <option value={line.department.id}>
              {indented(line)}
              {line.department.default && ' (default)'}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/// A control with its label, a hint, and what the server refused about it, which screen readers say.
function Labelled(props: {
  label: string;
  hint: string;
  problem: string;
  children: (attributes: {id: string; 'aria-describedby': string; 'aria-invalid': boolean}) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({id, 'aria-describedby': `${id}-hint ${id}-problem`, 'aria-invalid': props.problem !== ''})}
      <span id={`${id}-hint`} class="hint">
        {props.hint}
      </span>
      <span id={`${id}-problem`} class="wrong" role="alert">
        {props.problem}
      </span>
    </div>
  );
}
