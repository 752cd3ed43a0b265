// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import { type EpochMs, Invalid, type Job, type JobDefinition, type JobId } from "@jobtrigger/shared/domain";
import { FIELD_NAMES, JOB_FIELDS, parseJobInput, policySentences } from "@jobtrigger/shared/api";
import { type Occurrences, occurrencesOf, spreadStart } from "@jobtrigger/shared/policy";
import { describeSchedule, scheduleWarnings } from "@jobtrigger/shared/schedule";
import { isoUtc } from "@jobtrigger/shared/time";
import type { JobFields } from "../format/job_fields.ts";
import type { Preview, PreviewRun } from "../format/preview.ts";
import type { View } from "../format/view.ts";
import { problemsByField } from "./problems.ts";

/** How many occurrences a preview shows. */
export const PREVIEW_RUNS = 10;

/** What is previewed: a definition, and the job that it is of; without `nextRun`, intervals count from now. */
export interface Previewed extends Pick<JobDefinition, "schedule" | "timezone" | "policies"> {
  /** Null: it has not been made yet, so its spread is not known. */
  readonly id: JobId | null;
  readonly nextRun?: Job["nextRun"];
}

/** The preview of the typed fields for the job `id`, or for a new job; null while there is no schedule. */
export async function previewTyped(fields: JobFields, id: JobId | null, view: View): Promise<Preview | null> {
  if (fields.schedule.trim() === "") return null;
  const { gap, fold } = fields;
  // A preview does not depend on the script.
  const input = { ...fields, name: "preview", script: "preview.sh", args: [], env: {}, dst: { gap, fold } };
  try {
    const definition = await parseJobInput(input, { scriptsDirs: [], defaultTimezone: view.zone });
    const { policies, timezone, schedule } = definition;
    return {
      ...previewJob({ ...definition, id }, view),
      effects: policySentences(policies, { timezone, defaults: false, schedule }),
    };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const byField = problemsByField(error.problems);
    const problems = FIELD_NAMES.flatMap((field) => {
      const message = byField[field];
      return message === undefined ? [] : [{ field, label: JOB_FIELDS[field].label, message }];
    });
    return { kind: "invalid", problems };
  }
}

/** The preview of a job: occurrences within its validity, moved by its spread; without sentences about policies. */
export function previewJob(job: Previewed, { now, zone }: View): Extract<Preview, { readonly kind: "valid" }> {
  const { schedule, timezone, policies } = job;
  const options = { timezone, after: now, dst: policies.dst };
  return {
    kind: "valid",
    sentence: describeSchedule(schedule, timezone),
    warnings: scheduleWarnings(schedule, options).filter(({ kind }) => kind !== "never").map(({ message }) => message),
    runs: nextOf(job, { now, zone }),
    isTimed: schedule.kind !== "manual",
    effects: [],
    jobZone: timezone,
    portalZone: zone,
  };
}

function nextOf(job: Previewed, { now, zone }: View): readonly PreviewRun[] {
  const occurrences = occurrencesOf(job, job.nextRun ?? null);
  const runs: PreviewRun[] = [];
  for (let at = occurrences.next(now); at !== null && runs.length < PREVIEW_RUNS; at = occurrences.next(at)) {
    const start = startOf(at, job, occurrences);
    runs.push({
      iso: isoUtc(at),
      job: shortTime(at, job.timezone),
      portal: shortTime(at, zone),
      utc: shortTime(at, "UTC"),
      start: start === null ? null : startTime(start, at, job.timezone),
    });
  }
  return runs;
}

function startOf(
  at: EpochMs,
  { id, policies: { spreadSeconds } }: Previewed,
  occurrences: Occurrences,
): EpochMs | null {
  if (id === null || spreadSeconds === 0) return null;
  return spreadStart(at, { jobId: id, spreadSeconds, following: occurrences.next(at) });
}

/** When an occurrence starts; the day only where it is another. */
function startTime(start: EpochMs, at: EpochMs, zone: string): string {
  const [text, due] = [shortTime(start, zone), shortTime(at, zone)];
  const time = text.split(" ").at(-1) ?? text;
  return due.replace(/\S+$/, time) === text ? time : text;
}

function shortTime(at: EpochMs, zone: string): string {
  return DateTime.fromMillis(at, { zone, locale: "en" }).toFormat("ccc yyyy-MM-dd HH:mm:ss");
}
