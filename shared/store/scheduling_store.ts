/**
 * The part of the store's contract that schedulers use.
 *
 * @module
 */
import { MOST_LOSSES } from "../policy/retry.ts";
import type { Decision, DispatchId, EpochMs, Job, JobId, LedgerEntry, RetryPolicy, WorkerId } from "../domain/mod.ts";

/** Dispatches after which a scheduler's pass ends, whatever is left. One job has at most `MOST_AT_ONCE` of them. */
export const MOST_DISPATCHES = 2000;

/** How far the clocks of two services may differ when both are right. What was written ahead by less is left alone. */
export const CLOCKS_DIFFER_MS = 1000;

/**
 * How late a call may be carried out, at most. What was written between its `now` and then is right, so where it would matter
 * only what is further ahead is put right.
 */
export const LATEST_CALL_MS = 3_600_000;

/** From when on a job is put right: from `now`, or from its last change where a late call has been overtaken by that. */
export function healedFrom({ updatedAt }: Job, now: EpochMs): EpochMs {
  return updatedAt > now && updatedAt <= now + LATEST_CALL_MS ? updatedAt : now;
}

/** What a scheduler does. */
export interface SchedulingStore {
  /** The earliest `nextRun` of an active job; null when nothing will ever be due. */
  nextDueAt(): Promise<EpochMs | null>;
  /**
   * One pass: locks up to `limit` due jobs, oldest first, asks `decide` about each, writes the dispatches and the ledger and
   * advances `next_run`, all in one transaction. `decide` is pure and quick. Jobs another scheduler holds are left to it.
   * A pass ends early once it has {@linkcode MOST_DISPATCHES} dispatches, so that no transaction grows without bound.
   * `dispatched` counts rows written, `jobs` the jobs settled; `isDone`: none is left that nobody holds. Should the caller
   * stop in the middle, the database ends the transaction after `lockMs` and frees the jobs.
   */
  dispatchDue(
    pass: {
      readonly now: EpochMs;
      readonly limit: number;
      readonly lockMs: number;
      readonly decide: (due: DueJob) => DueDecision;
    },
  ): Promise<DuePass>;
  /**
   * Ends attempts whose lease is over, or that are more than `overdueMs` past their own time limit, as TIMEOUT, and writes the
   * retry that `retryAt` grants. One conditional statement each: a result that arrived in between wins.
   */
  rescue(
    pass: {
      readonly now: EpochMs;
      readonly overdueMs: number;
      readonly limit: number;
      readonly retryAt: (lost: LostAttempt) => EpochMs | null;
    },
  ): Promise<readonly LostAttempt[]>;
  /** When the earliest lease or overdue limit of a running attempt ends, so that a scheduler can sleep until then. */
  nextRescueAt(overdueMs: number): Promise<EpochMs | null>;
  /** Marks workers that have been silent since `silentSince` OFFLINE. Answers how many. */
  markOffline(silentSince: EpochMs): Promise<number>;
  /**
   * Puts right what a clock that was ahead of `now` has written, in transactions of some jobs each:
   *
   * - The next run of a job that is later than its schedule says becomes the first occurrence after `now`, its ledger forgets what
   *   is still to come, and first attempts of such occurrences that nobody has claimed go: they are dispatched in their time. What
   *   was claimed stays the one run of its occurrence.
   * - What else waits and was written ahead waits as long as was meant, from `now` on.
   * - Leases that would go on for two lengths end at `now + leaseMs`: their holders renew them long before. Time limits,
   *   heartbeats, and when jobs were changed likewise.
   */
  heal(pass: { readonly now: EpochMs; readonly leaseMs: number }): Promise<Healed>;
  /**
   * Deletes up to `limit` finished occurrences (all attempts, logs), ledger entries and offline workers older than `before`.
   * Of a job that is not deleted, the last run and the last failure stay, however old they are.
   * Answers how many rows of `job_dispatch` and ledger went; fewer than `limit` means none is left.
   */
  prune(pass: { readonly before: EpochMs; readonly limit: number }): Promise<number>;
}

/** How much was put right: next runs of jobs, waiting runs, running ones. */
export interface Healed {
  /** Jobs whose next run was put right. */
  readonly jobs: number;
  /** Waiting runs that were put right. */
  readonly waiting: number;
  /** Running ones that were put right. */
  readonly running: number;
}

/** What a pass of a scheduler did. */
export interface DuePass {
  /** Due jobs that were decided. */
  readonly jobs: number;
  /** Dispatches that were written. */
  readonly dispatched: number;
  /** Whether nothing more was due. */
  readonly isDone: boolean;
}

/** A job that is due. */
export interface DueJob {
  /** The job. */
  readonly job: Job;
  /** Its nominal time: `job.nextRun`, known to be set. */
  readonly dueAt: EpochMs;
  /** How many of its attempts are PENDING or IN_PROGRESS, retries included, those of backfills left out. */
  readonly unfinished: number;
  /** Its occurrences from `dueAt` to now that have been dispatched already, by a clock that was ahead; ascending. */
  readonly settled: readonly EpochMs[];
}

/** What becomes of a due job. */
export interface DueDecision {
  /** Occurrences that become dispatches, oldest first. */
  readonly dispatch: readonly {
    readonly scheduledFor: EpochMs;
    readonly availableAt: EpochMs;
    readonly decision: Decision;
  }[];
  /** Whether earlier runs of the job are cancelled for the first that is written: what waits at once, what runs on request. */
  readonly cancelsEarlier: boolean;
  /** What does not, and why. */
  readonly ledger: readonly Omit<LedgerEntry, "jobId">[];
  /** The job's next run after this; null: none. */
  readonly nextRun: EpochMs | null;
}

/** Whether more of a job is due after what was decided about it: one pass takes only so much of it. */
export function isStillDue({ nextRun }: DueDecision, now: EpochMs): boolean {
  return nextRun !== null && nextRun <= now;
}

/** The occurrences that have a dispatch after `decision`, oldest first: those that had one before, and those it makes. */
export function settledBy({ dispatch }: DueDecision, settled: readonly EpochMs[]): readonly EpochMs[] {
  return [...settled, ...dispatch.map(({ scheduledFor }) => scheduledFor)].toSorted((a, b) => a - b);
}

/** An attempt taken from a worker. */
export interface LostAttempt {
  /** The attempt. */
  readonly dispatchId: DispatchId;
  /** The job. */
  readonly jobId: JobId;
  /** The worker it was taken from. */
  readonly workerId: WorkerId;
  /** The nominal time. */
  readonly scheduledFor: EpochMs;
  /** 0 for the first attempt. */
  readonly retryCount: number;
  /** The job's retry policy. */
  readonly retry: RetryPolicy;
  /** How many attempts of the occurrence were taken from their workers, this one included. */
  readonly losses: number;
  /** `lease`: the worker fell silent. `overdue`: it lives, but did not end the script in time. */
  readonly reason: "lease" | "overdue";
}

/** Why an attempt was taken from its worker, and whether that is why it is not tried again. */
export function rescueMessage({ reason, workerId, losses }: LostAttempt, overdueMs: number): string {
  const why = reason === "lease"
    ? `Worker ${workerId} was silent past its lease`
    : `Worker ${workerId} did not end the script by ${overdueMs / 1000} s after its time limit`;
  return losses < MOST_LOSSES
    ? why
    : `${why}; this run has now lost its worker ${losses} times, so it is not tried again: it may be what ends them`;
}
