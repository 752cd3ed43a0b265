-- The audit list: who changed what, when and from where. Rows are appended in the transactions of the changes; nothing changes one,
-- and only the retention deletes, from the beginning. Ids are consecutive. No row refers to another table: it outlives what it names.
CREATE TABLE audit_events (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  -- NULL: nobody who was known.
  actor_kind TEXT CHECK (actor_kind IN ('user', 'token', 'local', 'cli', 'service')),
  actor_name TEXT,
  user_id INTEGER,
  token_id INTEGER,
  address TEXT,
  request_id TEXT,
  action TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id INTEGER,
  subject_name TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
  -- Why it was denied, or how it failed.
  reason TEXT,
  -- What was changed, as JSON, byte for byte as it was hashed.
  before TEXT,
  after TEXT,
  -- SHA-256, in hexadecimal: of the event before, and of this one with the hash before.
  previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64),
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
CREATE INDEX audit_events_by_actor ON audit_events (actor_name, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);
CREATE INDEX audit_events_by_subject ON audit_events (subject_kind, subject_id, id);
-- Few, and counted before one more is written.
CREATE INDEX audit_events_refused ON audit_events (at) WHERE outcome <> 'done';

-- Both ends of the chain, in one row: what the first event that is kept follows, and the last event.
CREATE TABLE audit_chain (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  first_id INTEGER NOT NULL,
  first_hash TEXT NOT NULL,
  last_id INTEGER NOT NULL,
  last_hash TEXT NOT NULL
) STRICT;
