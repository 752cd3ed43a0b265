import type { Dispatch, DispatchId } from "@jobtrigger/shared/domain";
import { findBeginning, getRun } from "@jobtrigger/shared/operations";
import type { StoreReader } from "@jobtrigger/shared/store";
import type { Following } from "./client.ts";
import { OutputCursor } from "./output_cursor.ts";

/** About how much output one read takes. */
const READ_BYTES = 262_144;

/** Reads the output of a run from a database, as `RunsClient.followRun()` says. @throws {NotFound} */
export async function followRun(
  store: StoreReader,
  id: DispatchId,
  { beginning = { offset: 0 }, onChunk, signal }: Following,
): Promise<Dispatch> {
  let output: OutputCursor | null = null;
  while (true) {
    const version = store.changes.version();
    // Read the state before the output: then no output of an ended run can be missed.
    const run = await getRun(store, id);
    output ??= new OutputCursor(await findBeginning(store, id, beginning), onChunk);
    while (!signal?.aborted) {
      const chunks = await store.logs.read(id, { fromSeq: output.seq, maxBytes: READ_BYTES });
      if (chunks.length === 0) break;
      for (const chunk of chunks) await output.take(chunk);
    }
    const hasEnded = run.state.status !== "PENDING" && run.state.status !== "IN_PROGRESS";
    if (hasEnded || signal === null || signal.aborted) return run;
    await store.changes.after(version, signal);
  }
}
