/**
 * What programs are shown of timelines and statistics.
 *
 * @module
 */
import { z } from "zod";
import { DISPATCH_STATUSES, type DispatchStatus, type Grain } from "../../domain/mod.ts";

/** Three percentiles of times, in milliseconds; null: there are no times. */
export type PercentilesShown = {
  /** Half took no longer. */
  readonly p50: number | null;
  /** 95 % took no longer. */
  readonly p95: number | null;
  /** 99 % took no longer. */
  readonly p99: number | null;
};

/** What happened in a time, to a job, or on a host. */
export type TallyShown = {
  /** The part that succeeded of what succeeded or failed, from 0 to 1; null: there was none. */
  readonly success_rate: number | null;
  /** Attempts that ended. */
  readonly ended: number;
  /** Of these, those that failed, could not be run, or ran out of time. */
  readonly failed: number;
  /** How they ended, and how many occurrences did not run. */
  readonly counts: CountsShown;
  /** The sum of their durations. */
  readonly busy_ms: number;
  /** How long they took. */
  readonly duration_ms: PercentilesShown;
  /** From when they could have started to their start. */
  readonly start_delay_ms: PercentilesShown;
};

/** How attempts ended. */
export type CountsShown = {
  /** With exit code 0. */
  readonly success: number;
  /** With another exit code, or by a signal. */
  readonly failure: number;
  /** They could not be run. */
  readonly error: number;
  /** They ran out of time, or their worker was lost. */
  readonly timeout: number;
  /** They were cancelled. */
  readonly cancelled: number;
  /** Occurrences that did not run. */
  readonly not_run: number;
};

/** Statistics of a range. */
export type StatisticsShown = {
  /** What is counted in. */
  readonly grain: Grain;
  /** The first hour or day. */
  readonly from: string;
  /** The end. */
  readonly until: string;
  /** How far percentiles may be off, as a part of them. */
  readonly percentile_error: number;
  /** All together. */
  readonly total: TallyShown;
  /** Each hour or day in which something happened, oldest first. */
  readonly periods: readonly ({ readonly at: string } & TallyShown)[];
  /** The jobs that come first; the name of a deleted one is null. */
  readonly jobs: readonly ({ readonly job_id: number; readonly name: string | null } & TallyShown)[];
  /** From when on jobs are ranked: later than `from` where there is too much to rank at once. */
  readonly ranked_from: string;
  /** Each worker's host; null: for who may see all jobs only, and not of some labels. */
  readonly hosts: readonly ({ readonly host: string } & TallyShown)[] | null;
  /** Whether all that has ended is counted. */
  readonly is_counted: boolean;
  /** Since when something has ended that is still to be counted. */
  readonly uncounted_since: string | null;
};

/** What ran and will run in a range. */
export type TimelineShown = {
  /** The jobs with something in the range, by name. */
  readonly items: readonly {
    readonly job_id: number;
    readonly name: string;
    /** Newest first; where `is_cut`, only the newest. */
    readonly runs: readonly {
      readonly id: number;
      readonly status: DispatchStatus;
      readonly available_at: string;
      readonly started_at: string | null;
      readonly completed_at: string | null;
    }[];
    readonly is_cut: boolean;
    /** Where `is_cut`, what happened in each hour or day. */
    readonly periods: readonly { readonly at: string; readonly grain: Grain; readonly counts: CountsShown }[];
    /** Nominal times at which it will run; none where they are too many. */
    readonly planned: readonly string[];
    readonly planned_count: number;
    readonly planned_first: string | null;
    readonly planned_last: string | null;
  }[];
  /** How many jobs were looked through. */
  readonly looked_at: number;
  /** The cursor of the next page; null at the end. */
  readonly next: string | null;
};

const instant = z.iso.datetime({ offset: false });
const count = z.int().min(0);
const id = z.int().min(1);
const grain = z.enum(["hour", "day"]);
const percentiles = z.strictObject({ p50: count.nullable(), p95: count.nullable(), p99: count.nullable() });
const counts = z.strictObject({
  success: count,
  failure: count,
  error: count,
  timeout: count,
  cancelled: count,
  not_run: count,
});
const tally = {
  success_rate: z.number().min(0).max(1).nullable(),
  ended: count,
  failed: count,
  counts,
  busy_ms: count,
  duration_ms: percentiles,
  start_delay_ms: percentiles,
};

/** Reads and describes what `statisticsForm()` makes. */
export const statisticsShown: z.ZodType<StatisticsShown> = z.strictObject({
  grain,
  from: instant,
  until: instant,
  percentile_error: z.number(),
  total: z.strictObject(tally),
  periods: z.array(z.strictObject({ at: instant, ...tally })),
  jobs: z.array(z.strictObject({ job_id: id, name: z.string().nullable(), ...tally })),
  ranked_from: instant,
  hosts: z.array(z.strictObject({ host: z.string(), ...tally })).nullable(),
  is_counted: z.boolean(),
  uncounted_since: instant.nullable(),
});

/** Reads and describes what `timelineForm()` makes. */
export const timelineShown: z.ZodType<TimelineShown> = z.strictObject({
  items: z.array(z.strictObject({
    job_id: id,
    name: z.string(),
    runs: z.array(z.strictObject({
      id,
      status: z.enum(DISPATCH_STATUSES),
      available_at: instant,
      started_at: instant.nullable(),
      completed_at: instant.nullable(),
    })),
    is_cut: z.boolean(),
    periods: z.array(z.strictObject({ at: instant, grain, counts })),
    planned: z.array(instant),
    planned_count: count,
    planned_first: instant.nullable(),
    planned_last: instant.nullable(),
  })),
  looked_at: count,
  next: z.string().nullable(),
});
