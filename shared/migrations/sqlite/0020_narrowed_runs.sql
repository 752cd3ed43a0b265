-- The runs that a worker has ended, by how they ended: where a list of them is read from. An entry is written once, when a run
-- ends; those that go on are in job_dispatch_held.
CREATE INDEX job_dispatch_by_worker ON job_dispatch (worker_id, status, id)
  WHERE completed_at IS NOT NULL AND worker_id IS NOT NULL;

-- Runs that the schedule did not cause, by what did: of those that it did, nearly each run is one.
CREATE INDEX job_dispatch_by_trigger ON job_dispatch (trigger, id) WHERE trigger <> 'schedule';
