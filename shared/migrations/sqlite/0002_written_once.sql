-- History is read through job_execution_logs, whose rows and index entries are written once, when an attempt ends. An index
-- on job_dispatch is written again with every state an attempt goes through, so it keeps those that live rows need.
DROP INDEX job_dispatch_by_job;
DROP INDEX job_dispatch_by_end;
DROP INDEX job_dispatch_by_age;
CREATE INDEX job_execution_logs_by_job ON job_execution_logs (job_id, dispatch_id);
CREATE INDEX job_execution_logs_by_end ON job_execution_logs (status, dispatch_id) WHERE status <> 'SUCCESS';
CREATE INDEX job_execution_logs_by_age ON job_execution_logs (run_time);

-- The claim whose worker reported the end; NULL where nobody did. A report sent again, because the answer to the first was
-- lost, is known by it.
ALTER TABLE job_dispatch ADD COLUMN reported_epoch INTEGER;

-- Number of the next chunk of output, known when an attempt was given back after it had written some.
ALTER TABLE job_dispatch ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;
