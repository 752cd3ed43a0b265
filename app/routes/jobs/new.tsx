import { page } from "fresh";
import { createJob } from "@jobtrigger/shared/operations";
import { Note } from "../../components/Note.tsx";
import { JobForm, PREVIEW_NAMES } from "../../components/JobForm.tsx";
import { Page } from "../../components/Page.tsx";
import type { JobFields } from "../../format/job_fields.ts";
import { readParts } from "../../format/schedule_parts.ts";
import JobEditor from "../../islands/JobEditor.tsx";
import { readForm } from "../../server/form.ts";
import { emptyFields, fieldsOfForm, fieldsOfJob, isPreview } from "../../server/job_form.ts";
import { formData, type JobFormData, savedJob } from "../../server/job_page.ts";
import { operating } from "../../server/operating.ts";
import { jobIdOf } from "../../server/params.ts";
import { seeOther } from "../../server/redirect.ts";
import type { State } from "../../server/state.ts";
import { jobFor } from "../../server/visible.ts";
import { define } from "../../utils.ts";

interface Data extends JobFormData {
  readonly isPaused: boolean;
  /** Whether it begins as a copy. */
  readonly isCopy: boolean;
}

/**
 * Shows the form, with `?from=` filled in as a copy of that job; creates the job, or shows the form again with a preview or its
 * problems.
 */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const from = url.searchParams.get("from");
    const isCopy = from !== null;
    // A copy has the times of its original: a job that starts a script twice by surprise is worse than one that waits.
    return page({
      ...await formData({ fields: await beginning(from, state), id: null }, state),
      isPaused: isCopy,
      isCopy,
    });
  },
  async POST({ req, state }) {
    const form = await readForm(req);
    const isPaused = form.has("paused");
    const start = { isPaused, isCopy: false };
    const fields = fieldsOfForm(form, emptyFields(state.portal.config.displayTimezone));
    const shown = { fields, typed: readParts(form), id: null };
    if (isPreview(form)) return page({ ...await formData(shown, state), ...start, isUnsaved: true });
    const result = await savedJob(
      fields,
      state,
      (definition) => createJob(operating(state), definition, isPaused ? { paused: { note: null } } : {}),
    );
    if ("problems" in result) {
      const { problems } = result;
      return page({ ...await formData({ ...shown, problems }, state), ...start, isUnsaved: true }, { status: 422 });
    }
    return seeOther(`/jobs/${result.job.id}?notice=${isPaused ? "created_paused" : "created"}`);
  },
});

/** The fields that the form begins with. A copy has no key, which is unique; who copies a job may edit it, so that they see all of it. */
async function beginning(from: string | null, state: State): Promise<JobFields> {
  if (from === null) return emptyFields(state.portal.config.displayTimezone);
  const job = await jobFor(state, jobIdOf({ id: from }), "jobs.edit");
  return { ...fieldsOfJob(job), name: `Copy of ${job.name}`.slice(0, 200), key: "" };
}

/** The form of a new job. */
export default define.page<typeof handler>(function NewJobPage({ data: { isCopy, ...form } }) {
  return (
    <Page title="New job" crumbs={[["/jobs", "Jobs"]]}>
      {isCopy && (
        <Note tone="calm" role={null} what="This is a copy, and it begins paused.">
          <p>
            It starts nothing until you resume it. To let it run by its schedule at once, take the check mark from
            "Begins paused".
          </p>
        </Note>
      )}
      <JobForm {...form} action="/jobs/new" hidden={{}} saveLabel="Create job" cancelTo="/jobs">
        <JobEditor initial={form.preview} job={form.jobId} fields={PREVIEW_NAMES} />
      </JobForm>
    </Page>
  );
});
