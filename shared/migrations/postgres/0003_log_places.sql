-- How many bytes and line breaks each chunk of output has, so that a byte or a line is found without reading the output.
ALTER TABLE job_log_chunks
  ADD COLUMN bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(data)) STORED,
  ADD COLUMN lines integer NOT NULL GENERATED ALWAYS AS
    (octet_length(data) - octet_length(replace(data, chr(10), ''))) STORED;
