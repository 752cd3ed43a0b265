/**
 * The contract between the services and a database. It is authoritative for every state change of a dispatch:
 *
 * ```
 *          claim()                finish()
 *  PENDING ───────▶ IN_PROGRESS ───────────▶ COMPLETED | FAILED | TIMEOUT | CANCELLED
 *     ▲                 │                                  │ with a retry: a new PENDING row
 *     └── release() ────┘ ── rescue(): lease over ─▶ TIMEOUT┘
 *  PENDING ── cancel(), dispatchDue() under cancel_running ─▶ CANCELLED
 * ```
 *
 * Each transition is one guarded statement. Where nothing changed because somebody else was first, the answer says so
 * (`false`, an empty list, `null`); an error means that the database failed or the arguments are wrong.
 * No method reads a clock: the caller passes `now`, in the database's time.
 *
 * Every method may throw {@linkcode StoreUnavailable}. One conformance suite, `tests/store/`, holds for every database.
 *
 * @module
 */
import type {
  Backfill,
  Decision,
  Dispatch,
  DispatchId,
  DispatchStatus,
  EpochMs,
  Execution,
  ExecutionStatus,
  FinalStatus,
  Job,
  JobDefinition,
  JobId,
  LedgerEntry,
  LogChunk,
  RetryPolicy,
  Trigger,
  Worker,
  WorkerId,
  WorkerIdentity,
  WorkerStatus,
} from "../domain/mod.ts";

/** Dispatches after which a scheduler's pass ends, whatever is left. One job has at most `MOST_AT_ONCE` of them. */
export const MOST_DISPATCHES = 2000;

/** What is said of runs that were cancelled for the occurrence after them. */
export const SUPERSEDED =
  "Cancelled because the next occurrence was due and the job's overlap policy is cancel_running";

/** Most occurrences of one backfill. */
export const MOST_BACKFILLED = 1000;

/** An open database. Made by {@linkcode openStore}. */
export interface Store {
  readonly jobs: JobStore;
  readonly scheduling: SchedulingStore;
  readonly queue: QueueStore;
  readonly workers: WorkerStore;
  readonly runs: RunStore;
  readonly logs: LogStore;
  readonly changes: Changes;
  /** The database's own clock. */
  now(): Promise<EpochMs>;
  /** Finishes what is under way and lets go of the database. Idempotent. */
  close(): Promise<void>;
}

/**
 * What a change may be about: `schedule` (a job's definition or state), `queue` (something to claim), `cancel` (somebody
 * wants a run stopped).
 */
export type Topic = "schedule" | "queue" | "cancel";

/**
 * Tells when the database may have changed, whoever changed it. A database that cannot tell what a change is about counts it
 * under every topic; one that cannot tell of changes at all leaves it to the fallback polls.
 */
export interface Changes {
  /** Grows with every change, or with every one about a topic; compare, do not calculate. */
  version(topic?: Topic): number;
  /** Resolves once `version(topic)` is beyond `since`, at once if it is already, and when `signal` aborts. Never rejects. */
  after(since: number, signal: AbortSignal, topic?: Topic): Promise<void>;
}

/** One page of a list; `next` is passed back as `cursor` for the following page, null at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Jobs and their definitions. A deleted job is invisible here; its runs stay until they are pruned. */
export interface JobStore {
  create(definition: JobDefinition, at: { readonly nextRun: EpochMs | null; readonly now: EpochMs }): Promise<Job>;
  get(id: JobId): Promise<Job | null>;
  list(query: JobQuery): Promise<Page<JobSummary>>;
  /**
   * Replaces the definition of a job made on `revision`, and what its waiting runs need with it. `nextRun: "keep"` leaves the
   * next run to the schedulers, which may be moving it at this very moment.
   * @throws {NotFound} when there is no such job. @throws {Conflict} when its revision is another by now.
   */
  update(
    id: JobId,
    change: {
      readonly revision: number;
      readonly definition: JobDefinition;
      readonly nextRun: NextRunChange | "keep";
      readonly now: EpochMs;
    },
  ): Promise<Job | "moved">;
  /**
   * Pauses (`nextRun.to` null) or resumes a job. Doing it twice changes nothing. @throws {NotFound}
   */
  setActive(
    id: JobId,
    change: {
      readonly isActive: boolean;
      readonly note: string | null;
      readonly nextRun: NextRunChange;
      readonly now: EpochMs;
    },
  ): Promise<Job | "moved">;
  /** Deletes a job: its waiting runs are cancelled, its running ones are asked to stop. @throws {NotFound} */
  remove(id: JobId, now: EpochMs): Promise<void>;
}

/**
 * A person moves a job's next run. What lies between is theirs to account for, so it must not have been moved meanwhile: where
 * it has (a scheduler was first), nothing is changed and the answer is `"moved"`.
 */
export interface NextRunChange {
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  /** Occurrences that are given up by it. */
  readonly ledger: readonly Omit<LedgerEntry, "jobId">[];
}

/** What a list of jobs is narrowed to and ordered by. */
export interface JobQuery {
  /** Part of the name or script path, any case; absent: all. */
  readonly search?: string;
  readonly state?: "active" | "paused";
  /** Default `name`. `nextRun` puts jobs without one last. */
  readonly sort?: "name" | "nextRun" | "id";
  readonly cursor?: string;
  /** 1…200. */
  readonly limit: number;
}

/** A job with what a list shows of its runs. */
export interface JobSummary extends Job {
  /** The newest attempt, whatever its state; null when it never ran. */
  readonly lastRun: Dispatch | null;
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
   * Deletes up to `limit` finished occurrences (all attempts, logs), ledger entries and offline workers older than `before`.
   * Answers how many rows of `job_dispatch` and ledger went; fewer than `limit` means none is left.
   */
  prune(pass: { readonly before: EpochMs; readonly limit: number }): Promise<number>;
}

/** What a pass of a scheduler did. */
export interface DuePass {
  readonly jobs: number;
  readonly dispatched: number;
  readonly isDone: boolean;
}

/** A job that is due. */
export interface DueJob {
  readonly job: Job;
  /** Its nominal time: `job.nextRun`, known to be set. */
  readonly dueAt: EpochMs;
  /** How many of its attempts are PENDING or IN_PROGRESS, retries included, those of backfills left out. */
  readonly unfinished: number;
}

/** What becomes of a due job. */
export interface DueDecision {
  /** Occurrences that become dispatches, oldest first. */
  readonly dispatch: readonly {
    readonly scheduledFor: EpochMs;
    readonly availableAt: EpochMs;
    readonly decision: Decision;
  }[];
  /** Whether what is unfinished of the job is cancelled: what waits at once, what runs on request. */
  readonly cancelsEarlier: boolean;
  /** What does not, and why. */
  readonly ledger: readonly Omit<LedgerEntry, "jobId">[];
  readonly nextRun: EpochMs | null;
}

/** Whether more of a job is due after what was decided about it: one pass takes only so much of it. */
export function isStillDue({ nextRun }: DueDecision, now: EpochMs): boolean {
  return nextRun !== null && nextRun <= now;
}

/** An attempt taken from a worker. */
export interface LostAttempt {
  readonly dispatchId: DispatchId;
  readonly jobId: JobId;
  readonly workerId: WorkerId;
  readonly scheduledFor: EpochMs;
  readonly retryCount: number;
  readonly retry: RetryPolicy;
  /** `lease`: the worker fell silent. `overdue`: it lives, but did not end the script in time. */
  readonly reason: "lease" | "overdue";
}

/** A claim that a worker holds: which attempt, and by which epoch. */
export interface ClaimRef {
  readonly dispatchId: DispatchId;
  readonly epoch: number;
}

/** A claimed attempt with all that is needed to run it. */
export interface Claim extends ClaimRef {
  readonly leaseUntil: EpochMs;
  readonly jobId: JobId;
  readonly jobName: string;
  readonly scriptPath: string;
  /** The run's own arguments, else the job's. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number | null;
  readonly retry: RetryPolicy;
  readonly scheduledFor: EpochMs;
  readonly retryCount: number;
  readonly correlationId: string;
  readonly timezone: string;
  /** The revision of the job that all this is from. */
  readonly jobRevision: number;
  /** Sequence number of the next log chunk: above 0 when an earlier claim was released after it had written some. */
  readonly nextLogSeq: number;
}

/** How an attempt ended. */
export interface Outcome {
  readonly status: FinalStatus;
  readonly execution: ExecutionStatus;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly errorMessage: string | null;
  readonly durationMs: number;
  readonly logBytes: number;
  readonly truncated: boolean;
}

/** That the script of a claim runs since `startedAt` and must end by `timeoutAt`. */
export interface Start extends ClaimRef {
  readonly startedAt: EpochMs;
  readonly timeoutAt: EpochMs;
}

/** Output of the script of a claim. */
export interface Output extends ClaimRef {
  readonly chunks: readonly LogChunk[];
}

/** That the script of a claim has ended. */
export interface End extends ClaimRef {
  readonly outcome: Outcome;
  /** Null: it never ran. */
  readonly startedAt: EpochMs | null;
  readonly endedAt: EpochMs;
  /** When its retry becomes available; null: none. */
  readonly retryAt: EpochMs | null;
}

/**
 * What a worker does. Every write names the epoch of its claim. What many attempts have to say is written together, in one
 * transaction, one piece about each run; the answer names those whose lease is lost, about which nothing was written. Writing
 * the same again, because the answer did not arrive, changes nothing and answers the same.
 */
export interface QueueStore {
  /**
   * Takes up to `limit` available attempts that a worker with these tags may run, whose key has a place and whose turn it is:
   * highest priority first, then longest available; with a new epoch each and a lease until `now + leaseMs`. An idle call
   * opens no write transaction. Under load, a higher priority may be noticed a second late.
   */
  claim(
    request: {
      readonly workerId: WorkerId;
      readonly tags: ReadonlySet<string>;
      readonly limit: number;
      readonly leaseMs: number;
      readonly now: EpochMs;
    },
  ): Promise<readonly Claim[]>;
  /** When the earliest attempt that waits for its time, which is after `now`, becomes available; null when none does. */
  nextAvailableAt(now: EpochMs): Promise<EpochMs | null>;
  /** Notes which scripts run. Answers the lost. */
  markStarted(starts: readonly Start[]): Promise<readonly DispatchId[]>;
  /**
   * Appends output, at most once for each claim. Answers the lost.
   * @throws {RangeError} when chunks would leave a gap; nothing was written then.
   */
  appendLogs(outputs: readonly Output[]): Promise<readonly DispatchId[]>;
  /**
   * Tells that the worker lives, renews exactly the claims in `held`, and gives back what the table says this worker holds
   * and `held` does not name (the answer to that claim was lost). The caller has no claim under way meanwhile.
   */
  heartbeat(
    beat: {
      readonly workerId: WorkerId;
      readonly held: readonly ClaimRef[];
      readonly status: Exclude<WorkerStatus, "OFFLINE">;
      readonly leaseMs: number;
      readonly now: EpochMs;
    },
  ): Promise<{
    /** Held no longer: stop the script, write nothing. */
    readonly lost: readonly DispatchId[];
    /** False: this worker is not registered (any more); it registers again. */
    readonly known: boolean;
  }>;
  /** Which of `held` somebody asked to cancel. */
  cancelRequested(held: readonly ClaimRef[]): Promise<readonly DispatchId[]>;
  /**
   * Ends attempts: the state, the one execution row, the retry (none when `retryAt` is null, when a cancel was asked for, or
   * when the job is deleted) and the worker's count of each. Answers the lost.
   */
  finish(ends: readonly End[]): Promise<readonly DispatchId[]>;
  /** Gives claims back, available at once, not counted as retries. Those whose lease is lost are passed over. */
  release(refs: readonly ClaimRef[], now: EpochMs): Promise<void>;
}

/** Worker processes. */
export interface WorkerStore {
  /** Enters or re-enters a worker as IDLE. */
  register(identity: WorkerIdentity, now: EpochMs): Promise<void>;
  /** Marks a worker OFFLINE: it says goodbye. */
  retire(id: WorkerId, now: EpochMs): Promise<void>;
  /** All workers not yet pruned: those online first, then by hostname and start. */
  list(): Promise<readonly Worker[]>;
}

/** Runs (dispatches, one row per attempt), for people. */
export interface RunStore {
  get(id: DispatchId): Promise<Dispatch | null>;
  /** The execution row of a finished attempt; null while it is not. */
  execution(id: DispatchId): Promise<Execution | null>;
  /** Newest first. */
  list(query: RunQuery): Promise<Page<Dispatch>>;
  /** All attempts of one occurrence, first to last. */
  attempts(rootId: DispatchId): Promise<readonly Dispatch[]>;
  /**
   * Writes a PENDING attempt available at once. The same `idempotencyKey` for the same job answers the run it made first.
   * The job's overlap policy holds as for its schedule, unless `force` is set.
   * @throws {NotFound} when there is no such job. @throws {Conflict} when its policy leaves no room for another run.
   */
  runNow(
    request: {
      readonly jobId: JobId;
      readonly trigger: Extract<Trigger, "manual" | "api">;
      /** In place of the job's arguments; null: the job's. */
      readonly args: readonly string[] | null;
      readonly force: boolean;
      readonly idempotencyKey: string | null;
      readonly now: EpochMs;
    },
  ): Promise<Dispatch>;
  /**
   * Writes a PENDING attempt for each of `times`, available at once and in that order. The same `backfill.id` for the same job
   * writes them once. Answers how many were written.
   * @throws {NotFound} when there is no such job.
   */
  backfill(
    request: {
      readonly jobId: JobId;
      /** Nominal times, each once; at most {@linkcode MOST_BACKFILLED}. */
      readonly times: readonly EpochMs[];
      readonly backfill: Backfill;
      readonly now: EpochMs;
    },
  ): Promise<number>;
  /**
   * Cancels a waiting attempt at once (`cancelled`, with its execution row), asks for a running one to be stopped (`requested`).
   * @throws {NotFound} when there is no such run. @throws {Conflict} when it has ended.
   */
  cancel(id: DispatchId, now: EpochMs): Promise<"cancelled" | "requested">;
  /** Why occurrences of a job did not run, newest first. */
  ledger(jobId: JobId, limit: number): Promise<readonly LedgerEntry[]>;
  /**
   * What is known of the occurrences of a job's schedule in [`from`, `until`]: their first attempts, and entries that reach
   * into it; at most 200 of each.
   */
  occurrences(
    jobId: JobId,
    span: { readonly from: EpochMs; readonly until: EpochMs },
  ): Promise<{ readonly runs: readonly Dispatch[]; readonly ledger: readonly LedgerEntry[] }>;
  /** The unfinished attempts of a job, oldest first. */
  unfinished(jobId: JobId): Promise<readonly Dispatch[]>;
  /** The runs that hold places of a concurrency key. */
  holders(key: string): Promise<readonly DispatchId[]>;
}

/** What a list of runs is narrowed to. */
export interface RunQuery {
  readonly jobId?: JobId;
  readonly statuses?: readonly DispatchStatus[];
  readonly cursor?: string;
  /** 1…200. */
  readonly limit: number;
}

/**
 * Where a chunk begins in the output of an attempt. Output is only ever added at its end, so a place never moves, and each of
 * its three numbers is one to go on from.
 */
export interface LogPlace {
  readonly seq: number;
  /** Bytes of UTF-8 before it. */
  readonly offset: number;
  /** Number of the line that its first character is on: one more than there are line breaks before it. */
  readonly line: number;
}

/** The output of attempts. */
export interface LogStore {
  /** Chunks from `fromSeq` on, in order, about `maxBytes` of them (at least one chunk if there is one). */
  read(id: DispatchId, from: { readonly fromSeq: number; readonly maxBytes: number }): Promise<readonly LogChunk[]>;
  /** Where the next chunk will begin: how much there is. Reads no output. */
  end(id: DispatchId): Promise<LogPlace>;
  /** The first chunk that goes beyond `offset`, or that reaches `line`; the end when none does. Reads no output. */
  find(id: DispatchId, what: { readonly offset: number } | { readonly line: number }): Promise<LogPlace>;
}
