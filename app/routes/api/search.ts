import { searchJobs } from "../../server/search.ts";
import { define } from "../../utils.ts";

/** The jobs that `?q=` finds, as JSON, for the palette. */
export const handler = define.handlers({
  async GET({ url, state }) {
    return Response.json(await searchJobs(state, url.searchParams.get("q") ?? ""));
  },
});
