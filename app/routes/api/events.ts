import type { RouteHandler } from "fresh";
import { stillSignedIn } from "../../server/access/still.ts";
import { changed, eventStream, HEARTBEAT, type ServerEvent } from "../../server/sse.ts";
import type { State } from "../../utils.ts";

/**
 * Tells a page that something changed: `hello` with the stream's version, then `change` for each change. `?since=`
 * or `Last-Event-ID` name the page's version; `?poll=1` ends the answer after the first event.
 */
export const handler: RouteHandler<unknown, State> = {
  GET({ req, url, state }) {
    const { portal } = state;
    const isStillIn = stillSignedIn(state, req.headers);
    const isPoll = url.searchParams.has("poll");
    const since = req.headers.get("last-event-id") ?? url.searchParams.get("since") ?? "";
    return eventStream(portal.stopping, async function* (signal): AsyncGenerator<ServerEvent> {
      let seen = portal.feed.version;
      const name = since === "" || since === String(seen) ? "hello" : "change";
      yield { event: name, id: String(seen), data: "" };
      while (!isPoll && !signal.aborted) {
        const isNew = await changed(portal, seen, signal);
        if (signal.aborted || !await isStillIn()) return;
        seen = portal.feed.version;
        yield isNew ? { event: "change", id: String(seen), data: "" } : HEARTBEAT;
      }
    });
  },
};
