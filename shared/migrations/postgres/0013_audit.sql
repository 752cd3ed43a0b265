-- The audit list: who changed what, when and from where. Rows are appended in the transactions of the changes; nothing changes one,
-- and only the retention deletes, from the beginning. Ids are consecutive. No row refers to another table: it outlives what it names.
CREATE TABLE audit_events (
  id bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  -- NULL: nobody who was known.
  actor_kind text CHECK (actor_kind IN ('user', 'token', 'local', 'cli', 'service')),
  actor_name text,
  user_id bigint,
  token_id bigint,
  address text,
  request_id text,
  action text NOT NULL,
  subject_kind text NOT NULL,
  subject_id bigint,
  subject_name text,
  outcome text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
  -- Why it was denied, or how it failed.
  reason text,
  -- What was changed, as JSON, byte for byte as it was hashed.
  before text,
  after text,
  -- SHA-256, in hexadecimal: of the event before, and of this one with the hash before.
  previous_hash text NOT NULL CHECK (length(previous_hash) = 64),
  hash text NOT NULL CHECK (length(hash) = 64)
);
CREATE INDEX audit_events_by_actor ON audit_events (actor_name, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);
CREATE INDEX audit_events_by_subject ON audit_events (subject_kind, subject_id, id);
-- Few, and counted before one more is written.
CREATE INDEX audit_events_refused ON audit_events (at) WHERE outcome <> 'done';

-- Both ends of the chain, in one row: what the first event that is kept follows, and the last event. Whoever appends holds this row
-- until their transaction ends, and takes it after all other locks.
CREATE TABLE audit_chain (
  one integer PRIMARY KEY CHECK (one = 1),
  first_id bigint NOT NULL,
  first_hash text NOT NULL,
  last_id bigint NOT NULL,
  last_hash text NOT NULL
);
