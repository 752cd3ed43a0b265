import { viewOfJob } from "../../../format/view.ts";
import { runIdOf } from "../../../server/params.ts";
import { define } from "../../../utils.ts";

/** Where a person reads times in each job's own zone, the pages of a run have that of its job. */
export default define.middleware(async (ctx) => {
  const { state: { portal: { store } }, params } = ctx;
  if (ctx.state.view.choice === "job") {
    const run = await store.runs.get(runIdOf(params));
    const job = run === null ? null : await store.jobs.get(run.jobId);
    if (job !== null) ctx.state.view = viewOfJob(ctx.state.view, job.timezone);
  }
  return await ctx.next();
});
