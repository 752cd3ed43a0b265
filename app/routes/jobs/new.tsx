import { page } from "fresh";
import { createJob } from "@jobtrigger/shared/operations";
import { JobForm, PREVIEW_NAMES } from "../../components/JobForm.tsx";
import { Page } from "../../components/Page.tsx";
import LivePreview from "../../islands/LivePreview.tsx";
import { readForm } from "../../server/form.ts";
import { emptyFields, fieldsOfForm } from "../../server/job_form.ts";
import { formData, type JobFormData, savedJob } from "../../server/job_page.ts";
import { operating } from "../../server/operating.ts";
import { seeOther } from "../../server/redirect.ts";
import { define } from "../../utils.ts";

/** Shows the form; creates the job, or shows the form again with a preview or its problems. */
export const handler = define.handlers<JobFormData>({
  async GET({ state }) {
    return page(await formData({ fields: emptyFields(state.view.zone), id: null }, state));
  },
  async POST({ req, state }) {
    const form = await readForm(req);
    const fields = fieldsOfForm(form, emptyFields(state.view.zone));
    if (form.get("intent") === "preview") return page(await formData({ fields, id: null }, state));
    const result = await savedJob(fields, state, (definition) => createJob(operating(state), definition));
    if ("problems" in result) {
      return page(await formData({ fields, problems: result.problems, id: null }, state), { status: 422 });
    }
    return seeOther(`/jobs/${result.job.id}?notice=created`);
  },
});

/** The form of a new job. */
export default define.page<typeof handler>(function NewJobPage({ data }) {
  return (
    <Page title="New job" crumbs={[["/jobs", "Jobs"]]}>
      <JobForm {...data} action="/jobs/new" hidden={{}} saveLabel="Create job" cancelTo="/jobs">
        <LivePreview initial={data.preview} job={data.jobId} fields={PREVIEW_NAMES} />
      </JobForm>
    </Page>
  );
});
