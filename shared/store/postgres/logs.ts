import type { DispatchId, LogChunk } from "../../domain/mod.ts";
import { toChunk, toLogPlace } from "../log_rows.ts";
import type { LogPlace, LogRange, LogStore, LogTarget } from "../log_store.ts";
import type { Row } from "../rows.ts";
import { type Connection, statement } from "./connection.ts";

/** Most chunks that one query answers. */
const STEP = 100;

/** The size in which workers write the chunks of a script that writes much, in bytes. */
const FULL_CHUNK_BYTES = 16_384;

/** Beyond every number of a chunk, which is an `integer`. */
const NO_SEQ = 2_147_483_647;

// Index: the primary key, for all.
const FROM = statement(`
  SELECT seq, stream, at, CASE WHEN stream = coalesce($3::text, stream) THEN data END AS data, bytes, lines FROM job_log_chunks
  WHERE dispatch_id = $1 AND seq >= $2 ORDER BY seq LIMIT $4::integer`);

const END = statement(`
  SELECT count(*) AS seq, coalesce(sum(bytes), 0) AS "offset", coalesce(sum(lines), 0) + 1 AS line
  FROM job_log_chunks WHERE dispatch_id = $1`);

// One pass over the chunks up to the one that is looked for; their texts stay where they are, in the TOAST table.
const PLACES = `
  SELECT seq, stream, bytes, lines, sum(bytes) OVER before - bytes AS "offset", sum(lines) OVER before - lines + 1 AS line
  FROM job_log_chunks WHERE dispatch_id = $1 WINDOW before AS (ORDER BY seq ROWS UNBOUNDED PRECEDING)`;
const WITH_OFFSET = statement(`
  SELECT seq, "offset", line FROM (${PLACES}) AS places WHERE "offset" + bytes > $2::bigint ORDER BY seq LIMIT 1`);
const WITH_LINE = statement(`
  SELECT seq, "offset", line FROM (${PLACES}) AS places WHERE line + lines >= $2::bigint ORDER BY seq LIMIT 1`);
// The last chunk from which on there is enough of the stream, else its first.
const LAST_OF_STREAM = statement(`
  SELECT seq, "offset", line FROM (
    SELECT seq, "offset", line,
      sum(lines) OVER later >= $3::bigint OR sum(bytes) OVER later >= $4::bigint AS enough
    FROM (${PLACES}) AS places WHERE stream = $2 AND seq < $5::bigint
    WINDOW later AS (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING)) AS counted
  ORDER BY enough DESC, CASE WHEN enough THEN -seq ELSE seq END LIMIT 1`);

/** The output of attempts in PostgreSQL. */
export class PostgresLogs implements LogStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async read(id: DispatchId, { fromSeq, maxBytes, stream }: LogRange): Promise<readonly LogChunk[]> {
    const chunks: LogChunk[] = [];
    let left = maxBytes;
    let next = fromSeq;
    while (next < NO_SEQ) {
      // As many as are asked for where they are full: the database unpacks each text that it answers.
      const step = chunks.length > 0 ? STEP : Math.min(STEP, Math.ceil(maxBytes / FULL_CHUNK_BYTES));
      const rows = await this.#db.all(FROM, [id, next, stream ?? null, step]);
      for (const row of rows) {
        const { chunk, bytes } = toChunk(row);
        chunks.push(chunk);
        next = chunk.seq + 1;
        left -= bytes;
        if (left <= 0) return chunks;
      }
      if (rows.length < step) break;
    }
    return chunks;
  }

  async end(id: DispatchId): Promise<LogPlace> {
    const [row = {}] = await this.#db.all(END, [id]);
    return toLogPlace(row);
  }

  async find(id: DispatchId, what: LogTarget): Promise<LogPlace> {
    const [row] = await this.#found(id, what);
    return row === undefined ? await this.end(id) : toLogPlace(row);
  }
  #found(id: DispatchId, what: LogTarget): Promise<readonly Row[]> {
    if ("offset" in what) return this.#db.all(WITH_OFFSET, [id, what.offset]);
    if ("line" in what) return this.#db.all(WITH_LINE, [id, what.line]);
    return this.#db.all(LAST_OF_STREAM, [id, what.stream, what.lastLines, what.maxBytes, what.beforeSeq]);
  }
}
