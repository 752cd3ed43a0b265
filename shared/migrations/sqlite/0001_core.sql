-- The core: jobs, their dispatches, what those wrote, and the workers.
--
-- Forward only: once released, this file is never edited; a change is a new file.
-- Instants are INTEGER milliseconds since 1970-01-01T00:00:00Z. JSON columns are checked to be JSON of the right kind here
-- and parsed by the store. What a CHECK rules out cannot be written by any program, ours or another.
--
-- Indexes named *_waiting, *_running, *_unfinished and *_due are partial and hold live rows only: however much history
-- there is, a claim or a due scan reads what is live and nothing else. A query uses one when it repeats its WHERE.

-- Which steps of the schema this database has. A name that a program does not know means: made by a newer version.
CREATE TABLE schema_migrations (
  name TEXT PRIMARY KEY,
  applied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What services agree on at run time. `value` is JSON.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- The last lease epoch given out, in one row. Each claim takes the next, so that none ever comes back.
CREATE TABLE lease_epoch (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  last INTEGER NOT NULL
) STRICT;
INSERT INTO lease_epoch (only, last) VALUES (1, 0);

CREATE TABLE scheduled_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (name <> ''),
  script_path TEXT NOT NULL CHECK (script_path <> ''),
  script_args TEXT NOT NULL CHECK (json_type(script_args) = 'array'),
  schedule TEXT NOT NULL CHECK (json_type(schedule) = 'object'),
  timezone TEXT NOT NULL CHECK (timezone <> ''),
  policies TEXT NOT NULL CHECK (json_type(policies) = 'object'),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  paused_note TEXT,
  next_run INTEGER,
  last_dispatched_at INTEGER,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Set when the job is deleted. The row stays as long as its runs do, which show its name.
  deleted_at INTEGER,
  -- Name and script path in lower case, by which lists are sorted and searched.
  search_key TEXT NOT NULL,
  CHECK (next_run IS NULL OR is_active = 1),
  CHECK (paused_note IS NULL OR is_active = 0),
  CHECK (deleted_at IS NULL OR is_active = 0)
) STRICT;

CREATE INDEX scheduled_jobs_due ON scheduled_jobs (next_run, id)
  WHERE is_active = 1 AND next_run IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX scheduled_jobs_by_name ON scheduled_jobs (search_key, id) WHERE deleted_at IS NULL;
CREATE INDEX scheduled_jobs_by_next_run ON scheduled_jobs (next_run IS NULL, next_run, id) WHERE deleted_at IS NULL;
CREATE INDEX scheduled_jobs_deleted ON scheduled_jobs (deleted_at) WHERE deleted_at IS NOT NULL;

-- One row for each attempt of each occurrence.
CREATE TABLE job_dispatch (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id INTEGER NOT NULL REFERENCES scheduled_jobs (id),
  -- The nominal time: what the schedule said, or when a run was asked for.
  scheduled_for INTEGER NOT NULL,
  trigger TEXT NOT NULL CHECK (trigger IN ('schedule', 'manual', 'api', 'retry', 'backfill', 'chain')),
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'TIMEOUT', 'CANCELLED')),
  retry_count INTEGER NOT NULL CHECK (retry_count >= 0),
  -- The first attempt of the occurrence; of a first attempt, its own id.
  root_id INTEGER NOT NULL REFERENCES job_dispatch (id),
  -- Not claimed before.
  available_at INTEGER NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  -- JSON array in place of the job's arguments; NULL: the job's.
  args TEXT CHECK (args IS NULL OR json_type(args) = 'array'),
  idempotency_key TEXT,
  worker_id TEXT,
  lease_epoch INTEGER,
  lease_until INTEGER,
  claimed_at INTEGER,
  started_at INTEGER,
  -- When the script must have ended. Known while it runs.
  timeout_at INTEGER,
  completed_at INTEGER,
  exit_code INTEGER,
  signal TEXT,
  error_message TEXT,
  cancel_requested_at INTEGER,
  job_revision INTEGER NOT NULL,
  correlation_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- A first attempt is its own root, a retry is not.
  CHECK ((retry_count = 0) = (root_id = id)),
  -- A lease exists exactly while an attempt is IN_PROGRESS, and somebody holds it.
  CHECK ((status = 'IN_PROGRESS') = (lease_epoch IS NOT NULL)),
  CHECK ((status = 'IN_PROGRESS') = (lease_until IS NOT NULL)),
  CHECK (status <> 'IN_PROGRESS' OR (worker_id IS NOT NULL AND claimed_at IS NOT NULL)),
  CHECK ((worker_id IS NULL) = (claimed_at IS NULL)),
  -- What waits carries nothing of an earlier claim.
  CHECK (status <> 'PENDING' OR (worker_id IS NULL AND cancel_requested_at IS NULL)),
  CHECK (started_at IS NULL OR claimed_at IS NOT NULL),
  CHECK ((timeout_at IS NOT NULL) = (status = 'IN_PROGRESS' AND started_at IS NOT NULL)),
  -- An attempt has ended exactly when it is in a final state.
  CHECK ((completed_at IS NULL) = (status IN ('PENDING', 'IN_PROGRESS'))),
  CHECK (completed_at IS NOT NULL OR (exit_code IS NULL AND signal IS NULL AND error_message IS NULL))
) STRICT;

-- An occurrence is dispatched once, however many schedulers run; an attempt is retried once.
CREATE UNIQUE INDEX job_dispatch_occurrence ON job_dispatch (job_id, scheduled_for) WHERE trigger = 'schedule';
CREATE UNIQUE INDEX job_dispatch_attempt ON job_dispatch (root_id, retry_count);
CREATE UNIQUE INDEX job_dispatch_idempotency ON job_dispatch (job_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE INDEX job_dispatch_waiting ON job_dispatch (priority DESC, available_at, id) WHERE status = 'PENDING';
CREATE INDEX job_dispatch_running ON job_dispatch (lease_until) WHERE status = 'IN_PROGRESS';
CREATE INDEX job_dispatch_held ON job_dispatch (worker_id, claimed_at, id) WHERE status = 'IN_PROGRESS';
CREATE INDEX job_dispatch_unfinished ON job_dispatch (job_id) WHERE completed_at IS NULL;

-- For lists of history. The second and third gain an entry once, when an attempt ends.
CREATE INDEX job_dispatch_by_job ON job_dispatch (job_id, id);
CREATE INDEX job_dispatch_by_end ON job_dispatch (status, id) WHERE completed_at IS NOT NULL;
CREATE INDEX job_dispatch_by_age ON job_dispatch (completed_at) WHERE completed_at IS NOT NULL;

-- The facts of each finished attempt, one row each.
CREATE TABLE job_execution_logs (
  dispatch_id INTEGER PRIMARY KEY REFERENCES job_dispatch (id) ON DELETE CASCADE,
  job_id INTEGER NOT NULL,
  run_time INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('SUCCESS', 'FAILURE', 'ERROR', 'TIMEOUT', 'CANCELLED')),
  exit_code INTEGER,
  duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
  log_bytes INTEGER NOT NULL CHECK (log_bytes >= 0),
  truncated INTEGER NOT NULL CHECK (truncated IN (0, 1))
) STRICT;

-- The output of attempts, in the order it came.
CREATE TABLE job_log_chunks (
  dispatch_id INTEGER NOT NULL REFERENCES job_dispatch (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL CHECK (seq >= 0),
  stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr', 'system')),
  at INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (dispatch_id, seq)
) STRICT;

CREATE TABLE worker_registration (
  worker_id TEXT PRIMARY KEY CHECK (worker_id <> ''),
  hostname TEXT NOT NULL,
  platform TEXT NOT NULL,
  process_id INTEGER NOT NULL,
  version TEXT NOT NULL,
  tags TEXT NOT NULL CHECK (json_type(tags) = 'array'),
  concurrency INTEGER NOT NULL CHECK (concurrency >= 1),
  started_at INTEGER NOT NULL,
  last_heartbeat INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('IDLE', 'BUSY', 'DRAINING', 'OFFLINE')),
  jobs_processed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Why occurrences did not become dispatches; consecutive ones of one reason share a row.
CREATE TABLE occurrence_ledger (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id INTEGER NOT NULL REFERENCES scheduled_jobs (id),
  reason TEXT NOT NULL CHECK (reason IN ('overlap', 'missed', 'paused', 'excluded', 'expired')),
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 1),
  CHECK (first_at <= last_at)
) STRICT;

CREATE INDEX occurrence_ledger_by_job ON occurrence_ledger (job_id, id);
CREATE INDEX occurrence_ledger_by_age ON occurrence_ledger (last_at);
