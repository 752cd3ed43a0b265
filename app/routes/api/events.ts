import type { RouteHandler } from "fresh";
import { stillSignedIn } from "../../server/access/still.ts";
import { followChanges } from "../../server/follow_changes.ts";
import { operating } from "../../server/operating.ts";
import type { State } from "../../utils.ts";

/** Tells a page that something changed; `?since=` or `Last-Event-ID` name where the page stands. */
export const handler: RouteHandler<unknown, State> = {
  GET({ req, url, state }) {
    const since = req.headers.get("last-event-id") ?? url.searchParams.get("since") ?? "";
    return followChanges(state.portal, {
      since,
      isPoll: url.searchParams.has("poll"),
      actor: operating(state).actor,
      isStillIn: stillSignedIn(state, req.headers),
    });
  },
};
