-- What the list of jobs is sorted by, beside names and next runs: what fails, the latest to begin first, and what its schedule
-- started last.
CREATE INDEX failing_jobs_by_age ON failing_jobs (since, job_id);
CREATE INDEX scheduled_jobs_by_last_dispatch ON scheduled_jobs (last_dispatched_at, id) WHERE deleted_at IS NULL;

-- Changes of many jobs at once, each in small transactions: what was asked for, and how far it has come. A portal that dies leaves the
-- jobs that are not settled yet, so that somebody can let it go on.
CREATE TABLE bulk_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Who asked: `user/<id>`, or the kind of an actor without an account. They alone see it.
  owner TEXT NOT NULL,
  -- The same key of the same owner asks once.
  idempotency_key TEXT NOT NULL,
  change TEXT NOT NULL CHECK (json_type(change) = 'object'),
  created_at INTEGER NOT NULL,
  -- When it last came forward.
  touched_at INTEGER NOT NULL,
  -- NULL: some jobs are not settled.
  finished_at INTEGER,
  total INTEGER NOT NULL CHECK (total >= 0),
  done INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX bulk_changes_by_key ON bulk_changes (owner, idempotency_key);

CREATE TABLE bulk_jobs (
  bulk_id INTEGER NOT NULL REFERENCES bulk_changes (id) ON DELETE CASCADE,
  job_id INTEGER NOT NULL,
  job_name TEXT NOT NULL,
  -- NULL: not settled.
  outcome TEXT CHECK (outcome IN ('done', 'refused')),
  -- Why it was refused, or what there was to say.
  message TEXT,
  run_id INTEGER,
  PRIMARY KEY (bulk_id, job_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_jobs_open ON bulk_jobs (bulk_id, job_id) WHERE outcome IS NULL;
CREATE INDEX bulk_jobs_refused ON bulk_jobs (bulk_id, job_id) WHERE outcome = 'refused';

-- Filters of lists that people keep under a name.
CREATE TABLE saved_views (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- As in bulk_changes.
  owner TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  -- The query of the list's address.
  query TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX saved_views_by_name ON saved_views (owner, name);
