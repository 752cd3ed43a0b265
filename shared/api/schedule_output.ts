import type { EpochMs, Job, JobDefinition, JobId } from "../domain/mod.ts";
import { type Crowd, occurrencesOf, spreadStart } from "../policy/mod.ts";
import { describeSchedule, formatSchedule, scheduleWarnings } from "../schedule/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { JsonObject } from "./output.ts";

/** A schedule with the policies that move its times. */
export interface PreviewedSchedule extends Pick<JobDefinition, "schedule" | "timezone" | "policies"> {
  /** Null: there is no job yet, so its spread is not known. */
  readonly id: JobId | null;
  /** Absent: intervals count from now. */
  readonly nextRun?: Job["nextRun"];
}

/** How a schedule is previewed. */
export interface PreviewOptions {
  /** Times after this one. */
  readonly now: EpochMs;
  /** Most times that are answered. */
  readonly count: number;
  /** How many other jobs are due in the minute of the next time; it is asked where there is one. */
  readonly crowdAt: (at: EpochMs) => Promise<Crowd>;
}

/** What a schedule means, what is odd about it, its next `count` times after `now`, and who else is due then. */
export async function previewForm(
  job: PreviewedSchedule,
  { now, count, crowdAt }: PreviewOptions,
): Promise<JsonObject> {
  const { id, schedule, timezone, policies: { dst, spreadSeconds } } = job;
  const occurrences = occurrencesOf(job, job.nextRun ?? null);
  const times: EpochMs[] = [];
  for (let at = occurrences.next(now); at !== null && times.length < count; at = occurrences.next(at)) times.push(at);
  const crowd = times[0] === undefined ? null : await crowdAt(times[0]);
  return {
    schedule: formatSchedule(schedule),
    schedule_json: { ...schedule },
    timezone,
    sentence: describeSchedule(schedule, timezone),
    warnings: scheduleWarnings(schedule, { timezone, after: now, dst }).map(({ message }) => message),
    next_runs: times.map((at) => ({
      scheduled_for: isoUtc(at),
      starts_at: isoUtc(
        id === null ? at : spreadStart(at, { jobId: id, spreadSeconds, following: occurrences.next(at) }),
      ),
    })),
    others_this_minute: crowd === null ? null : crowdForm(crowd),
  };
}

/** How many other jobs are due in the minute of a schedule's next time. */
export function crowdForm({ at, jobs, isMore, freeAt }: Crowd): JsonObject {
  return { scheduled_for: isoUtc(at), jobs, is_more: isMore, free_at: freeAt === null ? null : isoUtc(freeAt) };
}

/** The same as a sentence, `7 other jobs are due in the same minute as the next run.`; null: none is. */
export function crowdWords({ jobs, isMore }: Crowd): string | null {
  if (jobs === 0) return null;
  const many = jobs === 1 ? "1 other job is" : `${jobs}${isMore ? "+" : ""} other jobs are`;
  return `${many} due in the same minute as the next run.`;
}
