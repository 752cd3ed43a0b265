-- The outbox: one row for each end of an attempt and each addition to the ledger, written together with it. Whoever acts on
-- what has happened (alerts, chains) reads the rows by id and remembers how far.
--
-- A row of an end has dispatch_id, root_id, scheduled_for, execution and is_retried. A row of occurrences that did not run has
-- reason, first_at, last_at and count: what was added, whatever the ledger's row counts by then. Every end of a run writes here, so
-- there is no index but the key, no foreign key, and one CHECK: all that could be had would cost as much as the row.
-- AUTOINCREMENT: the id of a row that was deleted never comes back.
CREATE TABLE run_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  job_id INTEGER NOT NULL,
  dispatch_id INTEGER,
  root_id INTEGER,
  scheduled_for INTEGER,
  -- As job_execution_logs.status; the final status of the attempt follows from it.
  execution TEXT,
  is_retried INTEGER,
  reason TEXT,
  first_at INTEGER,
  last_at INTEGER,
  count INTEGER,
  CHECK ((execution IS NULL) = (reason IS NOT NULL))
) STRICT;

-- Who reads the outbox, and the id of the last row that each has dealt with.
CREATE TABLE event_consumers (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  position INTEGER NOT NULL CHECK (position >= 0)
) STRICT, WITHOUT ROWID;
