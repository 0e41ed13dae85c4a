-- Mails that wait to be sent, and links that let somebody in once.

-- `emergency`: support's single-use link let an administrator in.
CREATE TABLE sessions_0006 (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  public_id TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  employee_id INTEGER NOT NULL,
  method TEXT NOT NULL CHECK (method IN ('saml', 'password', 'emergency')),
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
INSERT INTO sessions_0006
  SELECT id, account_id, public_id, token_hash, employee_id, method, connection_id, name_id, name_id_format,
    session_index, client_address, user_agent, created_at, last_seen_at, idle_expires_at, expires_at
  FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_0006 RENAME TO sessions;
CREATE UNIQUE INDEX sessions_token ON sessions (account_id, token_hash);
CREATE INDEX sessions_employee ON sessions (account_id, employee_id);
CREATE INDEX sessions_provider ON sessions (account_id, connection_id, name_id) WHERE connection_id IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (account_id, idle_expires_at);

-- One living link of each purpose for an employee; the new one takes the place of the old.
CREATE TABLE access_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  employee_id INTEGER NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'recovery', 'emergency')),
  token_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX access_links_token ON access_links (account_id, token_hash);
CREATE UNIQUE INDEX access_links_purpose ON access_links (account_id, employee_id, purpose);
CREATE INDEX access_links_expiry ON access_links (account_id, expires_at);

-- `subject` and `body` are what an administrator wrote or chose to say, empty where the letter is made when it is sent:
-- a link is never stored. `employee_id` is whom it is for.
CREATE TABLE mails (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  employee_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('invitation', 'recovery', 'instructions', 'notice')),
  subject TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  requested_by TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  last_problem TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX mails_due ON mails (account_id, due_at) WHERE state = 'waiting';
CREATE INDEX mails_employee ON mails (account_id, employee_id, kind, id);
CREATE INDEX mails_finished ON mails (account_id, finished_at) WHERE finished_at IS NOT NULL;
