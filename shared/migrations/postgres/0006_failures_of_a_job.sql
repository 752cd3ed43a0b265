-- The runs of one job that did not succeed, by how they ended: where a list of them is read from. An entry is written once, when
-- such a run ends; a run that succeeds has none.
CREATE INDEX job_execution_logs_by_failure ON job_execution_logs (job_id, status, dispatch_id) WHERE status <> 'SUCCESS';
