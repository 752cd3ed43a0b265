/**
 * What programs say in the addresses of jobs: which are listed, and what is asked of one.
 *
 * @module
 */
import { z } from "zod";
import { DST_FOLDS, DST_GAPS, type DstPolicy, JOB_STATES, type JobState } from "../../../domain/mod.ts";
import { MAX_AT_ONCE } from "../../job_fields.ts";
import { JOB_ORDERS, type JobOrderName, RANKING_NAMES, STATISTICS_RANGE_NAMES } from "../../list_names.ts";
import { cursor, filter, limit, type PageQuery, type Parameters, whole, zone } from "./query.ts";

/** Which jobs are listed. */
export interface JobsQuery extends PageQuery {
  /** A filter of jobs. */
  readonly filter?: string | undefined;
  /** The key or the exact name. */
  readonly named?: string | undefined;
  /** Part of the name, script path or key. */
  readonly q?: string | undefined;
  /** In this state. */
  readonly state?: JobState | undefined;
  /** With one label of each; labels with commas between them. */
  readonly label?: readonly string[] | undefined;
  /** The order. */
  readonly sort?: JobOrderName | undefined;
}

/** Which jobs are listed. */
export const jobsQuery: Parameters<JobsQuery> = z.strictObject({
  filter: filter("state:active label:nightly,eu"),
  named: z.string().min(1).max(1000).optional().meta({
    description: "the job with this key, else those with exactly this name, the oldest ten",
  }),
  q: z.string().max(1000).optional().meta({ description: "part of the name, script path or key, in any case" }),
  state: z.enum(JOB_STATES).optional(),
  label: z.array(z.string()).max(20).optional().meta({
    description: "repeat for jobs that have all of several; a comma between two means either",
  }),
  sort: z.enum(Object.values(JOB_ORDERS)).optional().meta({
    description:
      "absent: name; worst: active jobs that fail come first, then late ones, then paused ones that fail, then the others by name; last_run: what its schedule started last comes first",
  }),
  limit,
  cursor,
});

/** Which jobs of a change of many are listed. */
export interface BulkJobsQuery extends PageQuery {
  /** Only those that were refused. */
  readonly outcome?: "refused" | undefined;
}

/** Which jobs of a change of many are listed. */
export const bulkJobsQuery: Parameters<BulkJobsQuery> = z.strictObject({
  outcome: z.enum(["refused"]).optional().meta({ description: "only those that were refused" }),
  limit,
  cursor,
});

/** A range of times to run again. */
export const backfillQuery: Parameters<
  { readonly from: string; readonly to: string; readonly at_once?: number | undefined }
> = z.strictObject({
  from: z.string().max(100).meta({ description: "a day or a time in the job's zone, or ISO 8601; it counts" }),
  to: z.string().max(100).meta({ description: "likewise; a day or a minute counts whole" }),
  at_once: whole(1, MAX_AT_ONCE, "how many of its runs may run at once; absent: 1"),
});

/** The time that a question is about. */
export const whyQuery: Parameters<{ readonly at?: string | undefined; readonly timezone?: string | undefined }> = z
  .strictObject({
    at: z.string().max(40).optional().meta({
      description: "02:00, 2026-11-24 02:00, or an instant in ISO 8601: the minute, or the second; absent: now",
    }),
    timezone: zone,
  });

/** The zone of times in sentences. */
export const zoneQuery: Parameters<{ readonly timezone?: string | undefined }> = z.strictObject({ timezone: zone });

/** A schedule to look at. */
export interface ScheduleQuery {
  /** Text or JSON. */
  readonly schedule: string;
  /** The zone of its wall times. */
  readonly timezone?: string | undefined;
  /** Where clocks skip a time. */
  readonly gap?: DstPolicy["gap"] | undefined;
  /** Where clocks show a time twice. */
  readonly fold?: DstPolicy["fold"] | undefined;
  /** How many of its next times are answered. */
  readonly count?: number | undefined;
}

const occurrences = whole(1, 100, "how many of the next times; absent: 10");

/** A schedule to look at. */
export const scheduleQuery: Parameters<ScheduleQuery> = z.strictObject({
  schedule: z.string().min(1).max(1000).meta({ description: "such as daily at 09:00, or its JSON form" }),
  timezone: zone,
  gap: z.enum(DST_GAPS).optional(),
  fold: z.enum(DST_FOLDS).optional(),
  count: occurrences,
});

/** How many of a job's next times. */
export const countQuery: Parameters<{ readonly count?: number | undefined }> = z.strictObject({ count: occurrences });

/** Which timeline. */
export interface TimelineQuery {
  /** A filter of jobs. */
  readonly filter?: string | undefined;
  /** The beginning. */
  readonly from: string;
  /** The end, which is not in it. */
  readonly until: string;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
}

/** Which timeline. */
export const timelineQuery: Parameters<TimelineQuery> = z.strictObject({
  filter: filter("backup label:nightly"),
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).meta({ description: "up to 31 days after from" }),
  cursor,
});

/** Which statistics. */
export interface StatisticsQuery {
  /** Up to now. */
  readonly range?: typeof STATISTICS_RANGE_NAMES[number] | undefined;
  /** What comes first. */
  readonly sort?: typeof RANKING_NAMES[number] | undefined;
  /** Of jobs with one label of each. */
  readonly label?: readonly string[] | undefined;
}

/** Which statistics. */
export const statisticsQuery: Parameters<StatisticsQuery> = z.strictObject({
  range: z.enum(STATISTICS_RANGE_NAMES).optional().meta({ description: "up to now; absent: 24h" }),
  sort: z.enum(RANKING_NAMES).optional().meta({
    description:
      "jobs with the most failed runs, the lowest success rate, the most runs, or the most time first; absent: failed",
  }),
  label: z.array(z.string().max(1000)).max(10).optional().meta({
    description: "labels with commas between them, of which a job has one; repeat for several that it has all",
  }),
});
