import type { Access } from "@jobtrigger/shared/access";
import { type Dispatch, type DispatchId, NotFound } from "@jobtrigger/shared/domain";
import { logChunkForm } from "@jobtrigger/shared/api";
import type { Portal } from "./portal.ts";
import { changed, eventStream, HEARTBEAT, type Reader, type ServerEvent } from "./sse.ts";
import { runFor } from "./visible.ts";

/** Bytes of output read at once. */
const READ_BYTES = 65_536;

/** Who follows a run, and where the stream begins. */
export interface Following extends Reader {
  /** `Last-Event-ID`: the chunk that came last, when somebody connects again; null: this is the first time. */
  readonly lastEventId: string | null;
  /** The first chunk, as a text, or `end` for none; null: all. */
  readonly from: string | null;
}

/**
 * Follows a run: `chunk` for each chunk of its output, `state` when the run's state changes, `end` after all output of a finished
 * run. A run whose output they may no longer read is `gone` to them, as a deleted one is.
 */
export function followRun(
  portal: Portal,
  id: DispatchId,
  following: Following,
): Response {
  return eventStream(portal, following, (signal) => runEvents(portal, id, following, signal));
}

/** The events of {@linkcode followRun}, until `signal` aborts. */
export async function* runEvents(
  portal: Portal,
  id: DispatchId,
  { lastEventId, from, ...reader }: Following,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void, void> {
  const { store, feed } = portal;
  let next = firstSeq(lastEventId, from);
  let reported = "";
  let access: Access | null = reader.access;
  while (access !== null && !signal.aborted) {
    // The version and the run are read before the output: what comes meanwhile is seen in the next round.
    const seen = feed.version;
    const run = await visibleRun({ portal, access }, id);
    const chunks = run === null || next === null
      ? []
      : await store.logs.read(id, { fromSeq: next, maxBytes: READ_BYTES });
    for (const chunk of chunks) {
      yield { event: "chunk", id: String(chunk.seq), data: JSON.stringify(logChunkForm(chunk)) };
      next = chunk.seq + 1;
    }
    if (chunks.length === 0) {
      const now = run === null ? "gone" : signatureOf(run);
      if (now !== reported) yield { event: "state", data: now };
      reported = now;
      if (run === null || "completedAt" in run.state) return yield { event: "end", data: "" };
      if (reader.isPoll || signal.aborted) return;
    }
    const isNew = chunks.length > 0 || await changed(portal, seen, signal);
    access = await reader.accessNow();
    if (access !== null && !isNew) yield HEARTBEAT;
  }
}

/** The run, if its output may be read; null: it may not, or there is no such run. */
async function visibleRun(asking: Parameters<typeof runFor>[0], id: DispatchId): Promise<Dispatch | null> {
  try {
    return await runFor(asking, id, "logs.read");
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

/** The chunk to begin with; null for none. */
function firstSeq(lastEventId: string | null, from: string | null): number | null {
  if (lastEventId !== null && /^\d{1,15}$/.test(lastEventId)) return Number(lastEventId) + 1;
  if (from === "end") return null;
  return from !== null && /^\d{1,15}$/.test(from) ? Number(from) : 0;
}

/** Differs when the page's facts about the run do. */
function signatureOf({ state }: Dispatch): string {
  return state.status === "IN_PROGRESS"
    ? `${state.status} ${state.startedAt} ${state.cancelRequestedAt}`
    : state.status;
}
