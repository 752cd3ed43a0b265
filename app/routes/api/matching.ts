import { capped } from "../../server/health_strip.ts";
import { jobsOf } from "../../server/bulk.ts";
import { visibleTo } from "../../server/visible.ts";
import { define } from "../../utils.ts";

/** How many jobs a filter finds, of those that the sender may see, in words: for the list, which does not count. */
export const handler = define.handlers({
  async GET({ url, state }) {
    const query = { ...jobsOf(url.searchParams), now: state.view.now, ...visibleTo(state, "jobs.read") };
    return new Response(capped(await state.portal.store.jobs.count(query)));
  },
});
