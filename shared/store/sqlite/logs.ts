import type { DispatchId, LogChunk } from "../../domain/mod.ts";
import type { LogStore } from "../store.ts";
import type { Connection } from "./connection.ts";
import { toChunk, toChunkSize } from "../rows.ts";

// Index: the unique one on (dispatch_id, seq), for both.
const FROM = `
  SELECT seq, stream, at, data, octet_length(data) AS bytes FROM job_log_chunks
  WHERE dispatch_id = :id AND seq >= :fromSeq ORDER BY seq`;
const BACKWARDS =
  "SELECT seq, octet_length(data) AS bytes FROM job_log_chunks WHERE dispatch_id = :id ORDER BY seq DESC";

/** The output of attempts in SQLite. */
export class SqliteLogs implements LogStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  read(
    id: DispatchId,
    { fromSeq, maxBytes }: { readonly fromSeq: number; readonly maxBytes: number },
  ): Promise<readonly LogChunk[]> {
    return this.#db.read(() => {
      const chunks: LogChunk[] = [];
      let bytes = 0;
      this.#db.scan(FROM, { id, fromSeq }, (row) => {
        chunks.push(toChunk(row));
        bytes += toChunkSize(row).bytes;
        return bytes < maxBytes;
      });
      return chunks;
    });
  }

  tailSeq(id: DispatchId, maxBytes: number): Promise<number> {
    return this.#db.read(() => {
      let from = 0;
      let bytes = 0;
      this.#db.scan(BACKWARDS, { id }, (row) => {
        const size = toChunkSize(row);
        from = size.seq;
        bytes += size.bytes;
        return bytes < maxBytes;
      });
      return from;
    });
  }
}
