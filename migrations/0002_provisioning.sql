-- Provisioning: what a company's directory service (SCIM) creates, changes and removes, and the record of it.

-- Absent until an administrator chooses something else than the defaults of directory/provisioning_settings.h.
CREATE TABLE provisioning_settings (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  department_source TEXT NOT NULL CHECK (department_source IN ('default', 'match', 'create')),
  brake_count INTEGER NOT NULL CHECK (brake_count >= 1),
  brake_percent INTEGER NOT NULL CHECK (brake_percent BETWEEN 0 AND 100),
  log_days INTEGER NOT NULL CHECK (log_days BETWEEN 1 AND 400),
  log_personal_data INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX provisioning_settings_account ON provisioning_settings (account_id);

-- `attributes` is the JSON object of what SCIM sent and no column of its own holds. `version` grows with each change of
-- the employee. From `provisioned_at` on the employee is the directory's. `deletion_held_at`: the directory deleted the
-- employee while the brake was on. `rights_void`: rights that came from a group ended with a deactivation, and no group
-- gives them back.
ALTER TABLE employees ADD COLUMN attributes TEXT NOT NULL DEFAULT '';
ALTER TABLE employees ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE employees ADD COLUMN provisioned_at INTEGER;
ALTER TABLE employees ADD COLUMN deletion_held_at INTEGER CHECK (deletion_held_at IS NULL OR active = 0);
ALTER TABLE employees ADD COLUMN administrator_group_id INTEGER;
ALTER TABLE employees ADD COLUMN rights_void INTEGER NOT NULL DEFAULT 0;
CREATE INDEX employees_deletion_held ON employees (account_id, id) WHERE deletion_held_at IS NOT NULL;
CREATE INDEX employees_administrator_group ON employees (account_id, administrator_group_id)
  WHERE administrator_group_id IS NOT NULL;

-- How many rows of employees the account has: to count a million of them takes longer than to answer a page.
ALTER TABLE accounts ADD COLUMN employee_total INTEGER NOT NULL DEFAULT 0;
UPDATE accounts SET employee_total = (SELECT count(*) FROM employees WHERE employees.account_id = accounts.id);

-- The addresses that an employee has besides employees.email.
CREATE TABLE employee_emails (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  employee_id INTEGER NOT NULL,
  email_key TEXT NOT NULL,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX employee_emails_key ON employee_emails (account_id, email_key, employee_id);
CREATE UNIQUE INDEX employee_emails_employee ON employee_emails (account_id, employee_id, email_key);

-- Who was deleted: public ids are never used again, and the audit can still say a name.
CREATE TABLE deleted_employees (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  object_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  deleted_at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_name TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX deleted_employees_public_id ON deleted_employees (account_id, public_id);

CREATE TABLE directory_groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  display_name_key TEXT NOT NULL,
  external_id TEXT NOT NULL DEFAULT '',
  external_id_key TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  grants_administrator INTEGER NOT NULL DEFAULT 0,
  department_id INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, department_id) REFERENCES departments (account_id, id)
) STRICT;
CREATE UNIQUE INDEX directory_groups_id ON directory_groups (account_id, id);
CREATE UNIQUE INDEX directory_groups_public_id ON directory_groups (account_id, public_id);
CREATE INDEX directory_groups_display_name ON directory_groups (account_id, display_name_key);
CREATE INDEX directory_groups_external_id ON directory_groups (account_id, external_id_key) WHERE external_id_key <> '';
CREATE INDEX directory_groups_department ON directory_groups (account_id, department_id);

CREATE TABLE group_members (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  employee_id INTEGER NOT NULL,
  FOREIGN KEY (account_id, group_id) REFERENCES directory_groups (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX group_members_member ON group_members (account_id, group_id, employee_id);
CREATE UNIQUE INDEX group_members_position ON group_members (account_id, group_id, id);
CREATE INDEX group_members_employee ON group_members (account_id, employee_id, group_id);

CREATE TABLE provisioning_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('full', 'users', 'groups', 'read')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  last_used_address TEXT NOT NULL DEFAULT '',
  revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX provisioning_tokens_hash ON provisioning_tokens (account_id, token_hash);
CREATE UNIQUE INDEX provisioning_tokens_public_id ON provisioning_tokens (account_id, public_id);

-- A department by its name alone, wherever it is in the tree.
CREATE INDEX departments_any_place ON departments (account_id, name_key, id);

-- The checks of tables that each operation writes are spelled out: for IN with three values or more SQLite fills a
-- temporary table at each write.

-- Departures that the directory caused. `number` counts them within the account, so that the departures of an hour are
-- the difference of two numbers; accounts.departures is the last one given. `employee_total` is how many employees
-- there were at `counted_at`, which is the time of this departure or of one within the hour before. `was_active` says
-- whether access ended with it, and so whether undoing the departure gives access back.
ALTER TABLE accounts ADD COLUMN departures INTEGER NOT NULL DEFAULT 0;
CREATE TABLE departures (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  employee TEXT NOT NULL,
  user_name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind = 'deactivated' OR kind = 'deleted' OR kind = 'deletion-held'),
  was_active INTEGER NOT NULL,
  employee_total INTEGER NOT NULL,
  counted_at INTEGER NOT NULL,
  batch_id INTEGER,
  undone_at INTEGER
) STRICT;
CREATE UNIQUE INDEX departures_number ON departures (account_id, number);
CREATE INDEX departures_at ON departures (account_id, at, number);
CREATE INDEX departures_employee ON departures (account_id, employee, id);
CREATE INDEX departures_batch ON departures (account_id, batch_id, id) WHERE batch_id IS NOT NULL;

-- `last_number` is the account's last departure when the batch was closed: what comes after it counts anew.
CREATE TABLE departure_batches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'restored', 'confirmed')),
  cause TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  closed_by TEXT NOT NULL DEFAULT '',
  last_number INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX departure_batches_id ON departure_batches (account_id, id);
CREATE UNIQUE INDEX departure_batches_public_id ON departure_batches (account_id, public_id);
CREATE UNIQUE INDEX departure_batches_open ON departure_batches (account_id) WHERE state = 'open';

-- Attributes that the account's administrator declared for its own SCIM extension schema.
CREATE TABLE custom_attributes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('string', 'boolean', 'integer', 'decimal', 'dateTime', 'reference')),
  multi_valued INTEGER NOT NULL,
  description TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX custom_attributes_name ON custom_attributes (account_id, name_key);

CREATE TABLE provisioning_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  token_name TEXT NOT NULL,
  client_address TEXT NOT NULL,
  request_id TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  status INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome = 'read' OR outcome = 'unchanged' OR outcome = 'changed' OR outcome = 'failed'),
  summary TEXT NOT NULL,
  subject TEXT NOT NULL,
  changes TEXT NOT NULL,
  request_body TEXT NOT NULL,
  response_body TEXT NOT NULL,
  duration_micros INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX provisioning_log_id ON provisioning_log (account_id, id);
CREATE INDEX provisioning_log_at ON provisioning_log (account_id, at, outcome);
CREATE INDEX provisioning_log_subject ON provisioning_log (account_id, subject, id) WHERE subject <> '';
CREATE INDEX provisioning_log_outcome ON provisioning_log (account_id, outcome, id);
