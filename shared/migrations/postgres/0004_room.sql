-- Room in the pages of the indexes in which an attempt has an entry in each of its states: waiting, running, ended. Without it
-- a page is full when its attempts are claimed, and is searched for dead entries, in which it has to look at their rows, at
-- nearly each claim and end. It applies to pages that are written from now on.
ALTER INDEX job_dispatch_pkey SET (fillfactor = 35);
ALTER INDEX job_dispatch_occurrence SET (fillfactor = 35);

-- What runs comes and goes at once: sorting out equal entries of this index costs more than the room it makes.
ALTER INDEX job_dispatch_running SET (deduplicate_items = off);
