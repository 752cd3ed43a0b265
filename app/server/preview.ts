// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import { type EpochMs, epochMs, Invalid, type Job, type JobDefinition, type JobId } from "@jobtrigger/shared/domain";
import { crowdWords, FIELD_NAMES, JOB_FIELDS, parseJobInput, policySentences } from "@jobtrigger/shared/api";
import { readCrowd } from "@jobtrigger/shared/operations";
import { type Crowd, type Occurrences, occurrencesOf, spreadStart } from "@jobtrigger/shared/policy";
import { describeSchedule, formatSchedule, type Schedule, scheduleWarnings } from "@jobtrigger/shared/schedule";
import { isoUtc } from "@jobtrigger/shared/time";
import type { JobFields } from "../format/job_fields.ts";
import type { Preview, PreviewCrowd, PreviewRun } from "../format/preview.ts";
import { partsOfSchedule } from "../format/schedule_parts.ts";
import type { View } from "../format/view.ts";
import { problemsByField } from "./problems.ts";
import type { State } from "./state.ts";

/** How many occurrences a preview shows. */
const PREVIEW_RUNS = 10;

/** What is previewed: a definition, and the job that it is of; without `nextRun`, intervals count from now. */
export interface Previewed extends Pick<JobDefinition, "schedule" | "timezone" | "policies"> {
  /** Null: it has not been made yet, so its spread is not known. */
  readonly id: JobId | null;
  readonly nextRun?: Job["nextRun"];
}

/** The preview of the typed fields for the job `id`, or for a new job; null while there is no schedule. */
export async function previewTyped(
  fields: JobFields,
  id: JobId | null,
  { portal: { store, config }, access, view }: Pick<State, "portal" | "access" | "view">,
): Promise<Preview | null> {
  if (fields.schedule.trim() === "") return null;
  const { gap, fold } = fields;
  // A preview does not depend on the script.
  const input = { ...fields, name: "preview", script: "preview.sh", args: [], env: {}, dst: { gap, fold } };
  try {
    const definition = await parseJobInput(input, { scriptsDirs: [], defaultTimezone: config.displayTimezone });
    const { policies, timezone, schedule } = definition;
    const preview = previewJob({ ...definition, id }, view);
    const [next] = preview.runs;
    const crowd = next === undefined
      ? null
      : await readCrowd({ store, access }, { at: epochMs(Date.parse(next.iso)), except: id });
    return {
      ...preview,
      effects: policySentences(policies, { timezone, defaults: false, schedule }),
      crowd: crowd === null ? null : crowdOf(crowd, definition),
      parts: partsOfSchedule(schedule, formatSchedule(schedule)),
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
    crowd: null,
    parts: null,
  };
}

/** The words about other jobs, with the schedule moved to a free minute where its text has one time of day. */
function crowdOf(
  crowd: Crowd,
  { schedule, timezone }: Pick<JobDefinition, "schedule" | "timezone">,
): PreviewCrowd | null {
  const sentence = crowdWords(crowd);
  if (sentence === null) return null;
  const { at, freeAt } = crowd;
  if (freeAt === null) return { sentence, free: null };
  const [due, free] = [at, freeAt].map((instant) => DateTime.fromMillis(instant, { zone: timezone }));
  if (due === undefined || free === undefined || !due.hasSame(free, "day")) return { sentence, free: null };
  const time = free.toFormat("HH:mm:ss").replace(/:00$/, "");
  const moved = movedTo(schedule, free, time);
  return { sentence, free: moved === null ? null : { time, schedule: formatSchedule(moved) } };
}

function movedTo(schedule: Schedule, { year, month, day, minute }: DateTime, time: string): Schedule | null {
  switch (schedule.kind) {
    case "hourly":
      return { ...schedule, minute };
    case "daily":
    case "weekly":
    case "monthly":
      return { ...schedule, time };
    case "once":
      return { ...schedule, at: `${DateTime.local(year, month, day).toFormat("yyyy-MM-dd")}T${time}` };
    case "manual":
    case "interval":
    case "cron":
      return null;
  }
}

function nextOf(job: Previewed, { now, zone }: Pick<View, "now" | "zone">): readonly PreviewRun[] {
  const occurrences = occurrencesOf(job, job.nextRun ?? null);
  const runs: PreviewRun[] = [];
  const shortTime = (at: EpochMs, zone: string) => timeOf(at, zone, now);
  for (let at = occurrences.next(now); at !== null && runs.length < PREVIEW_RUNS; at = occurrences.next(at)) {
    const start = startOf(at, job, occurrences);
    runs.push({
      iso: isoUtc(at),
      job: shortTime(at, job.timezone),
      portal: timeBeside(shortTime(at, job.timezone), shortTime(at, zone)),
      utc: timeBeside(shortTime(at, job.timezone), shortTime(at, "UTC")),
      start: start === null ? null : timeBeside(shortTime(at, job.timezone), shortTime(start, job.timezone)),
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

/** A time that stands beside another: its day only where it is another. */
function timeBeside(other: string, text: string): string {
  const time = text.split(" ").at(-1) ?? text;
  return other.replace(/\S+$/, time) === text ? time : text;
}

/** `Sun 29 Nov 04:15`; the year only where it is another than now, seconds only where there are some. */
function timeOf(at: EpochMs, zone: string, now: EpochMs): string {
  const [then, today] = [at, now].map((ms) => DateTime.fromMillis(ms, { zone, locale: "en-GB" }));
  const year = then?.year === today?.year ? "" : " yyyy";
  return (then?.toFormat(`ccc d MMM${year} HH:mm:ss`) ?? "").replace(/:00$/, "");
}
