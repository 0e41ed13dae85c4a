-- Accounts, their people, their identity providers, and what a sign-in leaves behind.
--
-- Times are milliseconds since 1970, booleans 0 or 1. A `…_key` column holds the case-folded text by which values are
-- compared. All of an account's data leads with account_id, in every index and every foreign key, so that an account
-- is one shard and no row can point into another account. Global tables: accounts, domains.

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  slug TEXT NOT NULL,
  plan TEXT NOT NULL CHECK (plan IN ('free', 'enterprise')),
  sso_enforced_at INTEGER CHECK (sso_enforced_at IS NULL OR plan = 'enterprise'),
  provision_at_sign_in INTEGER NOT NULL DEFAULT 0,
  parent_id INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
  setup_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX accounts_public_id ON accounts (public_id);
CREATE UNIQUE INDEX accounts_name_key ON accounts (name_key);
CREATE UNIQUE INDEX accounts_slug ON accounts (slug);
CREATE INDEX accounts_parent ON accounts (parent_id);

CREATE TABLE departments (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  parent_id INTEGER,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  is_default INTEGER NOT NULL DEFAULT 0,
  FOREIGN KEY (account_id, parent_id) REFERENCES departments (account_id, id)
) STRICT;
CREATE UNIQUE INDEX departments_id ON departments (account_id, id);
CREATE UNIQUE INDEX departments_public_id ON departments (account_id, public_id);
CREATE UNIQUE INDEX departments_name ON departments (account_id, COALESCE(parent_id, 0), name_key);
CREATE UNIQUE INDEX departments_default ON departments (account_id) WHERE is_default = 1;
CREATE INDEX departments_parent ON departments (account_id, parent_id);

CREATE TABLE employees (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  user_name_key TEXT NOT NULL,
  email TEXT NOT NULL DEFAULT '',
  email_key TEXT NOT NULL DEFAULT '',
  given_name TEXT NOT NULL DEFAULT '',
  family_name TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL DEFAULT '',
  object_id TEXT NOT NULL DEFAULT '',
  object_id_key TEXT NOT NULL DEFAULT '',
  external_id TEXT NOT NULL DEFAULT '',
  external_id_key TEXT NOT NULL DEFAULT '',
  active INTEGER NOT NULL,
  administrator INTEGER NOT NULL CHECK (active = 1 OR administrator = 0),
  password_hash TEXT,
  origin TEXT NOT NULL CHECK (origin IN ('manual', 'directory', 'sign-in')),
  department_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, department_id) REFERENCES departments (account_id, id)
) STRICT;
CREATE UNIQUE INDEX employees_id ON employees (account_id, id);
CREATE UNIQUE INDEX employees_public_id ON employees (account_id, public_id);
CREATE UNIQUE INDEX employees_user_name ON employees (account_id, user_name_key);
CREATE INDEX employees_email ON employees (account_id, email_key) WHERE email_key <> '';
CREATE INDEX employees_object_id ON employees (account_id, object_id_key) WHERE object_id_key <> '';
CREATE INDEX employees_external_id ON employees (account_id, external_id_key) WHERE external_id_key <> '';
CREATE INDEX employees_administrator ON employees (account_id) WHERE administrator = 1;
CREATE INDEX employees_department ON employees (account_id, department_id);

CREATE TABLE connections (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1,
  entity_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL DEFAULT '',
  unsolicited TEXT NOT NULL CHECK (unsolicited IN ('bounce', 'accept', 'reject')),
  clock_skew_seconds INTEGER NOT NULL CHECK (clock_skew_seconds BETWEEN 0 AND 300),
  allow_sha1 INTEGER NOT NULL,
  require_signed_response INTEGER NOT NULL,
  sign_requests INTEGER NOT NULL,
  force_authn INTEGER NOT NULL,
  metadata_url TEXT NOT NULL DEFAULT '',
  metadata_document BLOB,
  metadata_etag TEXT NOT NULL DEFAULT '',
  metadata_fetched_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX connections_id ON connections (account_id, id);
CREATE UNIQUE INDEX connections_public_id ON connections (account_id, public_id);
CREATE UNIQUE INDEX connections_name ON connections (account_id, name_key);
CREATE UNIQUE INDEX connections_entity_id ON connections (account_id, entity_id);

CREATE TABLE connection_endpoints (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  connection_id INTEGER NOT NULL,
  service TEXT NOT NULL CHECK (service IN ('sign-on', 'logout')),
  position INTEGER NOT NULL,
  binding TEXT NOT NULL CHECK (binding IN ('redirect', 'post')),
  url TEXT NOT NULL,
  response_url TEXT NOT NULL,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX connection_endpoints_position
  ON connection_endpoints (account_id, connection_id, service, position);

CREATE TABLE connection_certificates (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  connection_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  der BLOB NOT NULL,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX connection_certificates_position
  ON connection_certificates (account_id, connection_id, position);

CREATE TABLE domains (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  proof TEXT NOT NULL CHECK (proof IN ('dns', 'support')),
  connection_id INTEGER,
  added_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id)
) STRICT;
CREATE UNIQUE INDEX domains_name ON domains (name);
CREATE INDEX domains_account ON domains (account_id, name);
CREATE INDEX domains_connection ON domains (account_id, connection_id);

CREATE TABLE key_pairs (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  connection_id INTEGER,
  purpose TEXT NOT NULL CHECK (purpose IN ('signing', 'encryption')),
  state TEXT NOT NULL CHECK (state IN ('next', 'current', 'retiring')),
  certificate BLOB NOT NULL,
  sealed_private_key BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX key_pairs_id ON key_pairs (account_id, id);
CREATE UNIQUE INDEX key_pairs_public_id ON key_pairs (account_id, public_id);
CREATE UNIQUE INDEX key_pairs_state ON key_pairs (account_id, COALESCE(connection_id, 0), purpose, state)
  WHERE state <> 'retiring';
CREATE INDEX key_pairs_connection ON key_pairs (account_id, connection_id);

CREATE TABLE identity_links (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  connection_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('objectidentifier', 'nameid')),
  value TEXT NOT NULL,
  employee_id INTEGER NOT NULL,
  linked_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX identity_links_value ON identity_links (account_id, connection_id, kind, value);
CREATE UNIQUE INDEX identity_links_employee ON identity_links (account_id, employee_id, connection_id, kind);

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  public_id TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  employee_id INTEGER NOT NULL,
  method TEXT NOT NULL CHECK (method IN ('saml', 'password')),
  connection_id INTEGER,
  name_id TEXT NOT NULL DEFAULT '',
  name_id_format TEXT NOT NULL DEFAULT '',
  session_index TEXT NOT NULL DEFAULT '',
  client_address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  idle_expires_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX sessions_token ON sessions (account_id, token_hash);
CREATE INDEX sessions_employee ON sessions (account_id, employee_id);
CREATE INDEX sessions_provider ON sessions (account_id, connection_id, name_id) WHERE connection_id IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (account_id, idle_expires_at);

CREATE TABLE consumed_keys (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  key_hash BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX consumed_keys_hash ON consumed_keys (account_id, kind, key_hash);
CREATE INDEX consumed_keys_expiry ON consumed_keys (account_id, expires_at);

CREATE TABLE sign_in_attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  reference TEXT NOT NULL,
  at INTEGER NOT NULL,
  connection_id INTEGER,
  outcome TEXT NOT NULL CHECK (outcome IN ('success', 'refused', 'test')),
  finding TEXT NOT NULL,
  employee TEXT NOT NULL,
  report TEXT NOT NULL,
  client_address TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX sign_in_attempts_reference ON sign_in_attempts (account_id, reference);
CREATE UNIQUE INDEX sign_in_attempts_id ON sign_in_attempts (account_id, id);
CREATE INDEX sign_in_attempts_at ON sign_in_attempts (account_id, at);

CREATE TABLE password_attempts (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  subject TEXT NOT NULL CHECK (subject IN ('user', 'address')),
  key_hash BLOB NOT NULL,
  failures INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX password_attempts_key ON password_attempts (account_id, subject, key_hash);
CREATE INDEX password_attempts_last ON password_attempts (account_id, last_at);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL CHECK (actor_kind IN ('support', 'administrator', 'employee', 'directory', 'system')),
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  details TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_id ON audit (account_id, id);

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_id ON events (account_id, id);
