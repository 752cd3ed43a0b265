-- Webhooks: addresses at which another program starts one job, with a secret of their own. Of a token only its SHA-256 is kept. An
-- HMAC is computed with the secret itself, so that is kept for the kinds that sign: whoever reads the database can send such
-- deliveries, which start that one job.
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id INTEGER NOT NULL REFERENCES scheduled_jobs (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  -- The last part of the address.
  public_id TEXT NOT NULL CHECK (length(public_id) >= 16),
  kind TEXT NOT NULL CHECK (kind IN ('token', 'github', 'standard')),
  -- Of kind token the SHA-256 of the secret, else the secret.
  secret TEXT NOT NULL CHECK (secret <> ''),
  -- The first characters of the secret, by which people recognise it.
  prefix TEXT NOT NULL,
  -- How the arguments of a run are made of the body: a JSON array of texts; empty: the job's own arguments.
  args TEXT NOT NULL DEFAULT '[]' CHECK (json_type(args) = 'array'),
  per_minute INTEGER NOT NULL CHECK (per_minute >= 1),
  is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
  -- Written once a minute at most.
  last_used_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX webhooks_by_address ON webhooks (public_id);
CREATE INDEX webhooks_by_job ON webhooks (job_id, id);

-- Which webhook started a run, and what it was called then; the webhook may be gone. Its trigger is 'api'.
ALTER TABLE job_dispatch ADD COLUMN webhook_id INTEGER;
ALTER TABLE job_dispatch ADD COLUMN webhook_name TEXT CHECK ((webhook_name IS NULL) = (webhook_id IS NULL));
