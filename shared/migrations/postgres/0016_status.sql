-- Schedulers, portals and notifiers, and when each last finished a pass, so that pages and commands can say which are alive.
-- Workers have worker_registration.
CREATE TABLE service_registration (
  service_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('scheduler', 'web', 'notifier')),
  hostname text NOT NULL,
  process_id integer NOT NULL,
  version text NOT NULL,
  started_at timestamptz NOT NULL,
  last_pass_at timestamptz NOT NULL
);

-- Failures by age, for their number on every page. The many attempts that succeed are not in it.
CREATE INDEX job_execution_logs_failed ON job_execution_logs (run_time, job_id)
  WHERE status IN ('FAILURE', 'ERROR', 'TIMEOUT');
