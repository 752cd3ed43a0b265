/**
 * What the pages for a new and an edited job share: the data their form needs, and what saving leads to.
 *
 * @module
 */
import { Invalid } from "@jobtrigger/shared/domain";
import type { JobDefinition, Problem } from "@jobtrigger/shared/domain";
import { parseJobInput } from "@jobtrigger/shared/jobs";
import { listScripts } from "@jobtrigger/shared/scripts";
import type { FieldProblems, JobFormProps } from "../components/JobForm.tsx";
import { FIELD_NAMES, type FieldName, type JobFields } from "../format/job_fields.ts";
import type { State } from "../utils.ts";
import { inputOf } from "./job_form.ts";
import { previewTyped } from "./preview.ts";

/** The part of a job form's properties that does not depend on which page it is on. */
export type JobFormData = Pick<JobFormProps, "fields" | "problems" | "preview" | "scripts" | "zones" | "defaults">;

/** The zones that can be chosen. */
const ZONES: readonly string[] = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** Gathers what the form shows around `fields`. */
export async function formData(
  fields: JobFields,
  problems: FieldProblems,
  { portal, view }: State,
): Promise<JobFormData> {
  const { scriptsDirs, jobTimeoutMs, maxRetries } = portal.config;
  const scripts = await listScripts(scriptsDirs);
  return {
    fields,
    problems,
    preview: previewTyped(fields, view),
    scripts: scripts.map(({ path }) => path),
    zones: ZONES,
    defaults: { timeoutSeconds: jobTimeoutMs / 1000, maxRetries },
  };
}

/** The definition that was typed, or what is wrong with it. */
export async function definitionOf(
  fields: JobFields,
  { portal }: State,
): Promise<{ readonly definition: JobDefinition } | { readonly problems: FieldProblems }> {
  try {
    const { scriptsDirs, displayTimezone } = portal.config;
    return { definition: await parseJobInput(inputOf(fields), { scriptsDirs, defaultTimezone: displayTimezone }) };
  } catch (error) {
    if (error instanceof Invalid) return { problems: problemsByField(error.problems) };
    throw error;
  }
}

/** The problems beside their fields; those of one field joined, those of none at the name. */
export function problemsByField(problems: readonly Problem[]): FieldProblems {
  const byField: Partial<Record<FieldName, string>> = {};
  for (const { field, message } of problems) {
    const name = field === "dst" ? "gap" : FIELD_NAMES.find((known) => known === field) ?? "name";
    byField[name] = byField[name] === undefined ? message : `${byField[name]}; ${message}`;
  }
  return byField;
}
