import { resumeJob } from "@jobtrigger/shared/operations";
import { backTo, readForm } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther, withNotice } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Resumes a job; its next run is computed from now. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const form = await readForm(req);
    const id = jobIdOf(params);
    await resumeJob(operating(state), { id });
    return seeOther(withNotice(backTo(form, `/jobs/${id}`), "resumed"));
  },
});
