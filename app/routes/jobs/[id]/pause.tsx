import { page } from "fresh";
import type { Job } from "@jobtrigger/shared/domain";
import { parseNote } from "@jobtrigger/shared/api";
import { pauseJob } from "@jobtrigger/shared/operations";
import { Field } from "../../../components/Field.tsx";
import { jobCrumbs } from "../../../components/job_crumbs.ts";
import { Page } from "../../../components/Page.tsx";
import { CANCEL_WAITING, runsThatWait } from "../../../components/WaitingRuns.tsx";
import { backTo, readForm, safePath } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther, withNotice } from "../../../server/redirect.ts";
import { jobFor } from "../../../server/visible.ts";
import { define } from "../../../utils.ts";

interface Data {
  readonly job: Job;
  readonly waiting: number;
  readonly back: string;
}

/**
 * Asks for a note and pauses a job, and cancels its waiting runs if the form says so. It redirects to the job's page, which shows how
 * many were cancelled or still wait; without any, back to the page of the click.
 */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const job = await jobFor(state, jobIdOf(params), "jobs.pause");
    const waiting = await state.portal.store.runs.waiting(job.id);
    return page({ job, waiting, back: safePath(url.searchParams.get("back") ?? "", `/jobs/${job.id}`) });
  },
  async POST({ req, params, state }) {
    const form = await readForm(req);
    const id = jobIdOf(params);
    const { waiting, cancelled } = await pauseJob(operating(state), {
      id,
      note: parseNote(form.get("note") ?? ""),
      cancelsWaiting: form.get(CANCEL_WAITING) === "on",
    });
    const path = `/jobs/${id}`;
    if (cancelled > 0) return seeOther(`${path}?notice=paused&cancelled=${cancelled}`);
    return seeOther(withNotice(waiting > 0 ? path : backTo(form, path), "paused"));
  },
});

/** The form of a pause. */
export default define.page<typeof handler>(function PauseJobPage({ data: { job, waiting, back } }) {
  const path = `/jobs/${job.id}`;
  return (
    <Page
      title="Pause"
      crumbs={jobCrumbs(job)}
      verdict="Its schedule is not followed until it is resumed. Nothing piles up."
    >
      <form method="post" action={`${path}/pause`} class="panel">
        <div class="body stack">
          <input type="hidden" name="back" value={back} />
          <Field name="note" label="Why" help="Everybody who looks at the job sees it.">
            {(a) => <input {...a} maxLength={500} autocomplete="off" />}
          </Field>
          {waiting > 0 && (
            <div class="field">
              <label class="check">
                <input type="checkbox" name={CANCEL_WAITING} />
                Cancel the {runsThatWait(waiting)}
              </label>
            </div>
          )}
          <div class="form-end">
            <button type="submit" class="button primary">Pause</button>
            <a class="button" href={back}>Cancel</a>
          </div>
        </div>
      </form>
    </Page>
  );
});
