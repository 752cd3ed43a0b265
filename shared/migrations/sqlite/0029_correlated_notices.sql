-- The occurrence that an incident was opened for, and that a delivery tells of, so that logs and traces lead from the time it was due
-- to the notice. NULL: no single occurrence, and rows from before.
ALTER TABLE incidents ADD COLUMN correlation_id TEXT;
ALTER TABLE deliveries ADD COLUMN correlation_id TEXT;
