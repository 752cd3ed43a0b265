-- Retention keeps each job's last failure, however old it is. This index finds it in one step.
CREATE INDEX job_execution_logs_failures ON job_execution_logs (job_id, dispatch_id)
  WHERE status IN ('FAILURE', 'ERROR', 'TIMEOUT');
