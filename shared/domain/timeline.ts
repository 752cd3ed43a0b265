import type { DispatchId, EpochMs, JobId } from "./brand.ts";
import type { DispatchStatus } from "./dispatch.ts";
import type { Job } from "./job.ts";
import type { Grain, TallyOfPeriod } from "./statistics.ts";

/** What a timeline draws of an attempt. */
export interface RunBar {
  /** The attempt. */
  readonly id: DispatchId;
  /** The job. */
  readonly jobId: JobId;
  /** Its state. */
  readonly status: DispatchStatus;
  /** When it could begin. */
  readonly availableAt: EpochMs;
  /** When its script started; null: it has not, or never did. */
  readonly startedAt: EpochMs | null;
  /** When it ended; null: it has not. */
  readonly endedAt: EpochMs | null;
}

/** What happens in a range. */
export interface Timeline {
  /** The jobs with something in the range, by name. */
  readonly rows: readonly TimelineRow[];
  /** How many jobs were looked through. */
  readonly lookedAt: number;
  /** Where the next page begins; null: all jobs were looked through. */
  readonly next: string | null;
}

/** What happens to a job in a range. */
export interface TimelineRow {
  /** The job. */
  readonly job: Pick<Job, "id" | "name" | "isActive" | "timezone">;
  /** Its attempts that reach into the range, newest first; where they are many, the newest. */
  readonly runs: readonly RunBar[];
  /** What happened in each hour, or each day, that reaches into the range; null: all attempts are in `runs`. */
  readonly dense: { readonly grain: Grain; readonly tallies: readonly TallyOfPeriod[] } | null;
  /** Nominal times in the range at which it will run, oldest first; where they are many, none. */
  readonly planned: readonly EpochMs[];
  /** How many they are. */
  readonly plannedCount: number;
  /** The first of them; null: there is none. */
  readonly plannedFirst: EpochMs | null;
  /** The last of them; null: there is none. */
  readonly plannedLast: EpochMs | null;
}
