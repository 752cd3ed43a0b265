-- Stable keys, owners, labels, and the history of each job's definition.

-- The name by which files, programs and the command line know a job, whatever its name for people: `nightly-backup`. Never digits
-- alone, so that it cannot be taken for an id. A deleted job frees its key.
ALTER TABLE scheduled_jobs ADD COLUMN key TEXT
  CHECK (length(key) BETWEEN 1 AND 100 AND key NOT GLOB '*[^a-z0-9._-]*' AND key NOT GLOB '[._-]*' AND key GLOB '*[^0-9]*');
CREATE UNIQUE INDEX scheduled_jobs_by_key ON scheduled_jobs (key) WHERE key IS NOT NULL AND deleted_at IS NULL;

-- What owns the job and writes its definition; NULL: people.
ALTER TABLE scheduled_jobs ADD COLUMN managed_by TEXT CHECK (managed_by <> '');

-- Words by which people group jobs: a JSON array, sorted, in lower case.
ALTER TABLE scheduled_jobs ADD COLUMN labels TEXT NOT NULL DEFAULT '[]' CHECK (json_type(labels) = 'array');

-- The labels of jobs that are not deleted, once more, so that the jobs of a label are found without reading all jobs.
CREATE TABLE job_labels (
  label TEXT NOT NULL CHECK (label <> ''),
  job_id INTEGER NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE,
  PRIMARY KEY (label, job_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_labels_by_job ON job_labels (job_id);

-- One row for each revision of a job, written with it: the definition as it was from then on, and who did what. They go with their
-- job's row, which stays as long as the runs of the job do.
CREATE TABLE job_revisions (
  job_id INTEGER NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  at INTEGER NOT NULL,
  -- NULL: not known.
  actor_kind TEXT,
  actor_name TEXT,
  -- `recorded`: the job was there before its history was.
  action TEXT NOT NULL
    CHECK (action IN ('recorded', 'created', 'edited', 'rolled_back', 'paused', 'resumed', 'deleted')),
  -- Why it was paused.
  note TEXT,
  -- The revision whose definition came back.
  restored INTEGER CHECK (restored >= 1 AND restored < revision),
  definition TEXT NOT NULL CHECK (json_type(definition) = 'object'),
  PRIMARY KEY (job_id, revision),
  CHECK ((actor_kind IS NULL) = (actor_name IS NULL)),
  CHECK (note IS NULL OR action = 'paused'),
  CHECK ((restored IS NOT NULL) = (action = 'rolled_back'))
) STRICT;

-- What is there has its first revision from now on.
INSERT INTO job_revisions (job_id, revision, at, action, definition)
SELECT id, revision, updated_at, 'recorded',
  json_object('name', name, 'scriptPath', script_path, 'scriptArgs', json(script_args), 'schedule', json(schedule),
    'timezone', timezone, 'policies', json(policies), 'key', key, 'labels', json(labels))
FROM scheduled_jobs;
