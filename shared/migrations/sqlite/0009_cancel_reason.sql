-- Why a run was cancelled, or is to be: by a person (request, pause, delete) or by the overlap policy, and then for which run.
-- The sentence that people read follows from it, so error_message of a cancelled run holds only what came on top.
ALTER TABLE job_dispatch ADD COLUMN cancel_reason TEXT
  CHECK (cancel_reason IN ('request', 'pause', 'delete', 'overlap')) CHECK (status <> 'PENDING' OR cancel_reason IS NULL);
ALTER TABLE job_dispatch ADD COLUMN cancelled_for INTEGER
  CHECK ((cancelled_for IS NOT NULL) = (cancel_reason IS NOT NULL AND cancel_reason = 'overlap'));

-- Runs that were asked to stop before this step and have not ended; who asked was not written.
UPDATE job_dispatch SET cancel_reason = 'request' WHERE completed_at IS NULL AND cancel_requested_at IS NOT NULL;
