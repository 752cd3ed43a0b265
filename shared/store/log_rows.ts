/**
 * Rows of `job_log_chunks`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { LOG_STREAMS, type LogChunk } from "../domain/mod.ts";
import type { LogPlace } from "./log_store.ts";
import { instant, type Row } from "./rows.ts";

const chunkRow = z.object({
  seq: z.number(),
  stream: z.enum(LOG_STREAMS),
  at: instant,
  data: z.string(),
});

/** A row of `job_log_chunks`. */
export function toChunk(row: Row): LogChunk {
  return chunkRow.parse(row);
}

const chunkSizeRow = z.object({ seq: z.number(), bytes: z.number() });

/** Number and size of a row of `job_log_chunks`. */
export function toChunkSize(row: Row): { readonly seq: number; readonly bytes: number } {
  return chunkSizeRow.parse(row);
}

const logPlaceRow = z.object({ seq: z.number(), offset: z.number(), line: z.number() });

/** Where a chunk begins. */
export function toLogPlace(row: Row): LogPlace {
  return logPlaceRow.parse(row);
}
