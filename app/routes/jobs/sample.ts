import { parseJobInput } from "@jobtrigger/shared/api";
import { createJob } from "@jobtrigger/shared/operations";
import { operating } from "../../server/operating.ts";
import { seeOther } from "../../server/redirect.ts";
import { define } from "../../utils.ts";

/** Creates the job that an empty portal offers. @throws {Invalid} where the sample script is not in the script directories. */
export const handler = define.handlers({
  async POST({ state }) {
    const { config } = state.portal;
    const input = { name: "Sample job", script: "test_job.sh", args: ["5"], schedule: "every 1m" };
    const definition = await parseJobInput(input, {
      scriptsDirs: config.scriptsDirs,
      defaultTimezone: config.displayTimezone,
    });
    const job = await createJob(operating(state), definition);
    return seeOther(`/jobs/${job.id}?notice=created`);
  },
});
