-- What is said once to a channel, however many notifiers see it: the start and the end of a run, and each heartbeat.
-- NULL: other deliveries, which their incidents keep from being written twice.
ALTER TABLE deliveries ADD COLUMN key TEXT;
CREATE UNIQUE INDEX deliveries_by_key ON deliveries (key) WHERE key IS NOT NULL;
