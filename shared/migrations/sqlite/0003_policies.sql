-- What waiting runs need: tags of a worker, a place of a concurrency key, their turn.

-- The lane a run waits in: the canonical text of its needs, '' where it needs nothing but a free slot.
ALTER TABLE job_dispatch ADD COLUMN lane TEXT NOT NULL DEFAULT '';

-- The place of a key that a running attempt has. That no place is taken twice is this index's to see to, not a counter's.
ALTER TABLE job_dispatch ADD COLUMN place_key TEXT;
ALTER TABLE job_dispatch ADD COLUMN place INTEGER
  CHECK (place >= 1) CHECK ((place IS NULL) = (place_key IS NULL)) CHECK (place IS NULL OR status = 'IN_PROGRESS');
CREATE UNIQUE INDEX job_dispatch_places ON job_dispatch (place_key, place) WHERE place IS NOT NULL;

-- Asked to run beside others; its retries too.
ALTER TABLE job_dispatch ADD COLUMN is_forced INTEGER NOT NULL DEFAULT 0 CHECK (is_forced IN (0, 1));

-- The backfill that a run belongs to, and how many of its runs may go on at once.
ALTER TABLE job_dispatch ADD COLUMN backfill_id TEXT;
ALTER TABLE job_dispatch ADD COLUMN at_once INTEGER CHECK (at_once >= 1) CHECK ((at_once IS NULL) = (backfill_id IS NULL));

-- By which policies the schedule made it: how it was in time, then, where earlier runs had not ended, the overlap policy.
ALTER TABLE job_dispatch ADD COLUMN decision TEXT;

-- What waits, lane by lane, in the order of claims.
DROP INDEX job_dispatch_waiting;
CREATE INDEX job_dispatch_waiting ON job_dispatch (lane, priority DESC, available_at, id) WHERE status = 'PENDING';

-- The limit of retries is a part of the retry policy now.
UPDATE scheduled_jobs
SET policies = json_remove(
  json_set(policies, '$.retry',
    json_object('max', json_extract(policies, '$.maxRetries'), 'baseSeconds', 10, 'capSeconds', 3600)),
  '$.maxRetries')
WHERE json_type(policies, '$.maxRetries') IS NOT NULL;
