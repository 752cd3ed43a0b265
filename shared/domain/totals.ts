import type { EpochMs } from "./brand.ts";

/** Totals count to here and stop: this many, or more. */
export const MOST_COUNTED = 10_000;

/** How late the next run of a job may be before the job counts as late, in milliseconds: a scheduler looks more often. */
export const LATE_MS = 30_000;

/** What runs, waits, failed and is late, in numbers. No number exceeds {@linkcode MOST_COUNTED}. */
export interface RunTotals {
  /** Attempts that are running. */
  readonly running: number;
  /** Attempts that could run now and wait for a worker. */
  readonly waiting: number;
  /** Since when the oldest of them has waited; null: none waits. */
  readonly waitingSince: EpochMs | null;
  /** Attempts that failed or ran out of time since the instant asked for. */
  readonly failed: number;
  /** Active jobs whose next run no scheduler has picked up for {@linkcode LATE_MS}. */
  readonly late: number;
  /** Since when the first of them has been due; null: none is late. */
  readonly lateSince: EpochMs | null;
  /** Active jobs whose last occurrence failed, without a retry left. */
  readonly failing: number;
  /** Since when the first of them has failed; null: none does. */
  readonly failingSince: EpochMs | null;
}
