-- The runs of backfills by the time they are for, so that a job can say what became of a time.
CREATE INDEX job_dispatch_backfilled ON job_dispatch (job_id, scheduled_for) WHERE trigger = 'backfill';
