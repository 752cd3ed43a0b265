import { followerOf } from "../../server/access/follower.ts";
import { followChanges } from "../../server/follow_changes.ts";
import { followTab, pageUrlOf, preferencesOf } from "../../server/live/follow_page.ts";
import { runIdOf } from "../../server/params.ts";
import { runFor } from "../../server/visible.ts";
import { define } from "../../utils.ts";

/**
 * Keeps the page `?page=` up to date; without it, only tells that something changed. `?since=` or `Last-Event-ID` name where the
 * page stands, `?rows=` the rows on its screen that may still change. With `?log=`, the output of a run comes too, from the chunk
 * `?from=` on.
 */
export const handler = define.handlers({
  async GET({ req, url, state }) {
    const since = req.headers.get("last-event-id") ?? url.searchParams.get("since") ?? "";
    const reader = { ...followerOf(state, req.headers), since, isPoll: url.searchParams.has("poll") };
    const page = url.searchParams.get("page");
    if (page === null) return followChanges(state.portal, reader);
    const log = url.searchParams.get("log");
    const run = log === null ? null : await runFor(state, runIdOf({ id: log }), "logs.read");
    return followTab(state.portal, {
      ...reader,
      url: pageUrlOf(page, state.way.origin),
      user: state.user,
      preferences: preferencesOf(req.headers),
      log: run === null ? null : { id: run.id, from: url.searchParams.get("from") },
      rows: (url.searchParams.get("rows") ?? "").split(",").filter((row) => row !== ""),
    });
  },
});
