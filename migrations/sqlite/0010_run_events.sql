-- The outbox: one row for each end of an attempt and each addition to the ledger, written together with it. Whoever acts on
-- what has happened (alerts, chains) reads the rows by id and remembers how far.
--
-- A row of an end has dispatch_id, root_id, scheduled_for, execution and is_retried. A row of occurrences that did not run has
-- reason, first_at, last_at and count: what was added, whatever the ledger's row counts by then. There is no index but the
-- key, and no foreign key: every end of a run writes here. AUTOINCREMENT: the id of a row that was deleted never comes back.
CREATE TABLE run_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  job_id INTEGER NOT NULL,
  dispatch_id INTEGER,
  root_id INTEGER,
  scheduled_for INTEGER,
  -- As job_execution_logs.status; the final status of the attempt follows from it.
  execution TEXT CHECK (execution IN ('SUCCESS', 'FAILURE', 'ERROR', 'TIMEOUT', 'CANCELLED')),
  is_retried INTEGER CHECK (is_retried IN (0, 1)),
  reason TEXT CHECK (reason IN ('overlap', 'missed', 'paused', 'excluded', 'expired')),
  first_at INTEGER,
  last_at INTEGER,
  count INTEGER CHECK (count >= 1),
  CHECK ((dispatch_id IS NULL) = (reason IS NOT NULL)),
  CHECK ((root_id IS NULL) = (reason IS NOT NULL)),
  CHECK ((scheduled_for IS NULL) = (reason IS NOT NULL)),
  CHECK ((execution IS NULL) = (reason IS NOT NULL)),
  CHECK ((is_retried IS NULL) = (reason IS NOT NULL)),
  CHECK ((first_at IS NULL) = (reason IS NULL)),
  CHECK ((last_at IS NULL) = (reason IS NULL)),
  CHECK ((count IS NULL) = (reason IS NULL))
) STRICT;

-- Who reads the outbox, and the id of the last row that each has dealt with.
CREATE TABLE event_consumers (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  position INTEGER NOT NULL CHECK (position >= 0)
) STRICT, WITHOUT ROWID;
