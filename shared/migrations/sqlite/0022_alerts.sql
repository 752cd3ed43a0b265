-- Alerts: where news goes, rules that say when, incidents that rules opened, and each delivery of each to a channel.
-- Rules and channels are few and read whole. Incidents and deliveries that have ended are deleted by age; those that have not are in
-- partial indexes, so no history slows a notifier down.
CREATE TABLE alert_channels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (name <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('webhook', 'email', 'slack', 'teams', 'ntfy', 'ping')),
  -- The address without its secret parts, as people are shown it.
  address TEXT NOT NULL,
  -- Of e-mail: who sends it, and a JSON array of who receives it.
  sender TEXT,
  receivers TEXT NOT NULL DEFAULT '[]' CHECK (json_type(receivers) = 'array'),
  -- The whole address, and what signs a webhook or opens ntfy: a notifier must send them, so they are kept as they are.
  url TEXT NOT NULL CHECK (url <> ''),
  token TEXT,
  is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_channels_by_name ON alert_channels (name);

CREATE TABLE alert_rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Name, condition, scope, channels, reminders, quiet hours.
  definition TEXT NOT NULL CHECK (json_type(definition) = 'object'),
  is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- What rules must know of a job: written as events are read. A job without failures or success since has no row.
CREATE TABLE alert_jobs (
  job_id INTEGER PRIMARY KEY REFERENCES scheduled_jobs (id) ON DELETE CASCADE,
  -- Occurrences that failed in a row, the last one included.
  failures INTEGER NOT NULL CHECK (failures >= 0),
  -- When it last succeeded; NULL: not since events are read.
  succeeded_at INTEGER
) STRICT;

CREATE TABLE incidents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Neither refers to its table: an incident outlives both.
  rule_id INTEGER NOT NULL,
  rule_name TEXT NOT NULL,
  -- 0: the installation.
  job_id INTEGER NOT NULL CHECK (job_id >= 0),
  job_name TEXT,
  message TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 1),
  closed_at INTEGER,
  acknowledged_at INTEGER,
  acknowledged_by TEXT,
  snoozed_until INTEGER,
  notified_at INTEGER,
  next_at INTEGER,
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
  CHECK (closed_at IS NULL OR next_at IS NULL)
) STRICT;
CREATE UNIQUE INDEX incidents_open ON incidents (rule_id, job_id) WHERE closed_at IS NULL;
CREATE INDEX incidents_open_by_id ON incidents (id) WHERE closed_at IS NULL;
CREATE INDEX incidents_next ON incidents (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX incidents_by_job ON incidents (job_id, id);
CREATE INDEX incidents_by_age ON incidents (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Names it to the receiver, at each attempt.
  public_id TEXT NOT NULL,
  channel_id INTEGER NOT NULL,
  -- 0: none, as of job_id.
  incident_id INTEGER NOT NULL,
  job_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('opened', 'reminder', 'recovered', 'run', 'test')),
  notice TEXT NOT NULL CHECK (json_type(notice) = 'object'),
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  -- When it is tried next. Who claims it moves this on by the length of a claim, and the guard is the number of attempts.
  next_at INTEGER,
  ended_at INTEGER,
  is_delivered INTEGER CHECK (is_delivered IN (0, 1)),
  error TEXT,
  CHECK ((next_at IS NULL) = (ended_at IS NOT NULL)),
  CHECK ((is_delivered IS NULL) = (ended_at IS NULL))
) STRICT;
CREATE INDEX deliveries_next ON deliveries (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_by_incident ON deliveries (incident_id, id);
CREATE INDEX deliveries_by_age ON deliveries (ended_at) WHERE ended_at IS NOT NULL;
