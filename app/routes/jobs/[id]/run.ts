import type { RouteHandler } from "fresh";
import { Conflict } from "@jobtrigger/shared/domain";
import { getJob } from "@jobtrigger/shared/jobs";
import { readForm } from "../../../server/form.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import type { State } from "../../../utils.ts";

/** Longest key a form may carry. */
const KEY_LENGTH = 64;

/** Runs a job now and shows the run; while an earlier run is unfinished, shows the job with the reason. */
export const handler: RouteHandler<unknown, State> = {
  async POST({ req, params, state }) {
    const { store, clock } = state.portal;
    const form = await readForm(req);
    const job = await getJob(store, jobIdOf(params));
    const key = (form.get("key") ?? "").slice(0, KEY_LENGTH);
    try {
      const run = await store.runs.runNow({
        jobId: job.id,
        trigger: "manual",
        args: null,
        force: false,
        idempotencyKey: key === "" ? null : key,
        now: clock.now(),
      });
      return seeOther(`/runs/${run.id}`);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return seeOther(`/jobs/${job.id}?notice=busy`);
    }
  },
};
