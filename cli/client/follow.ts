import type { Dispatch, DispatchId, LogChunk } from "@jobtrigger/shared/domain";
import { getRun } from "@jobtrigger/shared/operations";
import type { LogStore, StoreReader } from "@jobtrigger/shared/store";
import type { Beginning, Following } from "./client.ts";

/** About how much output one read takes. */
const READ_BYTES = 262_144;

/** Reads the output of a run from a database, as `RunsClient.follow()` says. @throws {NotFound} */
export async function followRun(
  store: StoreReader,
  id: DispatchId,
  { beginning = { offset: 0 }, onChunk, signal }: Following,
): Promise<Dispatch> {
  const encoder = new TextEncoder();
  let place: { readonly seq: number; readonly offset: number } | null = null;
  let from = 0;
  while (true) {
    const version = store.changes.version();
    // Read the state before the output: then no output of an ended run can be missed.
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
        if (rest.length > 0) await onChunk({ ...chunk, offset, bytes: rest });
        place = { seq: chunk.seq + 1, offset: place.offset + bytes.length };
      }
    }
    const hasEnded = run.state.status !== "PENDING" && run.state.status !== "IN_PROGRESS";
    if (hasEnded || signal === null || signal.aborted) return run;
    await store.changes.after(version, signal);
  }
}

/** The byte at which to begin, in the output stored so far. */
async function offsetOf(logs: LogStore, id: DispatchId, beginning: Beginning): Promise<number> {
  if ("offset" in beginning) return beginning.offset;
  const end = await logs.end(id);
  const [last] = end.seq === 0 ? [] : await logs.read(id, { fromSeq: end.seq - 1, maxBytes: 1 });
  // Text after the last line break is a line only if it is not empty.
  const line = Math.max(1, end.line - beginning.lastLines + (last === undefined || last.data.endsWith("\n") ? 0 : 1));
  const place = await logs.find(id, { line });
  const [chunk] = await logs.read(id, { fromSeq: place.seq, maxBytes: 1 });
  const before = chunk?.data.split("\n").slice(0, line - place.line).map((text) => `${text}\n`).join("") ?? "";
  return place.offset + new TextEncoder().encode(before).length;
}
