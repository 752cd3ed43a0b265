import type { DispatchId, LogChunk } from "../../domain/mod.ts";
import { toChunk, toChunkSize } from "../rows.ts";
import type { LogStore } from "../store.ts";
import { type Connection, statement } from "./connection.ts";

/** Chunks that one query answers: of the size workers write them in, 1.6 MB. */
const STEP = 100;

// Index: the primary key, for both.
const FROM = statement(`
  SELECT seq, stream, at, data, octet_length(data) AS bytes FROM job_log_chunks
  WHERE dispatch_id = $1 AND seq >= $2 ORDER BY seq LIMIT ${STEP}`);
const BACKWARDS = statement(`
  SELECT seq, octet_length(data) AS bytes FROM job_log_chunks
  WHERE dispatch_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT ${STEP}`);

/** Beyond every number of a chunk. */
const NO_SEQ = 2_147_483_647;

/** The output of attempts in PostgreSQL. */
export class PostgresLogs implements LogStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async read(
    id: DispatchId,
    { fromSeq, maxBytes }: { readonly fromSeq: number; readonly maxBytes: number },
  ): Promise<readonly LogChunk[]> {
    const chunks: LogChunk[] = [];
    let bytes = 0;
    let next = fromSeq;
    while (true) {
      const rows = await this.#db.all(FROM, [id, next]);
      for (const row of rows) {
        const chunk = toChunk(row);
        chunks.push(chunk);
        next = chunk.seq + 1;
        bytes += toChunkSize(row).bytes;
        if (bytes >= maxBytes) return chunks;
      }
      if (rows.length < STEP) return chunks;
    }
  }

  async tailSeq(id: DispatchId, maxBytes: number): Promise<number> {
    let from = NO_SEQ;
    let bytes = 0;
    while (true) {
      const sizes = (await this.#db.all(BACKWARDS, [id, from])).map(toChunkSize);
      for (const size of sizes) {
        from = size.seq;
        bytes += size.bytes;
        if (bytes >= maxBytes) return from;
      }
      if (sizes.length < STEP) return from === NO_SEQ ? 0 : from;
    }
  }
}
