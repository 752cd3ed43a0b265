-- What waiting runs need: tags of a worker, a place of a concurrency key, their turn.

-- The lane a run waits in: the canonical text of its needs, '' where it needs nothing but a free slot.
ALTER TABLE job_dispatch ADD COLUMN lane text COLLATE "C" NOT NULL DEFAULT '';

-- The place of a key that a running attempt has. That no place is taken twice is this index's to see to, not a counter's.
ALTER TABLE job_dispatch ADD COLUMN place_key text;
ALTER TABLE job_dispatch ADD COLUMN place integer CHECK (place >= 1);
ALTER TABLE job_dispatch ADD CHECK ((place IS NULL) = (place_key IS NULL));
ALTER TABLE job_dispatch ADD CHECK (place IS NULL OR status = 'IN_PROGRESS');
CREATE UNIQUE INDEX job_dispatch_places ON job_dispatch (place_key, place) WHERE place IS NOT NULL;

-- Asked to run beside others; its retries too.
ALTER TABLE job_dispatch ADD COLUMN is_forced boolean NOT NULL DEFAULT false;

-- The backfill that a run belongs to, and how many of its runs may go on at once.
ALTER TABLE job_dispatch ADD COLUMN backfill_id text;
ALTER TABLE job_dispatch ADD COLUMN at_once integer CHECK (at_once >= 1);
ALTER TABLE job_dispatch ADD CHECK ((at_once IS NULL) = (backfill_id IS NULL));

-- By which policies the schedule made it: how it was in time, then, where earlier runs had not ended, the overlap policy.
ALTER TABLE job_dispatch ADD COLUMN decision text;

-- What waits, lane by lane, in the order of claims.
DROP INDEX job_dispatch_waiting;
CREATE INDEX job_dispatch_waiting ON job_dispatch (lane, priority DESC, available_at, id) WHERE status = 'PENDING';

-- The limit of retries is a part of the retry policy now.
UPDATE scheduled_jobs
SET policies = jsonb_set(policies - 'maxRetries', '{retry}',
  jsonb_build_object('max', policies -> 'maxRetries', 'baseSeconds', 10, 'capSeconds', 3600))
WHERE policies ? 'maxRetries';
