-- The newest attempt that failed without a retry: only a newer one that succeeds ends the failing. So ends may be written in any order.
ALTER TABLE failing_jobs ADD COLUMN dispatch_id bigint NOT NULL DEFAULT 0;

-- Index: job_execution_logs_failures.
UPDATE failing_jobs SET dispatch_id = coalesce((
  SELECT max(l.dispatch_id) FROM job_execution_logs l
  WHERE l.job_id = failing_jobs.job_id AND l.status IN ('FAILURE', 'ERROR', 'TIMEOUT')), 0);
