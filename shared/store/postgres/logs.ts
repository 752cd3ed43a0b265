import type { DispatchId, LogChunk } from "../../domain/mod.ts";
import { toChunk, toChunkSize, toLogPlace } from "../log_rows.ts";
import type { LogPlace, LogRange, LogStore, LogTarget } from "../log_store.ts";
import { type Connection, statement } from "./connection.ts";

/** Chunks that one query answers: of the size workers write them in, 1.6 MB. */
const STEP = 100;

/** Beyond every number of a chunk, which is an `integer`. */
const NO_SEQ = 2_147_483_647;

// Index: the primary key, for all.
const FROM = statement(`
  SELECT seq, stream, at, data, bytes FROM job_log_chunks
  WHERE dispatch_id = $1 AND seq >= $2 ORDER BY seq LIMIT ${STEP}`);

const END = statement(`
  SELECT count(*) AS seq, coalesce(sum(bytes), 0) AS "offset", coalesce(sum(lines), 0) + 1 AS line
  FROM job_log_chunks WHERE dispatch_id = $1`);

// One pass over the chunks up to the one that is looked for; their texts stay where they are, in the TOAST table.
const PLACES = `
  SELECT seq, bytes, lines, sum(bytes) OVER before - bytes AS "offset", sum(lines) OVER before - lines + 1 AS line
  FROM job_log_chunks WHERE dispatch_id = $1 WINDOW before AS (ORDER BY seq ROWS UNBOUNDED PRECEDING)`;
const WITH_OFFSET = statement(`
  SELECT seq, "offset", line FROM (${PLACES}) AS places WHERE "offset" + bytes > $2::bigint ORDER BY seq LIMIT 1`);
const WITH_LINE = statement(`
  SELECT seq, "offset", line FROM (${PLACES}) AS places WHERE line + lines >= $2::bigint ORDER BY seq LIMIT 1`);

/** The output of attempts in PostgreSQL. */
export class PostgresLogs implements LogStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async read(id: DispatchId, { fromSeq, maxBytes }: LogRange): Promise<readonly LogChunk[]> {
    const chunks: LogChunk[] = [];
    let bytes = 0;
    let next = fromSeq;
    while (next < NO_SEQ) {
      const rows = await this.#db.all(FROM, [id, next]);
      for (const row of rows) {
        const chunk = toChunk(row);
        chunks.push(chunk);
        next = chunk.seq + 1;
        bytes += toChunkSize(row).bytes;
        if (bytes >= maxBytes) return chunks;
      }
      if (rows.length < STEP) break;
    }
    return chunks;
  }

  async end(id: DispatchId): Promise<LogPlace> {
    const [row = {}] = await this.#db.all(END, [id]);
    return toLogPlace(row);
  }

  async find(id: DispatchId, what: LogTarget): Promise<LogPlace> {
    const [row] =
      await ("offset" in what
        ? this.#db.all(WITH_OFFSET, [id, what.offset])
        : this.#db.all(WITH_LINE, [id, what.line]));
    return row === undefined ? await this.end(id) : toLogPlace(row);
  }
}
