import { followerOf } from "../../server/access/follower.ts";
import { followChanges } from "../../server/follow_changes.ts";
import { define } from "../../utils.ts";

/** Tells a page that something changed; `?since=` or `Last-Event-ID` name where the page stands. */
export const handler = define.handlers({
  GET({ req, url, state }) {
    const since = req.headers.get("last-event-id") ?? url.searchParams.get("since") ?? "";
    return followChanges(state.portal, {
      ...followerOf(state, req.headers),
      since,
      isPoll: url.searchParams.has("poll"),
    });
  },
});
