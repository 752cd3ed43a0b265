import { parseNote } from "@jobtrigger/shared/api";
import { pauseJob } from "@jobtrigger/shared/operations";
import { CANCEL_WAITING } from "../../../components/WaitingRuns.tsx";
import { backTo, readForm } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/**
 * Pauses a job, with the typed note, and cancels its waiting runs if the form says so. It redirects to the job's
 * page, which shows how many were cancelled or still wait; without any, back to the page of the click.
 */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    const form = await readForm(req);
    const id = jobIdOf(params);
    const { waiting, cancelled } = await pauseJob(operating(state), {
      id,
      note: parseNote(form.get("note") ?? ""),
      cancelsWaiting: form.get(CANCEL_WAITING) === "on",
    });
    const page = `/jobs/${id}`;
    if (cancelled > 0) return seeOther(`${page}?notice=paused&cancelled=${cancelled}`);
    return seeOther(waiting > 0 ? `${page}?notice=paused` : backTo(form, page));
  },
});
