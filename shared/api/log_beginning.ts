import type { JsonObject } from "./output.ts";

/** Where in the output of a run somebody begins to read, in whole chunks. */
export interface LogBeginning {
  /** The byte that they begin with. */
  readonly offset: number;
  /** The chunk that holds it. */
  readonly seq: number;
  /** Bytes of output before the chunk. */
  readonly chunkOffset: number;
}

/** Where reading begins. */
export function logBeginningForm({ offset, seq, chunkOffset }: LogBeginning): JsonObject {
  return { offset, seq, chunk_offset: chunkOffset };
}
