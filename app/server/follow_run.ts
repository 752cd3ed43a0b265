import type { Dispatch, DispatchId } from "@jobtrigger/shared/domain";
import type { Portal } from "./portal.ts";
import { changed, eventStream, HEARTBEAT, type Reader, type ServerEvent } from "./sse.ts";

/** Bytes of output read at once. */
const READ_BYTES = 65_536;

/** Who follows a run, and where the stream begins. */
export interface Following extends Reader {
  /** `Last-Event-ID`: the chunk that came last, when somebody connects again; null: this is the first time. */
  readonly lastEventId: string | null;
  /** The first chunk, as a text, or `end` for none; null: all. */
  readonly from: string | null;
  /** Whether who follows may still do so; the stream ends when not. */
  readonly isStillIn: () => Promise<boolean>;
}

/**
 * Follows a run: `chunk` for each chunk of its output, `state` when the run's state changes, `end` after all output of a finished
 * run.
 */
export function followRun(
  portal: Portal,
  id: DispatchId,
  { lastEventId, from, isStillIn, ...reader }: Following,
): Response {
  const { store, feed } = portal;
  let next = firstSeq(lastEventId, from);
  return eventStream(portal, reader, async function* (signal): AsyncGenerator<ServerEvent> {
    let reported = "";
    while (!signal.aborted) {
      // The version and the run are read before the output: what comes meanwhile is seen in the next round.
      const seen = feed.version;
      const run = await store.runs.get(id);
      while (next !== null && !signal.aborted) {
        const chunks = await store.logs.read(id, { fromSeq: next, maxBytes: READ_BYTES });
        if (chunks.length === 0) break;
        for (const { seq, stream, data } of chunks) {
          yield { event: "chunk", id: String(seq), data: JSON.stringify({ seq, stream, data }) };
          next = seq + 1;
        }
      }
      const now = run === null ? "gone" : signatureOf(run);
      if (now !== reported) yield { event: "state", data: now };
      reported = now;
      if (run === null || "completedAt" in run.state) return yield { event: "end", data: "" };
      if (reader.isPoll || signal.aborted) return;
      const isNew = await changed(portal, seen, signal);
      if (!await isStillIn()) return;
      if (!isNew) yield HEARTBEAT;
    }
  });
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
