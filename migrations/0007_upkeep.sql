-- What keeps a connection alive: its metadata is fetched again, certificates are missed before they end, and our own
-- keys change with an overlap.

-- How the last refresh of a connection's metadata went. `changes` has a sentence a line; `held` names the change that
-- waits for an administrator; `failing_since` is the first of the failures in a row, and `told_at` the mail about them.
CREATE TABLE metadata_refreshes (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  connection_id INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  at INTEGER,
  verdict TEXT NOT NULL CHECK (verdict IN ('none', 'unchanged', 'changed', 'held', 'failed')),
  changes TEXT NOT NULL DEFAULT '',
  problem TEXT NOT NULL DEFAULT '',
  held TEXT NOT NULL DEFAULT '',
  failing_since INTEGER,
  told_at INTEGER,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX metadata_refreshes_connection ON metadata_refreshes (account_id, connection_id);

-- Certificates that still count although the provider's metadata lists them no more.
CREATE TABLE withdrawn_certificates (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  connection_id INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  since INTEGER NOT NULL,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX withdrawn_certificates_fingerprint
  ON withdrawn_certificates (account_id, connection_id, fingerprint);

-- Who was told of a certificate's end is never told again: `days` before it.
CREATE TABLE certificate_notices (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  fingerprint TEXT NOT NULL,
  days INTEGER NOT NULL CHECK (days IN (60, 30, 7)),
  told_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX certificate_notices_once ON certificate_notices (account_id, fingerprint, days);

-- Since when another key has taken its place.
ALTER TABLE key_pairs ADD COLUMN retiring_since INTEGER;
