import type { Dispatch, DispatchId, LogChunk } from "@jobtrigger/shared/domain";
import { isoUtc } from "@jobtrigger/shared/time";
import type { JsonObject } from "@jobtrigger/shared/api";
import { getRun } from "@jobtrigger/shared/operations";
import type { LogStore, StoreReader } from "@jobtrigger/shared/store";

/** About how much output one read takes. */
const READ_BYTES = 262_144;

/** Where in the output to begin: at a byte, or with the last so many lines. */
export type Beginning = { readonly offset: number } | { readonly lastLines: number };

/** A chunk, or what is left of the one that was begun in. */
export interface Piece extends Omit<LogChunk, "data"> {
  /** Bytes of output before it. */
  readonly offset: number;
  /** UTF-8; of a character that was begun in, the rest. */
  readonly bytes: Uint8Array;
}

/**
 * Calls `onPiece` with the output of a run from `beginning` on (absent: from the start), in order. With `signal` it goes on
 * until the run has ended and all of its output was handed over, or the signal aborts; without (null) it hands over what is
 * there and returns. Answers the run as it was last seen.
 *
 * @throws {NotFound} when there is no such run, or no longer.
 */
export async function followRun(
  store: StoreReader,
  id: DispatchId,
  { beginning = { offset: 0 }, onPiece, signal }: {
    readonly beginning?: Beginning;
    readonly onPiece: (piece: Piece) => Promise<void>;
    readonly signal: AbortSignal | null;
  },
): Promise<Dispatch> {
  const encoder = new TextEncoder();
  let place: { readonly seq: number; readonly offset: number } | null = null;
  let from = 0;
  while (true) {
    const version = store.changes.version();
    // The state is read before the output: a run that has ended by then has no output that the read after it could miss.
    const run = await getRun(store, id);
    from = place === null ? await offsetOf(store.logs, id, beginning) : from;
    place ??= await store.logs.find(id, { offset: from });
    while (!signal?.aborted) {
      const chunks: readonly LogChunk[] = await store.logs.read(id, { fromSeq: place.seq, maxBytes: READ_BYTES });
      if (chunks.length === 0) break;
      for (const { data, ...chunk } of chunks) {
        const bytes = encoder.encode(data);
        const offset = Math.max(place.offset, from);
        const rest = bytes.subarray(offset - place.offset);
        if (rest.length > 0) await onPiece({ ...chunk, offset, bytes: rest });
        place = { seq: chunk.seq + 1, offset: place.offset + bytes.length };
      }
    }
    const hasEnded = run.state.status !== "PENDING" && run.state.status !== "IN_PROGRESS";
    if (hasEnded || signal === null || signal.aborted) return run;
    await store.changes.after(version, signal);
  }
}

/** The byte that a beginning means in the output as it is now. */
async function offsetOf(logs: LogStore, id: DispatchId, beginning: Beginning): Promise<number> {
  if ("offset" in beginning) return beginning.offset;
  const end = await logs.end(id);
  const [last] = end.seq === 0 ? [] : await logs.read(id, { fromSeq: end.seq - 1, maxBytes: 1 });
  // What follows the last line break is a line only if there is anything.
  const line = Math.max(1, end.line - beginning.lastLines + (last === undefined || last.data.endsWith("\n") ? 0 : 1));
  const place = await logs.find(id, { line });
  const [chunk] = await logs.read(id, { fromSeq: place.seq, maxBytes: 1 });
  const before = chunk?.data.split("\n").slice(0, line - place.line).map((text) => `${text}\n`).join("") ?? "";
  return place.offset + new TextEncoder().encode(before).length;
}

/** A piece of output; `offset` and the bytes of `data` are where the next one begins. */
export function pieceForm({ seq, offset, stream, at, bytes }: Piece): JsonObject {
  return { seq, offset, stream, at: isoUtc(at), data: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
}
