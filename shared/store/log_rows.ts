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
  data: z.string().nullable(),
  bytes: z.number(),
  lines: z.number(),
});

/** Bytes that a chunk counts whose text is not read. */
const UNREAD_BYTES = 64;

/** A row of `job_log_chunks`, and how many bytes of it were read; without its text, the line breaks of it. */
export function toChunk(row: Row): { readonly chunk: LogChunk; readonly bytes: number } {
  const { data, bytes, lines, ...chunk } = chunkRow.parse(row);
  return data === null
    ? { chunk: { ...chunk, data: "\n".repeat(lines) }, bytes: UNREAD_BYTES }
    : { chunk: { ...chunk, data }, bytes };
}

const logPlaceRow = z.object({ seq: z.number(), offset: z.number(), line: z.number() });

/** Where a chunk begins. */
export function toLogPlace(row: Row): LogPlace {
  return logPlaceRow.parse(row);
}
