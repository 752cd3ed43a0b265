-- Jobs that fail: the last occurrence of each failed or ran out of time, no retry is left, and nothing succeeded since. Written with
-- the end of an attempt, so that their number and their list cost nothing, however many jobs and runs there are.
CREATE TABLE failing_jobs (
  job_id INTEGER PRIMARY KEY REFERENCES scheduled_jobs (id) ON DELETE CASCADE,
  since INTEGER NOT NULL
) STRICT;

-- Index: job_execution_logs_failures for the last failure of each job, job_execution_logs_by_job for what came after.
INSERT INTO failing_jobs (job_id, since)
SELECT l.job_id, l.run_time
FROM scheduled_jobs j CROSS JOIN job_execution_logs l ON l.dispatch_id = (
  SELECT max(dispatch_id) FROM job_execution_logs
  WHERE job_id = j.id AND status IN ('FAILURE', 'ERROR', 'TIMEOUT'))
WHERE j.deleted_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM job_execution_logs s
    WHERE s.job_id = l.job_id AND s.dispatch_id > l.dispatch_id AND s.status = 'SUCCESS')
  AND NOT EXISTS (
    SELECT 1 FROM job_dispatch d CROSS JOIN job_dispatch r ON r.root_id = d.root_id AND r.retry_count > d.retry_count
    WHERE d.id = l.dispatch_id AND r.retry_count > 0);

-- When somebody asked a worker to drain: to claim nothing more. The worker obeys at its next sign of life; NULL: nobody did.
ALTER TABLE worker_registration ADD COLUMN drain_requested_at INTEGER;

-- When a worker said that it ends; NULL: it lives, or it died.
ALTER TABLE worker_registration ADD COLUMN ended_at INTEGER;
UPDATE worker_registration SET ended_at = last_heartbeat WHERE status = 'OFFLINE';
