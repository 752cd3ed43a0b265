import type { DispatchId, LogChunk } from "../../domain/mod.ts";
import type { LogPlace, LogRange, LogStore, LogTarget } from "../log_store.ts";
import type { Connection } from "./connection.ts";
import { toChunk, toLogPlace } from "../log_rows.ts";

// Index: the unique one on (dispatch_id, seq), for all.
const FROM = `
  SELECT seq, stream, at, CASE WHEN stream = coalesce(:stream, stream) THEN data END AS data, bytes, lines FROM job_log_chunks
  WHERE dispatch_id = :id AND seq >= :fromSeq ORDER BY seq`;

const END = `
  SELECT count(*) AS seq, coalesce(sum(bytes), 0) AS offset, coalesce(sum(lines), 0) + 1 AS line
  FROM job_log_chunks WHERE dispatch_id = :id`;

// One pass over the chunks up to the one that is looked for; of each, only what stands before its text is read.
const PLACES = `
  SELECT seq, stream, bytes, lines, sum(bytes) OVER before - bytes AS offset, sum(lines) OVER before - lines + 1 AS line
  FROM job_log_chunks WHERE dispatch_id = :id WINDOW before AS (ORDER BY seq ROWS UNBOUNDED PRECEDING)`;
const WITH_OFFSET = `SELECT seq, offset, line FROM (${PLACES}) WHERE offset + bytes > :offset ORDER BY seq LIMIT 1`;
const WITH_LINE = `SELECT seq, offset, line FROM (${PLACES}) WHERE line + lines >= :line ORDER BY seq LIMIT 1`;
// The last chunk from which on there is enough of the stream, else its first.
const LAST_OF_STREAM = `
  SELECT seq, offset, line FROM (
    SELECT seq, offset, line,
      sum(lines) OVER later >= :lastLines OR sum(bytes) OVER later >= :maxBytes AS enough
    FROM (${PLACES}) WHERE stream = :stream AND seq < :beforeSeq
    WINDOW later AS (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING))
  ORDER BY enough DESC, CASE WHEN enough THEN -seq ELSE seq END LIMIT 1`;

/** The output of attempts in SQLite. */
export class SqliteLogs implements LogStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  read(id: DispatchId, { fromSeq, maxBytes, stream }: LogRange): Promise<readonly LogChunk[]> {
    return this.#db.read(() => {
      const chunks: LogChunk[] = [];
      let left = maxBytes;
      this.#db.scan(FROM, { id, fromSeq, stream: stream ?? null }, (row) => {
        const { chunk, bytes } = toChunk(row);
        chunks.push(chunk);
        left -= bytes;
        return left > 0;
      });
      return chunks;
    });
  }

  end(id: DispatchId): Promise<LogPlace> {
    return this.#db.read(() => toLogPlace(this.#db.one(END, { id })));
  }

  find(id: DispatchId, what: LogTarget): Promise<LogPlace> {
    const sql = "offset" in what ? WITH_OFFSET : "line" in what ? WITH_LINE : LAST_OF_STREAM;
    return this.#db.read(() => toLogPlace(this.#db.get(sql, { id, ...what }) ?? this.#db.one(END, { id })));
  }
}
