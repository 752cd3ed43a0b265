import { viewOfJob } from "../../../format/view.ts";
import { jobIdOf } from "../../../server/params.ts";
import { define } from "../../../utils.ts";

/** Where a person reads times in each job's own zone, the pages of a job have its zone. */
export default define.middleware(async (ctx) => {
  const { state, params } = ctx;
  if (state.view.choice === "job") {
    const job = await state.portal.store.jobs.get(jobIdOf(params));
    if (job !== null) state.view = viewOfJob(state.view, job.timezone);
  }
  return await ctx.next();
});
