-- Links by which an administrator lets a colleague do the setup. One is opened once, in one browser, whose cookie is
-- `session_hash` from then on. `creator` is no foreign key: a link ends with its maker, and what it was stays to be seen.

CREATE TABLE setup_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  session_hash BLOB,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  creator INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  opened_at INTEGER,
  opened_from TEXT NOT NULL DEFAULT '',
  ended_at INTEGER,
  end_reason TEXT NOT NULL DEFAULT '',
  ended_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX setup_links_public_id ON setup_links (account_id, public_id);
CREATE UNIQUE INDEX setup_links_token ON setup_links (account_id, token_hash);
CREATE UNIQUE INDEX setup_links_session ON setup_links (account_id, session_hash);
CREATE INDEX setup_links_creator ON setup_links (account_id, creator);

-- What was made by a setup link counts for nothing until an administrator has accepted it: by whom it was proposed, empty
-- for everything else.
ALTER TABLE connections ADD COLUMN proposed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE provisioning_tokens ADD COLUMN proposed_by TEXT NOT NULL DEFAULT '';
