/**
 * Shared by the pages for a new and an edited job: the data of the form, and saving.
 *
 * @module
 */
import { Invalid } from "@jobtrigger/shared/domain";
import type { Job, JobDefinition, JobId } from "@jobtrigger/shared/domain";
import { parseJobInput } from "@jobtrigger/shared/api";
import { listScripts } from "@jobtrigger/shared/scripts";
import type { JobFormProps } from "../components/JobForm.tsx";
import type { JobFields } from "../format/job_fields.ts";
import type { Preview } from "../format/preview.ts";
import type { State } from "./state.ts";
import { emptyFields, inputOf } from "./job_form.ts";
import { previewTyped } from "./preview.ts";
import { type FieldProblems, problemsByField } from "./problems.ts";

/** What a job's form shows, the same on each page that has one. */
export interface JobFormData extends Omit<JobFormProps, "action" | "hidden" | "saveLabel" | "cancelTo" | "children"> {
  /** Null: a new one. */
  readonly jobId: JobId | null;
  readonly preview: Preview | null;
}

/** The zones that can be chosen. */
const ZONES: readonly string[] = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** Gathers what the form of the job `id`, or of a new one, shows around `fields`. */
export async function formData(
  { fields, problems = {}, id }: {
    readonly fields: JobFields;
    readonly problems?: FieldProblems;
    readonly id: JobId | null;
  },
  { portal, view }: State,
): Promise<JobFormData> {
  const { scriptsDirs, jobTimeoutMs, maxRetries } = portal.config;
  const scripts = await listScripts(scriptsDirs);
  return {
    fields,
    problems,
    usual: emptyFields(view.zone),
    jobId: id,
    preview: await previewTyped(fields, id, view),
    scripts: scripts.map(({ path }) => path),
    zones: ZONES,
    defaults: { timeoutSeconds: jobTimeoutMs / 1000, maxRetries },
  };
}

/** The saved job, or the problems of the typed definition. */
export async function savedJob(
  fields: JobFields,
  { portal }: State,
  save: (definition: JobDefinition) => Promise<Job>,
): Promise<{ readonly job: Job } | { readonly problems: FieldProblems }> {
  try {
    const { scriptsDirs, displayTimezone } = portal.config;
    const definition = await parseJobInput(inputOf(fields), { scriptsDirs, defaultTimezone: displayTimezone });
    return { job: await save(definition) };
  } catch (error) {
    if (error instanceof Invalid) return { problems: problemsByField(error.problems) };
    throw error;
  }
}
