/**
 * The part of the store's contract that schedulers use.
 *
 * @module
 */
import { MOST_LOSSES } from "../policy/retry.ts";
import type { Decision, DispatchId, EpochMs, Job, JobId, LedgerEntry, RetryPolicy, WorkerId } from "../domain/mod.ts";

/** Dispatches after which a scheduler's pass ends, whatever is left. One job has at most `MOST_AT_ONCE` of them. */
export const MOST_DISPATCHES = 2000;

/** How far the clocks of two services may differ when both are right. Instants that are ahead by less are left alone. */
export const CLOCKS_DIFFER_MS = 1000;

/**
 * How long after its `now` a call may be carried out, at most. Instants written in between are right, so where it matters healing
 * changes only what is further ahead.
 */
export const LATEST_CALL_MS = 3_600_000;

/** The instant from which a job is healed: `now`, or the job's last change if that came before a late call was carried out. */
export function healedFrom({ updatedAt }: Job, now: EpochMs): EpochMs {
  return updatedAt > now && updatedAt <= now + LATEST_CALL_MS ? updatedAt : now;
}

/** What a scheduler does. */
export interface SchedulingStore {
  /** The earliest `nextRun` of an active job; null when nothing will ever be due. */
  nextDueAt(): Promise<EpochMs | null>;
  /**
   * Settles up to `limit` due jobs, oldest first, each once: locks it, asks `decide` about it, writes its dispatches and its ledger
   * entries and advances its `next_run`, all in one transaction, which may be that of other jobs, too. It passes over jobs that
   * another scheduler holds. A pass ends early once it has decided on {@linkcode MOST_DISPATCHES} dispatches, so that no transaction
   * grows without bound.
   */
  dispatchDue(pass: DispatchPass): Promise<DuePass>;
  /**
   * Ends attempts whose lease is over, or that are more than `overdueMs` past their own time limit, as TIMEOUT, and writes the
   * retry that `retryAt` grants. One conditional statement ends each: a result that arrived in between wins.
   */
  rescue(pass: RescuePass): Promise<readonly LostAttempt[]>;
  /** When the earliest lease or overdue limit of a running attempt ends, so that a scheduler can sleep until then. */
  nextRescueAt(overdueMs: number): Promise<EpochMs | null>;
  /** Marks workers that have been silent since `silentSince` OFFLINE. Answers how many. */
  markOffline(silentSince: EpochMs): Promise<number>;
  /**
   * Puts right what a clock that was ahead of `now` has written, in transactions of some jobs each:
   *
   * - A next run that is later than the job's schedule says becomes the first occurrence after `now`. The job's ledger forgets
   *   occurrences that are still to come. First attempts of such occurrences are deleted unless a worker has claimed them: they
   *   are dispatched in their time. A claimed one stays the only run of its occurrence.
   * - Other waiting runs that were written ahead wait as long as was meant, from `now` on.
   * - Leases that would go on for two lengths end at `now + leaseMs`: their holders renew them long before. Time limits,
   *   heartbeats, and the instants at which jobs were changed are moved likewise.
   */
  heal(pass: HealPass): Promise<Healed>;
  /**
   * Deletes up to `limit` rows older than `before`: finished occurrences (all attempts with their output), ledger entries, offline
   * workers, and deleted jobs of which nothing is left. The last occurrence goes whole, so its attempts may exceed the limit.
   * The last run and the last failure of a job that is not deleted stay, however old they are.
   * Answers how many attempts, entries, workers and jobs it deleted; fewer than `limit` means that none is left.
   */
  prune(pass: PrunePass): Promise<number>;
  /**
   * Deletes of `jobs` jobs, from the id `from` on, those finished occurrences that are older than the job's newest `keep` attempts:
   * at most `limit` of them, each with all attempts and output. A job's last failure stays, and an occurrence with an attempt
   * among the newest or one that has not ended. Reads `keep` entries of an index for each job, however long its history is.
   */
  pruneSurplus(pass: SurplusPass): Promise<SurplusPruned>;
}

/** One pass over due jobs. */
export interface DispatchPass {
  /** Jobs are due whose next run is not after this instant. */
  readonly now: EpochMs;
  /** Most jobs that are settled. */
  readonly limit: number;
  /** If the caller stops in the middle, the database ends the transaction after this long and frees the jobs. */
  readonly lockMs: number;
  /** Pure and quick. */
  readonly decide: (due: DueJob) => DueDecision;
}

/** One pass over attempts that their workers have lost. */
export interface RescuePass {
  /** Leases are over that end at this instant or before. */
  readonly now: EpochMs;
  /** How far past its own time limit an attempt may go on. */
  readonly overdueMs: number;
  /** Most attempts that are ended. */
  readonly limit: number;
  /** When the retry of a lost attempt becomes available; null: none. */
  readonly retryAt: (lost: LostAttempt) => EpochMs | null;
}

/** One pass over what a clock that was ahead has written. */
export interface HealPass {
  /** Instants after this one were written ahead. */
  readonly now: EpochMs;
  /** How long a lease is. */
  readonly leaseMs: number;
}

/** One pass over old history. */
export interface PrunePass {
  /** What ended, or was last heard of, before this instant is old. */
  readonly before: EpochMs;
  /** Most rows that are deleted. */
  readonly limit: number;
}

/** One pass over jobs that have more history than is kept of each. */
export interface SurplusPass {
  /** Finished attempts that are kept of a job. */
  readonly keep: number;
  /** The first job that is looked at; null: the first of all. */
  readonly from: JobId | null;
  /** Most jobs that are looked at. */
  readonly jobs: number;
  /** Most occurrences that are deleted. */
  readonly limit: number;
}

/** What a pass over jobs with too much history did. */
export interface SurplusPruned {
  /** Attempts that were deleted. */
  readonly deleted: number;
  /** The job from which the next pass goes on; null: all have been looked at. */
  readonly next: JobId | null;
}

/** How many next runs of jobs, waiting runs and running ones were healed. */
export interface Healed {
  /** Jobs whose next run was healed. */
  readonly jobs: number;
  /** Waiting runs that were healed. */
  readonly waiting: number;
  /** Running ones that were healed. */
  readonly running: number;
}

/** What a pass over due jobs did. */
export interface DuePass {
  /** Jobs that were settled. */
  readonly jobs: number;
  /** The dispatches that were written. */
  readonly runs: readonly DispatchedRun[];
  /** Whether no job is due any more that no other scheduler holds. */
  readonly isDone: boolean;
  /** Due jobs that cannot be read. They keep no other from its run, and are not due again until somebody edits them. */
  readonly damaged: readonly DamagedJob[];
}

/** A dispatch that was written. */
export interface DispatchedRun {
  /** The attempt. */
  readonly id: DispatchId;
  /** The job. */
  readonly jobId: JobId;
  /** The nominal time. */
  readonly scheduledFor: EpochMs;
  /** By which logs, the script and pages name the occurrence. */
  readonly correlationId: string;
}

/** A job of whose row something cannot be read. */
export interface DamagedJob {
  /** The job. */
  readonly jobId: JobId;
  /** Why, as a sentence. */
  readonly damage: string;
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

/** The decision about a due job. */
export interface DueDecision {
  /** Occurrences that become dispatches, oldest first. */
  readonly dispatch: readonly {
    readonly scheduledFor: EpochMs;
    readonly availableAt: EpochMs;
    readonly decision: Decision;
  }[];
  /** Whether the first dispatch that is written cancels earlier runs of the job: waiting ones at once, running ones on request. */
  readonly cancelsEarlier: boolean;
  /** Occurrences that do not run, and why. */
  readonly ledger: readonly Omit<LedgerEntry, "jobId">[];
  /** The job's next run after this; null: none. */
  readonly nextRun: EpochMs | null;
}

/** Whether a job is still due after the decision about it, which takes a bounded number of occurrences at once. */
export function isStillDue({ nextRun }: DueDecision, now: EpochMs): boolean {
  return nextRun !== null && nextRun <= now;
}

/** The occurrences that have a dispatch after `decision`, oldest first: those that had one before, and the new ones. */
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
  /** Shared by all attempts of the occurrence. */
  readonly correlationId: string;
  /** 0 for the first attempt. */
  readonly retryCount: number;
  /** The job's retry policy. */
  readonly retry: RetryPolicy;
  /** How many attempts of the occurrence were taken from their workers, this one included. */
  readonly losses: number;
  /** `lease`: the worker fell silent. `overdue`: it lives, but did not end the script in time. */
  readonly reason: "lease" | "overdue";
}

/** Why an attempt was taken from its worker, and whether it is not tried again because that happened too often. */
export function rescueMessage({ reason, workerId, losses }: LostAttempt, overdueMs: number): string {
  const why = reason === "lease"
    ? `Worker ${workerId} was silent past its lease`
    : `Worker ${workerId} did not end the script by ${overdueMs / 1000} s after its time limit`;
  return losses < MOST_LOSSES
    ? why
    : `${why}; this run has now lost its worker ${losses} times, so it is not tried again: it may be what ends them`;
}
