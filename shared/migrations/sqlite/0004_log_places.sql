-- How many bytes and line breaks each chunk of output has, so that a byte or a line is found without reading the output. The
-- two stand before the text: SQLite reads a row from its front, and behind a text they would be on its last overflow page.
CREATE TABLE job_log_chunks_new (
  dispatch_id INTEGER NOT NULL REFERENCES job_dispatch (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL CHECK (seq >= 0),
  stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr', 'system')),
  at INTEGER NOT NULL,
  bytes INTEGER NOT NULL GENERATED ALWAYS AS (octet_length(data)) STORED,
  lines INTEGER NOT NULL GENERATED ALWAYS AS (octet_length(data) - octet_length(replace(data, char(10), ''))) STORED,
  data TEXT NOT NULL,
  PRIMARY KEY (dispatch_id, seq)
) STRICT;
INSERT INTO job_log_chunks_new (dispatch_id, seq, stream, at, data)
SELECT dispatch_id, seq, stream, at, data FROM job_log_chunks ORDER BY dispatch_id, seq;
DROP TABLE job_log_chunks;
ALTER TABLE job_log_chunks_new RENAME TO job_log_chunks;
