import type { LogChunk } from "../domain/mod.ts";
import type { Output } from "./queue_store.ts";
import { chunkGap } from "./refusals.ts";

/**
 * The chunks of one call in their order, each number once: of two with one number the first stands, as where a call is repeated.
 * @throws {RangeError} when they leave a gap.
 */
export function chunksOf({ dispatchId, chunks }: Output): readonly LogChunk[] {
  const kept: LogChunk[] = [];
  for (const chunk of chunks) {
    const next = (kept.at(-1)?.seq ?? chunk.seq - 1) + 1;
    if (chunk.seq > next) throw chunkGap(dispatchId, { found: chunk.seq, next });
    if (chunk.seq === next) kept.push(chunk);
  }
  return kept;
}
