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
