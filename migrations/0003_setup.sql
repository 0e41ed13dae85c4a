-- The setup of single sign-on: what an administrator said on the way; whatever can be seen elsewhere (connections,
-- tokens, domains, sign-ins) is not kept twice.

-- `provider` is empty until one is chosen.
CREATE TABLE setups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  provider TEXT NOT NULL DEFAULT '',
  started_at INTEGER NOT NULL,
  started_by TEXT NOT NULL,
  application_done_at INTEGER,
  provisioning_declined_at INTEGER,
  department_chosen_at INTEGER
) STRICT;
CREATE UNIQUE INDEX setups_account ON setups (account_id);

-- Employees outside the account's domains of whom an administrator said that they may lose access.
CREATE TABLE accepted_losses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  employee_id INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  accepted_by TEXT NOT NULL,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX accepted_losses_employee ON accepted_losses (account_id, employee_id);

-- `email_domain` is what directory::email_domain makes of the address, empty when it is none: people are counted by
-- domain without reading them.
ALTER TABLE employees ADD COLUMN email_domain TEXT NOT NULL DEFAULT '';
UPDATE employees
  SET email_domain = substr(email_key, length(rtrim(email_key, replace(email_key, '@', ''))) + 1)
  WHERE email_key LIKE '%_@%';
CREATE INDEX employees_email_domain ON employees (account_id, active, email_domain, user_name_key);

-- Domains that an account says are its own, until a TXT record proves it. Several accounts may claim one name; the
-- first to prove it has it. `finding` is what the last check found, empty before the first.
CREATE TABLE domain_claims (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  token TEXT NOT NULL,
  claimed_at INTEGER NOT NULL,
  claimed_by TEXT NOT NULL,
  checked_at INTEGER,
  finding TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX domain_claims_name ON domain_claims (account_id, name);

-- `administrator`: on a server for one company an administrator's word may be enough.
CREATE TABLE new_domains (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  proof TEXT NOT NULL CHECK (proof IN ('dns', 'support', 'administrator')),
  connection_id INTEGER,
  added_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id)
) STRICT;
INSERT INTO new_domains (id, account_id, name, proof, connection_id, added_at)
  SELECT id, account_id, name, proof, connection_id, added_at FROM domains;
DROP TABLE domains;
ALTER TABLE new_domains RENAME TO domains;
CREATE UNIQUE INDEX domains_name ON domains (name);
CREATE INDEX domains_account ON domains (account_id, name);
CREATE INDEX domains_connection ON domains (account_id, connection_id);

-- Since when the connection leads to the provider that it leads to: older sign-ins say nothing about it.
ALTER TABLE connections ADD COLUMN provider_since INTEGER NOT NULL DEFAULT 0;
UPDATE connections SET provider_since = created_at;

-- A test that an administrator follows in the console while somebody signs in by its link in another window.
-- `opened_at`: the link was followed; `reference`: the attempt that came of it.
CREATE TABLE test_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  public_id TEXT NOT NULL,
  connection_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  opened_at INTEGER,
  reference TEXT NOT NULL DEFAULT '',
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX test_runs_public_id ON test_runs (account_id, public_id);
CREATE INDEX test_runs_expiry ON test_runs (account_id, expires_at);
CREATE INDEX test_runs_connection ON test_runs (account_id, connection_id);

CREATE INDEX sign_in_attempts_test ON sign_in_attempts (account_id, connection_id, at)
  WHERE outcome = 'test' AND finding = '';
