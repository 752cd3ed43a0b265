/**
 * Shared by the pages for a new and an edited job: the data of the form, and saving.
 *
 * @module
 */
import { Invalid } from "@jobtrigger/shared/domain";
import type { Job, JobDefinition, JobId } from "@jobtrigger/shared/domain";
import { parseJobInput } from "@jobtrigger/shared/api";
import { namedZones } from "@jobtrigger/shared/schedule";
import { listScripts } from "@jobtrigger/shared/scripts";
import type { JobFormProps } from "../components/JobForm.tsx";
import type { JobFields } from "../format/job_fields.ts";
import type { Preview } from "../format/preview.ts";
import { type ScheduleParts, USUAL_PARTS } from "../format/schedule_parts.ts";
import type { State } from "./state.ts";
import { emptyFields, inputOf, partsOf } from "./job_form.ts";
import { previewTyped } from "./preview.ts";
import { type FieldProblems, problemsByField } from "./problems.ts";

/** What a job's form shows, the same on each page that has one. */
export interface JobFormData extends Omit<JobFormProps, "action" | "hidden" | "saveLabel" | "cancelTo" | "children"> {
  /** Null: a new one. */
  readonly jobId: JobId | null;
  readonly preview: Preview | null;
}

/** The zones that can be chosen. */
const ZONES = namedZones();

/** Gathers what the form of the job `id`, or of a new one, shows around `fields`. */
export async function formData(
  { fields, problems = {}, typed = USUAL_PARTS, id }: {
    readonly fields: JobFields;
    readonly problems?: FieldProblems;
    /** The parts of the schedule as they came; absent: nobody has typed any. */
    readonly typed?: ScheduleParts;
    readonly id: JobId | null;
  },
  state: State,
): Promise<JobFormData> {
  const { store, config: { scriptsDirs, jobTimeoutMs, maxRetries, displayTimezone } } = state.portal;
  const [scripts, workers, services] = await Promise.all([
    listScripts(scriptsDirs),
    store.workers.list(),
    store.services.list(),
  ]);
  const near = new Set(services.filter(({ kind }) => kind === "web").map(({ hostname }) => hostname));
  return {
    fields,
    problems,
    parts: partsOf(fields.schedule, typed),
    usual: emptyFields(displayTimezone),
    jobId: id,
    preview: await previewTyped(fields, id, state),
    scripts: scripts.map(({ path }) => path),
    hasFarWorkers: near.size > 0 && workers.some(({ hostname, status }) => status !== "OFFLINE" && !near.has(hostname)),
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
