import { page } from "fresh";
import { createJob } from "@jobtrigger/shared/operations";
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

/**
 * Shows the form, with `?from=` filled in as a copy of that job; creates the job, or shows the form again with a preview or its
 * problems.
 */
export const handler = define.handlers<JobFormData>({
  async GET({ url, state }) {
    return page(await formData({ fields: await beginning(url.searchParams.get("from"), state), id: null }, state));
  },
  async POST({ req, state }) {
    const form = await readForm(req);
    const fields = fieldsOfForm(form, emptyFields(state.portal.config.displayTimezone));
    const shown = { fields, typed: readParts(form), id: null };
    if (isPreview(form)) return page({ ...await formData(shown, state), isUnsaved: true });
    const result = await savedJob(fields, state, (definition) => createJob(operating(state), definition));
    if ("problems" in result) {
      const { problems } = result;
      return page({ ...await formData({ ...shown, problems }, state), isUnsaved: true }, { status: 422 });
    }
    return seeOther(`/jobs/${result.job.id}?notice=created`);
  },
});

/** The fields that the form begins with. A copy has no key, which is unique; who copies a job may edit it, so that they see all of it. */
async function beginning(from: string | null, state: State): Promise<JobFields> {
  if (from === null) return emptyFields(state.portal.config.displayTimezone);
  const job = await jobFor(state, jobIdOf({ id: from }), "jobs.edit");
  return { ...fieldsOfJob(job), name: `Copy of ${job.name}`.slice(0, 200), key: "" };
}

/** The form of a new job. */
export default define.page<typeof handler>(function NewJobPage({ data }) {
  return (
    <Page title="New job" crumbs={[["/jobs", "Jobs"]]}>
      <JobForm {...data} action="/jobs/new" hidden={{}} saveLabel="Create job" cancelTo="/jobs">
        <JobEditor initial={data.preview} job={data.jobId} fields={PREVIEW_NAMES} />
      </JobForm>
    </Page>
  );
});
