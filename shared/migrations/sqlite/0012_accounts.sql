-- Accounts, the sessions of those who signed in, API tokens, and what is remembered of failed sign-ins. No secret is here: passwords
-- are scrypt hashes, sessions and tokens SHA-256 hashes of 256 random bits.

-- AUTOINCREMENT, here and below: the id of a row that was deleted never comes back, in audit rows least of all.
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (name <> ''),
  -- The name as names are compared: in lower case and one Unicode form.
  name_key TEXT NOT NULL CHECK (name_key <> ''),
  -- On everything; NULL: only the grants count.
  role TEXT CHECK (role IN ('viewer', 'operator', 'editor', 'admin')),
  -- Roles by label: a JSON array of {label, role}.
  grants TEXT NOT NULL DEFAULT '[]' CHECK (json_type(grants) = 'array'),
  is_service INTEGER NOT NULL CHECK (is_service IN (0, 1)),
  is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)),
  -- As shared/access/passwords.ts writes it; NULL: no password lets this user in.
  password_hash TEXT CHECK (password_hash <> ''),
  -- By what an identity provider knows the user.
  issuer TEXT,
  subject TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((issuer IS NULL) = (subject IS NULL)),
  CHECK (is_service = 0 OR (password_hash IS NULL AND subject IS NULL))
) STRICT;
CREATE UNIQUE INDEX users_by_name ON users (name_key);
CREATE UNIQUE INDEX users_by_subject ON users (issuer, subject) WHERE subject IS NOT NULL;
CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND is_service = 0 AND is_disabled = 0;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  secret_hash TEXT NOT NULL CHECK (length(secret_hash) = 64),
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  method TEXT NOT NULL CHECK (method IN ('password', 'local', 'proxy', 'oidc')),
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Written once a minute at most.
  last_seen_at INTEGER NOT NULL,
  -- When it ends in any case.
  expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_by_secret ON sessions (secret_hash);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_use ON sessions (last_seen_at);

CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash TEXT NOT NULL CHECK (length(token_hash) = 64),
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  -- The first characters of the token, by which people recognise it.
  prefix TEXT NOT NULL,
  -- Names of permissions: a JSON array.
  scopes TEXT NOT NULL CHECK (json_type(scopes) = 'array'),
  -- The labels of the jobs that it reaches: a JSON array; NULL: no such limit.
  labels TEXT CHECK (json_type(labels) = 'array'),
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  -- Written once a minute at most.
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX api_tokens_by_hash ON api_tokens (token_hash);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);

-- Counters of failed sign-ins. Their names are hashes: of an account, an address, a device, or two of them.
CREATE TABLE guess_counters (
  name TEXT PRIMARY KEY CHECK (length(name) = 64),
  failures REAL NOT NULL CHECK (failures >= 0),
  failed_at INTEGER,
  succeeded_at INTEGER,
  -- From then on the row says nothing that no row would not say.
  keep_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guess_counters_by_age ON guess_counters (keep_until);
