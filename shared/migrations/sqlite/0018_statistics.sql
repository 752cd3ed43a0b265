-- Statistics: what happened in each hour and each day, for all jobs, each job, and each worker's host. The scheduler counts each
-- event of the outbox once, as the consumer 'statistics', in the transaction that moves its position.
--
-- job_id 0 is all jobs and host '' is all hosts. A row of a job has no host, a row of a host no job. Hours and days are counted side
-- by side, so that hours can be deleted early and nothing is ever added up again. The histograms are JSON, [bucket, count, …].
CREATE TABLE run_statistics (
  grain TEXT NOT NULL CHECK (grain IN ('hour', 'day')),
  job_id INTEGER NOT NULL CHECK (job_id >= 0),
  host TEXT NOT NULL,
  at INTEGER NOT NULL,
  success INTEGER NOT NULL,
  failure INTEGER NOT NULL,
  error INTEGER NOT NULL,
  timeout INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  not_run INTEGER NOT NULL,
  busy_ms INTEGER NOT NULL,
  durations TEXT NOT NULL CHECK (json_type(durations) = 'array'),
  delays TEXT NOT NULL CHECK (json_type(delays) = 'array'),
  PRIMARY KEY (grain, job_id, host, at),
  CHECK (job_id = 0 OR host = '')
) STRICT, WITHOUT ROWID;

CREATE INDEX run_statistics_by_time ON run_statistics (grain, at, job_id);

-- The first count, of the runs that had ended before the consumer began: those with an id before `before` are still to be counted,
-- newest first; 0: all are counted. No row: no scheduler has begun to count.
CREATE TABLE statistics_fill (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  before INTEGER NOT NULL CHECK (before >= 0)
) STRICT;

-- The runs that the first count leaves out: those that had not ended when the consumer began, or whose event was still there.
CREATE TABLE statistics_open (
  dispatch_id INTEGER PRIMARY KEY
) STRICT;
