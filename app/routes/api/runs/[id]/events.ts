import type { RouteHandler } from "fresh";
import type { Dispatch } from "@jobtrigger/shared/domain";
import { stillSignedIn } from "../../../../server/access/still.ts";
import { runIdOf } from "../../../../server/params.ts";
import { changed, eventStream, HEARTBEAT, type ServerEvent } from "../../../../server/sse.ts";
import { runFor } from "../../../../server/visible.ts";
import type { State } from "../../../../utils.ts";

/** Bytes of output read at once. */
const READ_BYTES = 65_536;

/**
 * Follows a run: `chunk` for each chunk of output from `?from=` (a sequence number, or `end` for none) or, when the page connects
 * again, after `Last-Event-ID`; `state` when the run's state changes; `end` after all output of a finished run.
 */
export const handler: RouteHandler<unknown, State> = {
  async GET({ req, url, params, state }) {
    const { portal } = state;
    const { store, feed } = portal;
    const id = runIdOf(params);
    await runFor(state, id, "logs.read");
    const isPoll = url.searchParams.has("poll");
    const isStillIn = stillSignedIn(state, req.headers);
    let next = firstSeq(req.headers.get("last-event-id"), url.searchParams.get("from"));
    return eventStream(portal.stopping, async function* (signal): AsyncGenerator<ServerEvent> {
      let reported = "";
      while (!signal.aborted) {
        // Read the version and the run before the output: later changes are seen in the next round.
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
        if (isPoll || signal.aborted) return;
        const isNew = await changed(portal, seen, signal);
        if (!await isStillIn()) return;
        if (!isNew) yield HEARTBEAT;
      }
    });
  },
};

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
