import type { RouteHandler } from "fresh";
import { stillSignedIn } from "../../../../server/access/still.ts";
import { followRun } from "../../../../server/follow_run.ts";
import { operating } from "../../../../server/operating.ts";
import { runIdOf } from "../../../../server/params.ts";
import { runFor } from "../../../../server/visible.ts";
import type { State } from "../../../../utils.ts";

/** Follows a run for its page, from the chunk `?from=` or, when the page connects again, after `Last-Event-ID`. */
export const handler: RouteHandler<unknown, State> = {
  async GET({ req, url, params, state }) {
    const id = runIdOf(params);
    await runFor(state, id, "logs.read");
    return followRun(state.portal, id, {
      lastEventId: req.headers.get("last-event-id"),
      from: url.searchParams.get("from"),
      isPoll: url.searchParams.has("poll"),
      actor: operating(state).actor,
      isStillIn: stillSignedIn(state, req.headers),
    });
  },
};
