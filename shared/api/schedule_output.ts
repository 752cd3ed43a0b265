import type { EpochMs, Job, JobDefinition, JobId } from "../domain/mod.ts";
import { occurrencesOf, spreadStart } from "../policy/mod.ts";
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

/** What a schedule means, what is odd about it, and its next `count` times after `now`. */
export function previewForm(
  job: PreviewedSchedule,
  { now, count }: { readonly now: EpochMs; readonly count: number },
): JsonObject {
  const { id, schedule, timezone, policies: { dst, spreadSeconds } } = job;
  const occurrences = occurrencesOf(job, job.nextRun ?? null);
  const times: EpochMs[] = [];
  for (let at = occurrences.next(now); at !== null && times.length < count; at = occurrences.next(at)) times.push(at);
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
  };
}
