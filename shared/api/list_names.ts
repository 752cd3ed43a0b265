/**
 * The names by which programs and commands ask for orders and ranges of lists.
 *
 * @module
 */

/** The orders of jobs, as `JobQuery` of the store has them, by their names for programs. */
export const JOB_ORDERS = {
  name: "name",
  nextRun: "next_run",
  lastRun: "last_run",
  worst: "worst",
  id: "id",
} as const;

/** An order of jobs, as programs name it. */
export type JobOrderName = typeof JOB_ORDERS[keyof typeof JOB_ORDERS];

/** The order that programs name so. */
export function orderNamed(name: JobOrderName): keyof typeof JOB_ORDERS {
  switch (name) {
    case "next_run":
      return "nextRun";
    case "last_run":
      return "lastRun";
    case "name":
    case "worst":
    case "id":
      return name;
  }
}

/** Ranges of statistics, by name. */
export const STATISTICS_RANGE_NAMES = ["24h", "7d", "30d", "365d"] as const;
/** By what jobs are ranked, highest first. */
export const RANKING_NAMES = ["failed", "rate", "runs", "time"] as const;
