import type { JsonObject } from "@jobtrigger/shared/api";
import { isoUtc } from "@jobtrigger/shared/time";
import type { OutputChunk } from "../client/client.ts";

/** A chunk of output; the next one begins at `offset` plus the bytes of `data`. */
export function chunkForm({ seq, offset, stream, at, bytes }: OutputChunk): JsonObject {
  return { seq, offset, stream, at: isoUtc(at), data: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
}
