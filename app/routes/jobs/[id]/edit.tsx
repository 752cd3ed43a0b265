import { HttpError, page } from "fresh";
import { Conflict, type Job, type JobDefinition } from "@jobtrigger/shared/domain";
import { editJob, getJob } from "@jobtrigger/shared/operations";
import { EditConflict } from "../../../components/EditConflict.tsx";
import { JobForm, PREVIEW_NAMES } from "../../../components/JobForm.tsx";
import { jobCrumbs } from "../../../components/job_crumbs.ts";
import { Note } from "../../../components/Note.tsx";
import { Page } from "../../../components/Page.tsx";
import type { JobFields } from "../../../format/job_fields.ts";
import { readParts } from "../../../format/schedule_parts.ts";
import JobEditor from "../../../islands/JobEditor.tsx";
import { readForm } from "../../../server/form.ts";
import { fieldsOfForm, fieldsOfJob, isPreview, parseFields } from "../../../server/job_form.ts";
import { formData, type JobFormData, savedJob } from "../../../server/job_page.ts";
import { operating } from "../../../server/operating.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { jobFor, jobToChange } from "../../../server/visible.ts";
import { define } from "../../../utils.ts";

interface Data extends JobFormData {
  readonly job: Job;
  /** The fields that the form began with; null when unknown. */
  readonly base: JobFields | null;
  /** The stored fields, if the job was changed after the form was opened. */
  readonly theirs: JobFields | null;
  /** The revision that saving replaces. */
  readonly revision: number;
}

/** Shows the form and saves it. A wrong form (422) or a job changed by someone else (409) comes back with all that was typed. */
export const handler = define.handlers<Data>({
  async GET({ params, state }) {
    const job = await jobFor(state, jobIdOf(params), "jobs.edit");
    const fields = fieldsOfJob(job);
    const { id, revision } = job;
    return page({ ...await formData({ fields, id }, state), job, base: fields, theirs: null, revision });
  },
  async POST({ req, params, state }) {
    const { store } = state.portal;
    const form = await readForm(req);
    const job = await jobToChange(state, jobIdOf(params), "jobs.edit");
    const stored = fieldsOfJob(job);
    const base = parseFields(form.get("base"), stored);
    const fields = fieldsOfForm(form, stored);
    const revision = revisionOf(form);
    const shown = { fields, typed: readParts(form), id: job.id };
    const kept = { job, base, theirs: null, revision, isUnsaved: true };
    if (isPreview(form)) return page({ ...await formData(shown, state), ...kept });
    const save = (definition: JobDefinition) => editJob(operating(state), { id: job.id, revision, definition });
    try {
      const result = await savedJob(fields, state, save);
      if ("problems" in result) {
        const { problems } = result;
        return page({ ...await formData({ ...shown, problems }, state), ...kept }, { status: 422 });
      }
      return seeOther(`/jobs/${job.id}?notice=saved&undo=${result.job.revision}`);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      const latest = await getJob(store, job.id);
      const theirs = fieldsOfJob(latest);
      const data = { ...await formData(shown, state), job: latest, base, theirs, revision: latest.revision };
      return page({ ...data, isUnsaved: true }, { status: 409 });
    }
  },
});

function revisionOf(form: URLSearchParams): number {
  const text = form.get("revision") ?? "";
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new HttpError(422, `The form names no revision of the job: found "${text.slice(0, 40)}"`);
}

/** The form of a job that is there. */
export default define.page<typeof handler>(function EditJobPage({ data }) {
  const { job, base, theirs, revision, ...form } = data;
  const path = `/jobs/${job.id}`;
  return (
    <Page title="Edit" crumbs={jobCrumbs(job)}>
      {job.damage !== null && (
        <Note tone="warn" what="A part of this job cannot be read. The form has a stand-in in its place.">
          <p>{job.damage}. Saving writes all that the form shows.</p>
        </Note>
      )}
      {theirs !== null && <EditConflict base={base} theirs={theirs} yours={form.fields} path={path} />}
      <JobForm
        {...form}
        action={`${path}/edit`}
        hidden={{ revision: String(revision), base: JSON.stringify(theirs ?? base ?? {}) }}
        saveLabel={theirs === null ? "Save" : "Save over it"}
        cancelTo={path}
      >
        <JobEditor initial={form.preview} job={form.jobId} fields={PREVIEW_NAMES} />
      </JobForm>
    </Page>
  );
});
