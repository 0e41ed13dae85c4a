-- Applications that rely on Doorward: what they are, what employees granted them, and what they must be told.
-- Global tables, since an application may serve every account: applications, application_addresses,
-- application_secrets, signing_keys, authorization_requests. No foreign key leads from an account's rows to them:
-- an application that is deleted takes its account's rows along by statements, and what is left elsewhere is dead,
-- since every statement that lets somebody in joins the application.

-- Without an account: of all accounts, made by support. `kind`: a `web` application keeps a secret, a `public` one
-- cannot, a `service` acts for itself, a `proxy` asks for each request (forward-auth), `mobile` is the portal's own app.
-- `jwks` is the JWK Set of private_key_jwt, empty without.
CREATE TABLE applications (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id TEXT NOT NULL,
  account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('web', 'public', 'service', 'proxy', 'mobile')),
  active INTEGER NOT NULL DEFAULT 1,
  access TEXT NOT NULL CHECK (access IN ('everyone', 'administrators', 'chosen')),
  scope TEXT NOT NULL,
  asks_consent INTEGER NOT NULL DEFAULT 0,
  access_token_format TEXT NOT NULL CHECK (access_token_format IN ('opaque', 'jwt')),
  id_token_algorithm TEXT NOT NULL CHECK (id_token_algorithm IN ('RS256', 'ES256')),
  jwks TEXT NOT NULL DEFAULT '',
  backchannel_logout_uri TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX applications_client_id ON applications (client_id);
CREATE UNIQUE INDEX applications_name ON applications (COALESCE(account_id, 0), name_key);
CREATE INDEX applications_account ON applications (account_id);

-- The portal's own mobile app, for every account that sets it up.
INSERT INTO applications (client_id, name, name_key, kind, access, scope, access_token_format, id_token_algorithm,
  created_at, updated_at)
VALUES ('doorward-mobile', 'Mobile app', 'mobile app', 'mobile', 'everyone', 'openid profile email offline_access',
  'opaque', 'RS256', 0, 0);

-- `origin`: of a proxy's pages, as `https://wiki.contoso.example`; an origin belongs to one application.
CREATE TABLE application_addresses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  application_id INTEGER NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL CHECK (purpose IN ('redirect', 'post-logout', 'origin')),
  url TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX application_addresses_url ON application_addresses (application_id, purpose, url);
CREATE UNIQUE INDEX application_addresses_origin ON application_addresses (url) WHERE purpose = 'origin';

CREATE TABLE application_secrets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  application_id INTEGER NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX application_secrets_application ON application_secrets (application_id);

-- Who may use an application whose access is `chosen`: whoever fits one of these, a department standing for those
-- below it as well. Without any, nobody.
CREATE TABLE application_rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  application_id INTEGER NOT NULL,
  department_id INTEGER,
  group_id INTEGER,
  CHECK ((department_id IS NULL) <> (group_id IS NULL)),
  FOREIGN KEY (account_id, department_id) REFERENCES departments (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, group_id) REFERENCES directory_groups (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX application_rules_rule
  ON application_rules (account_id, application_id, COALESCE(department_id, 0), COALESCE(group_id, 0));
CREATE INDEX application_rules_department ON application_rules (account_id, department_id);
CREATE INDEX application_rules_group ON application_rules (account_id, group_id);

-- What an application was given, and for whom: the tokens hang on it, and end with it. `session_id` is the browser
-- session it ends with; `sid` names that session to the application even after it is gone.
CREATE TABLE grants (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  application_id INTEGER NOT NULL,
  employee_id INTEGER,
  session_id INTEGER,
  sid TEXT NOT NULL DEFAULT '',
  scope TEXT NOT NULL,
  signed_in_at INTEGER NOT NULL,
  device TEXT NOT NULL DEFAULT '',
  client_address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX grants_id ON grants (account_id, id);
CREATE UNIQUE INDEX grants_public_id ON grants (account_id, public_id);
CREATE INDEX grants_employee ON grants (account_id, employee_id, last_used_at);
CREATE INDEX grants_session ON grants (account_id, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX grants_application ON grants (account_id, application_id, last_used_at);
CREATE INDEX grants_expiry ON grants (account_id, expires_at);

-- `predecessor_id`: of a refresh token, the one it was given for. `used_at`: of a code or refresh token, when it was exchanged; shown again after that, it ends the grant.
CREATE TABLE grant_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  grant_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('code', 'access', 'refresh', 'proxy')),
  token_hash BLOB NOT NULL,
  scope TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  predecessor_id INTEGER,
  redirect_uri TEXT NOT NULL DEFAULT '',
  code_challenge TEXT NOT NULL DEFAULT '',
  nonce TEXT NOT NULL DEFAULT '',
  FOREIGN KEY (account_id, grant_id) REFERENCES grants (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX grant_tokens_hash ON grant_tokens (account_id, token_hash);
CREATE INDEX grant_tokens_grant ON grant_tokens (account_id, grant_id);
CREATE INDEX grant_tokens_predecessor ON grant_tokens (account_id, predecessor_id) WHERE predecessor_id IS NOT NULL;
CREATE INDEX grant_tokens_expiry ON grant_tokens (account_id, expires_at);

CREATE TABLE consents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  employee_id INTEGER NOT NULL,
  application_id INTEGER NOT NULL,
  scope TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX consents_application ON consents (account_id, employee_id, application_id);

-- Keys that ID tokens and logout tokens are signed with. `since` is when the state began.
CREATE TABLE signing_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key_id TEXT NOT NULL,
  algorithm TEXT NOT NULL CHECK (algorithm IN ('RS256', 'ES256')),
  state TEXT NOT NULL CHECK (state IN ('next', 'current', 'retiring')),
  public_key BLOB NOT NULL,
  sealed_private_key BLOB NOT NULL,
  since INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX signing_keys_key_id ON signing_keys (key_id);
CREATE UNIQUE INDEX signing_keys_state ON signing_keys (algorithm, state) WHERE state <> 'retiring';

-- Authorization requests that wait: pushed ones (RFC 9126), and those whose employee has to sign in first.
CREATE TABLE authorization_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  reference_hash BLOB NOT NULL,
  application_id INTEGER NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
  parameters TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX authorization_requests_reference ON authorization_requests (reference_hash);
CREATE INDEX authorization_requests_application ON authorization_requests (application_id);
CREATE INDEX authorization_requests_expiry ON authorization_requests (expires_at);

-- `event_types` holds names with a space between; empty for all of them.
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  url TEXT NOT NULL,
  event_types TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  active INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX webhooks_id ON webhooks (account_id, id);
CREATE UNIQUE INDEX webhooks_public_id ON webhooks (account_id, public_id);

-- What somebody must be told, until they were told or it was given up: an event to a webhook, or to an application that
-- an employee is signed out. `event_id` of the latter is the departure that caused it, if one did.
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_id TEXT NOT NULL,
  webhook_id INTEGER,
  event_id INTEGER,
  application_id INTEGER,
  subject TEXT NOT NULL DEFAULT '',
  sid TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  last_at INTEGER,
  last_status INTEGER NOT NULL DEFAULT 0,
  last_problem TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  CHECK ((webhook_id IS NULL) <> (application_id IS NULL)),
  CHECK (webhook_id IS NULL OR event_id IS NOT NULL),
  FOREIGN KEY (account_id, webhook_id) REFERENCES webhooks (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, event_id) REFERENCES events (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX deliveries_public_id ON deliveries (account_id, public_id);
-- By whom it is for: an account has few of those, however much waits.
CREATE INDEX deliveries_due ON deliveries (account_id, COALESCE(webhook_id, -application_id), due_at)
  WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON deliveries (account_id, webhook_id) WHERE state = 'dead';
CREATE INDEX deliveries_logouts ON deliveries (account_id, subject) WHERE application_id IS NOT NULL;
CREATE INDEX deliveries_webhook ON deliveries (account_id, webhook_id, id) WHERE webhook_id IS NOT NULL;
CREATE INDEX deliveries_event ON deliveries (account_id, event_id) WHERE event_id IS NOT NULL;
CREATE INDEX deliveries_finished ON deliveries (account_id, state, finished_at) WHERE finished_at IS NOT NULL;

-- Sign-in of the portal's own mobile app: the application at the provider that the app signs employees in with.
-- `android_redirects` holds one redirect URI for each of the configured signature hashes, with a space between.
CREATE TABLE mobile_setups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  connection_id INTEGER NOT NULL,
  client_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  authority TEXT NOT NULL,
  ios_redirect TEXT NOT NULL DEFAULT '',
  android_redirects TEXT NOT NULL DEFAULT '',
  saved_at INTEGER NOT NULL,
  saved_by TEXT NOT NULL,
  FOREIGN KEY (account_id, connection_id) REFERENCES connections (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX mobile_setups_account ON mobile_setups (account_id);
CREATE INDEX mobile_setups_connection ON mobile_setups (account_id, connection_id);
