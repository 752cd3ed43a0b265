/**
 * How a job heals after a clock was ahead for a while.
 *
 * While the clock was ahead, schedulers settled occurrences that are still to come: the job's next run lies beyond them, the ledger
 * says that they did not run, and some have been dispatched. Once the clock is right again, the next run goes back to the first
 * occurrence that is still to come, and the ledger drops entries about the future. Dispatched occurrences stay settled.
 *
 * @module
 */
import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { Job } from "../domain/job.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import { Spans } from "./_spans.ts";
import { occurrencesOf } from "./occurrences.ts";

/** The first occurrence of `job` after `now`, in the rhythm of its next run; null: there is none. */
export function soonestRun(job: Job, now: EpochMs): EpochMs | null {
  return occurrencesOf(job, job.nextRun).next(now);
}

/** Whether the next run of an active job is later than its schedule says: it lies beyond the first occurrence after `now`. */
export function isNextRunTooLate(job: Job, now: EpochMs): boolean {
  const soonest = job.isActive ? soonestRun(job, now) : null;
  return soonest !== null && (job.nextRun === null || job.nextRun > soonest);
}

/** How far a next run may seem too late because the clocks of the scheduler and of the reader differ a little. */
const CLOCKS_DIFFER_MS = 60_000;

/** Whether people are told that {@linkcode isNextRunTooLate}: only when it is late by more than clocks differ. */
export function isShownTooLate(job: Job, now: EpochMs): boolean {
  return isNextRunTooLate(job, epochMs(now + CLOCKS_DIFFER_MS));
}

/** The part of a ledger entry of `job` that is not after `now`; null: all of it is still to come. */
export function pastOf(entry: Omit<LedgerEntry, "jobId">, job: Job, now: EpochMs): Omit<LedgerEntry, "jobId"> | null {
  const { reason, firstAt, lastAt, count } = entry;
  if (lastAt <= now) return entry;
  if (firstAt > now) return null;
  const occurrences = occurrencesOf(job, lastAt);
  // Where the job has been changed since, and no longer has as many occurrences there, they are of another schedule and cannot be
  // counted: only the first is known.
  const mayBeOfAnother = firstAt <= job.updatedAt && job.updatedAt > now;
  if (mayBeOfAnother && occurrences.stretch(firstAt, lastAt)?.count !== count) {
    return { reason, firstAt, lastAt: firstAt, count: 1 };
  }
  const ahead = occurrences.stretch(epochMs(now + 1), lastAt)?.count ?? 0;
  return { reason, firstAt, lastAt: occurrences.latest(firstAt, now) ?? firstAt, count: Math.max(1, count - ahead) };
}

/** The parts of a ledger entry of `job` between occurrences that have been dispatched, `settled`, which ascend. */
export function partsBeside(
  entry: Omit<LedgerEntry, "jobId">,
  job: Job,
  settled: readonly EpochMs[],
): readonly Omit<LedgerEntry, "jobId">[] {
  if (settled.length === 0) return [entry];
  const occurrences = occurrencesOf(job, entry.firstAt);
  const spans = new Spans();
  spans.add(entry.reason, entry.firstAt, entry.lastAt);
  return spans.without(settled).flatMap(({ reason, from, until }) => {
    const stretch = occurrences.stretch(from, until);
    return stretch === null ? [] : [{ reason, ...stretch }];
  });
}
