-- The changes of many jobs that are not done, by who asked for them: the first pages say which were interrupted.
CREATE INDEX bulk_changes_unfinished ON bulk_changes (owner, id) WHERE finished_at IS NULL;
