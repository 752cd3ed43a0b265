import { HttpError } from "fresh";
import { Conflict, Invalid } from "@jobtrigger/shared/domain";
import { rollBackJob } from "@jobtrigger/shared/operations";
import { readForm } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/**
 * Gives a job the definition of an earlier revision: from the list of revisions, or as the undo of an edit. Refused when somebody has
 * changed the job since the page was shown.
 */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const form = await readForm(req);
    const id = jobIdOf(params);
    const [revision, to] = [numberIn(form, "revision"), numberIn(form, "to")];
    try {
      const job = await rollBackJob(operating(state), { id, revision, to });
      const undo = form.get("undo") === "1" ? "" : `&undo=${job.revision}`;
      return seeOther(`/jobs/${id}?notice=${form.get("undo") === "1" ? "undone" : "restored"}${undo}`);
    } catch (error) {
      if (error instanceof Conflict) return seeOther(`/jobs/${id}/revisions?notice=changed_since`);
      if (error instanceof Invalid) return seeOther(`/jobs/${id}/revisions?notice=not_restored`);
      throw error;
    }
  },
});

function numberIn(form: URLSearchParams, name: string): number {
  const text = form.get(name) ?? "";
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new HttpError(400, `The form names no ${name}: found "${text.slice(0, 40)}"`);
}
