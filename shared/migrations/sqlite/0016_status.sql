-- Schedulers, portals and notifiers, and when each last finished a pass, so that pages and commands can say which are alive.
-- Workers have worker_registration.
CREATE TABLE service_registration (
  service_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('scheduler', 'web', 'notifier')),
  hostname TEXT NOT NULL,
  process_id INTEGER NOT NULL,
  version TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  last_pass_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Failures by age, for their number on every page. The many attempts that succeed are not in it.
CREATE INDEX job_execution_logs_failed ON job_execution_logs (run_time, job_id)
  WHERE status IN ('FAILURE', 'ERROR', 'TIMEOUT');
