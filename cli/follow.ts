import { type Dispatch, type DispatchId, type LogChunk, NotFound } from "@jobtrigger/shared/domain";
import type { Store } from "@jobtrigger/shared/store";

/** About how much output one read takes. */
const READ_BYTES = 262_144;

/**
 * Calls `onChunk` with the output of a run from the start, in order. With `signal` it goes on until the run has ended and
 * all of its output was handed over, or the signal aborts; without (null) it hands over what is there and returns. Answers
 * the run as it was last seen.
 *
 * @throws {NotFound} when there is no such run, or no longer.
 */
export async function followRun(
  store: Store,
  id: DispatchId,
  { onChunk, signal }: {
    readonly onChunk: (chunk: LogChunk) => Promise<void>;
    readonly signal: AbortSignal | null;
  },
): Promise<Dispatch> {
  let fromSeq = 0;
  while (true) {
    const version = store.changes.version();
    // The state is read before the output: a run that has ended by then has no output that the read after it could miss.
    const run = await store.runs.get(id);
    if (run === null) throw new NotFound(`There is no run ${id}`);
    for (let hasMore = true; hasMore && !signal?.aborted;) {
      const chunks = await store.logs.read(id, { fromSeq, maxBytes: READ_BYTES });
      for (const chunk of chunks) await onChunk(chunk);
      fromSeq = (chunks.at(-1)?.seq ?? fromSeq - 1) + 1;
      hasMore = chunks.length > 0;
    }
    const hasEnded = run.state.status !== "PENDING" && run.state.status !== "IN_PROGRESS";
    if (hasEnded || signal === null || signal.aborted) return run;
    await store.changes.after(version, signal);
  }
}
