import { followerOf } from "../../../../server/access/follower.ts";
import { followRun } from "../../../../server/follow_run.ts";
import { runIdOf } from "../../../../server/params.ts";
import { runFor } from "../../../../server/visible.ts";
import { define } from "../../../../utils.ts";

/** Follows a run for its page, from the chunk `?from=` or, when the page connects again, after `Last-Event-ID`. */
export const handler = define.handlers({
  async GET({ req, url, params, state }) {
    const id = runIdOf(params);
    await runFor(state, id, "logs.read");
    return followRun(state.portal, id, {
      ...followerOf(state, req.headers),
      lastEventId: req.headers.get("last-event-id"),
      from: url.searchParams.get("from"),
      isPoll: url.searchParams.has("poll"),
    });
  },
});
