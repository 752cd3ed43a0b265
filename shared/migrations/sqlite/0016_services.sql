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
