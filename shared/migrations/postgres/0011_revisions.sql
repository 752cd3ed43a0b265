-- Stable keys, owners, labels, and the history of each job's definition.

-- The name by which files, programs and the command line know a job, whatever its name for people: `nightly-backup`. Never digits
-- alone, so that it cannot be taken for an id. A deleted job frees its key.
ALTER TABLE scheduled_jobs ADD COLUMN key text COLLATE "C"
  CHECK (key ~ '^[a-z0-9][a-z0-9._-]{0,99}$' AND key ~ '[^0-9]');
CREATE UNIQUE INDEX scheduled_jobs_by_key ON scheduled_jobs (key) WHERE key IS NOT NULL AND deleted_at IS NULL;

-- What owns the job and writes its definition; NULL: people.
ALTER TABLE scheduled_jobs ADD COLUMN managed_by text CHECK (managed_by <> '');

-- Words by which people group jobs: a JSON array, sorted, in lower case.
ALTER TABLE scheduled_jobs ADD COLUMN labels jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(labels) = 'array');

-- The labels of jobs that are not deleted, once more, so that the jobs of a label are found without reading all jobs.
CREATE TABLE job_labels (
  label text COLLATE "C" NOT NULL CHECK (label <> ''),
  job_id bigint NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE,
  PRIMARY KEY (label, job_id)
);
CREATE INDEX job_labels_by_job ON job_labels (job_id);

-- One row for each revision of a job, written with it: the definition as it was from then on, and who did what. They go with their
-- job's row, which stays as long as the runs of the job do.
CREATE TABLE job_revisions (
  job_id bigint NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE,
  revision integer NOT NULL CHECK (revision >= 1),
  at timestamptz NOT NULL,
  -- NULL: not known.
  actor_kind text,
  actor_name text,
  -- `recorded`: the job was there before its history was.
  action text NOT NULL
    CHECK (action IN ('recorded', 'created', 'edited', 'rolled_back', 'paused', 'resumed', 'deleted')),
  -- Why it was paused.
  note text,
  -- The revision whose definition came back.
  restored integer CHECK (restored >= 1 AND restored < revision),
  definition jsonb NOT NULL CHECK (jsonb_typeof(definition) = 'object'),
  PRIMARY KEY (job_id, revision),
  CHECK ((actor_kind IS NULL) = (actor_name IS NULL)),
  CHECK (note IS NULL OR action = 'paused'),
  CHECK ((restored IS NOT NULL) = (action = 'rolled_back'))
);

-- What is there has its first revision from now on.
INSERT INTO job_revisions (job_id, revision, at, action, definition)
SELECT id, revision, updated_at, 'recorded',
  jsonb_build_object('name', name, 'scriptPath', script_path, 'scriptArgs', script_args, 'schedule', schedule,
    'timezone', timezone, 'policies', policies, 'key', key, 'labels', labels)
FROM scheduled_jobs;
