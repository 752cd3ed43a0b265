import { type DispatchId, StoreUnavailable } from "@jobtrigger/shared/domain";
import type { ShownRun } from "@jobtrigger/shared/api";
import { readLogBeginning, readLogChunk, readLogChunks, readRunDetails } from "@jobtrigger/shared/api/schemas";
import type { Clock } from "@jobtrigger/shared/time";
import type { Following } from "./client.ts";
import type { PortalConnection } from "./connection.ts";
import { OutputCursor } from "./output_cursor.ts";

/** How much output one read takes at most: as much as the API gives. */
const READ_BYTES = 1_048_576;
/** A stream has an event at least each ten seconds; one that is silent for longer has broken. */
const SILENCE_MS = 25_000;
/** How long a broken stream is taken up again, without an event in between, and the pause before each try. */
const [PATIENCE_MS, PAUSE_MS] = [60_000, 1000];

/** Reads the output of a run from a portal, as `RunsClient.followRun()` says. A stream that breaks goes on where it was. */
export async function followPortalRun(
  connection: PortalConnection,
  clock: Clock,
  id: DispatchId,
  { beginning = { offset: 0 }, onChunk, signal }: Following,
): Promise<ShownRun> {
  const path = `/runs/${id}`;
  const isStart = "offset" in beginning && beginning.offset === 0;
  const query = "offset" in beginning ? { offset: beginning.offset } : { last_lines: beginning.lastLines };
  const begins = isStart
    ? { offset: 0, seq: 0, chunkOffset: 0 }
    : await connection.read(readLogBeginning, { path: `${path}/log/beginning`, query });
  const output = new OutputCursor(begins, onChunk);
  if (signal === null) await readStored(connection, path, output);
  else await followEvents(connection, clock, path, output, signal);
  const { run } = await connection.read(readRunDetails, { path });
  return run;
}

async function readStored(connection: PortalConnection, path: string, output: OutputCursor): Promise<void> {
  while (true) {
    const query = { from_seq: output.seq, max_bytes: READ_BYTES };
    const { chunks } = await connection.read(readLogChunks, { path: `${path}/log`, query });
    if (chunks.length === 0) return;
    for (const chunk of chunks) await output.take(chunk);
  }
}

async function followEvents(
  connection: PortalConnection,
  clock: Clock,
  path: string,
  output: OutputCursor,
  signal: AbortSignal,
): Promise<void> {
  let heardAt = clock.monotonic();
  while (!signal.aborted) {
    try {
      // The chunk before the next is the last that was taken.
      const headers: Record<string, string> = output.seq === 0 ? {} : { "last-event-id": String(output.seq - 1) };
      const request = { path: `${path}/events`, headers, signal, silenceMs: SILENCE_MS };
      for await (const { event, data } of connection.events(request)) {
        heardAt = clock.monotonic();
        if (event === "chunk") await output.take(connection.parse(readLogChunk, data));
        if (event === "end") return;
        if (signal.aborted) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof StoreUnavailable) || clock.monotonic() - heardAt > PATIENCE_MS) throw error;
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}
