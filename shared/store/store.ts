/**
 * The contract between the services and a database. It is authoritative for every state change of a dispatch:
 *
 * ```
 *          claim()                finish()
 *  PENDING ───────▶ IN_PROGRESS ───────────▶ COMPLETED | FAILED | TIMEOUT | CANCELLED
 *     ▲                 │                                  │ with a retry: a new PENDING row
 *     └── release() ────┘ ── rescue(): lease over ─▶ TIMEOUT┘
 *  PENDING ── cancel(), pause(), remove(), dispatchDue() and runNow() under cancel_running ─▶ CANCELLED
 * ```
 *
 * Each end of an attempt and each addition to the ledger makes one event, in the same transaction: `event_store.ts`.
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
  Actor,
  Backfill,
  Dispatch,
  DispatchId,
  DispatchStatus,
  EpochMs,
  Execution,
  Job,
  JobDefinition,
  JobId,
  JobRevision,
  JobState,
  JobSummary,
  LedgerEntry,
  LogChunk,
  Trigger,
  Worker,
  WorkerId,
  WorkerIdentity,
} from "../domain/mod.ts";
import type { EventStore } from "./event_store.ts";
import type { QueueStore } from "./queue_store.ts";
import type { SchedulingStore } from "./scheduling_store.ts";

export type { EventStore } from "./event_store.ts";
export * from "./queue_store.ts";
export * from "./scheduling_store.ts";

/** Most occurrences of one backfill. */
export const MOST_BACKFILLED = 1000;

/** Most ids that a list is narrowed to. */
export const MOST_IDS = 200;

/** An open database. Made by {@linkcode openStore}. */
export interface Store {
  /** Jobs and their definitions. */
  readonly jobs: JobStore;
  /** What schedulers do. */
  readonly scheduling: SchedulingStore;
  /** What workers do. */
  readonly queue: QueueStore;
  /** Worker processes. */
  readonly workers: WorkerStore;
  /** Runs, for people. */
  readonly runs: RunStore;
  /** The output of runs. */
  readonly logs: LogStore;
  /** The outbox. */
  readonly events: EventStore;
  /** Tells of changes. */
  readonly changes: Changes;
  /** The database's own clock. */
  now(): Promise<EpochMs>;
  /** Writes and commits what nobody reads. @throws {StoreUnavailable} where nothing can be written. */
  tryWrite(): Promise<void>;
  /** Finishes what is under way and lets go of the database. Idempotent. */
  close(): Promise<void>;
}

/**
 * What a change may be about: `schedule` (a job's definition or state), `queue` (something to claim), `cancel` (somebody
 * wants a run stopped).
 */
export const TOPICS = ["schedule", "queue", "cancel"] as const;

/** One of {@linkcode TOPICS}. */
export type Topic = typeof TOPICS[number];

/**
 * Tells when the database may have changed, whoever changed it. A database that cannot tell what a change is about counts it
 * under every topic; one that cannot tell of changes at all leaves it to the fallback polls.
 */
export interface Changes {
  /**
   * Grows with every change, or with every one about a topic; compare, do not calculate. Never throws: a database that cannot
   * be read has changed once, and once more when it can be read again.
   */
  version(topic?: Topic): number;
  /** Resolves once `version(topic)` is beyond `since`, at once if it is already, and when `signal` aborts. Never rejects. */
  after(since: number, signal: AbortSignal, topic?: Topic): Promise<void>;
}

/** One page of a list; `next` is passed back as `cursor` for the following page, null at the end. */
export interface Page<Item> {
  /** The rows of this page, in the order of the list. */
  readonly items: readonly Item[];
  /** The cursor of the next page; null at the end. */
  readonly next: string | null;
}

/**
 * Jobs and their definitions. A deleted job is invisible here; its runs and its revisions stay until they are pruned. Each change
 * that gives a job another revision writes one {@linkcode JobRevision} with it, whose actor is the `actor` named here.
 */
export interface JobStore {
  /**
   * Creates a job, with its first revision.
   * @throws {Invalid} when another job has the key; its problem is of the field `key`.
   */
  create(
    definition: JobDefinition,
    at: {
      readonly nextRun: EpochMs | null;
      /** What owns the job; absent: people. */
      readonly managedBy?: string;
      readonly actor: Actor;
      readonly now: EpochMs;
    },
  ): Promise<Job>;
  /** The job; null when there is none, or when it is deleted. */
  get(id: JobId): Promise<Job | null>;
  /** The job with this key, else those with exactly this name, the oldest ten. */
  find(keyOrName: string): Promise<readonly Job[]>;
  /** One page of the jobs that `query` names. */
  list(query: JobQuery): Promise<Page<JobSummary>>;
  /**
   * Replaces the definition of a job made on `revision`, and what its waiting runs need with it. `nextRun: "keep"` leaves the
   * next run to the schedulers, which may be moving it at this very moment.
   * @throws {NotFound} when there is no such job. @throws {Conflict} when its revision is another by now.
   * @throws {Invalid} when another job has the key; its problem is of the field `key`.
   */
  update(
    id: JobId,
    change: {
      readonly revision: number;
      readonly definition: JobDefinition;
      readonly nextRun: NextRunChange | "keep";
      /** The revision whose definition comes back; absent: an edit. */
      readonly restores?: number;
      readonly actor: Actor;
      readonly now: EpochMs;
    },
  ): Promise<Job | "moved">;
  /**
   * Pauses a job, and with `cancelsWaiting` cancels its waiting runs, those of backfills too, in one transaction. A job that
   * is paused already keeps its note. @throws {NotFound}
   */
  pause(
    id: JobId,
    change: {
      readonly note: string | null;
      readonly cancelsWaiting: boolean;
      /** Its `to` is null: a paused job has no next run. */
      readonly nextRun: NextRunChange;
      readonly actor: Actor;
      readonly now: EpochMs;
    },
  ): Promise<PausedJob | "moved">;
  /** Resumes a job; one that is active already is left as it is. @throws {NotFound} */
  resume(
    id: JobId,
    change: { readonly nextRun: NextRunChange; readonly actor: Actor; readonly now: EpochMs },
  ): Promise<Job | "moved">;
  /**
   * Deletes a job: its waiting runs are cancelled, its running ones are asked to stop, its key is free. @throws {NotFound}
   */
  remove(id: JobId, change: { readonly actor: Actor; readonly now: EpochMs }): Promise<void>;
  /** Revisions of a job, deleted ones included, newest first; with `before` only those earlier than that one. */
  revisions(
    id: JobId,
    page: { readonly before?: number; readonly limit: number },
  ): Promise<readonly JobRevision[]>;
}

/**
 * A person moves a job's next run. What lies between is theirs to account for, so it must not have been moved meanwhile: where
 * it has (a scheduler was first), nothing is changed and the answer is `"moved"`. What the ledger says of times after the
 * change's `now` is forgotten: a clock was ahead.
 */
export interface NextRunChange {
  /** The next run that the change was decided on; null: none. */
  readonly from: EpochMs | null;
  /** The next run after the change; null: none. */
  readonly to: EpochMs | null;
  /** Occurrences that are given up by it. */
  readonly ledger: readonly Omit<LedgerEntry, "jobId">[];
}

/** A job after a pause, and what became of the runs that waited. */
export interface PausedJob {
  /** The job after the pause. */
  readonly job: Job;
  /** How many of its runs still wait. They start as if it were not paused. */
  readonly waiting: number;
  /** How many were cancelled with the pause. */
  readonly cancelled: number;
}

/** What a list of jobs is narrowed to and ordered by. */
export interface JobQuery {
  /** Part of the name, script path or key, any case; absent: all. */
  readonly search?: string;
  /** Jobs in this state; absent: in any. */
  readonly state?: JobState;
  /** Jobs that have all of these; as `parseLabels()` makes them. */
  readonly labels?: readonly string[];
  /** Only these, at most {@linkcode MOST_IDS}. */
  readonly ids?: readonly JobId[];
  /** Default `name`. `nextRun` puts jobs without one last. */
  readonly sort?: "name" | "nextRun" | "id";
  /** The end of the page before, its `next`; absent: the first page. */
  readonly cursor?: string;
  /** 1…200. */
  readonly limit: number;
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
  /** The run; null when there is none. */
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
  /** What is known of the occurrences of a job's schedule in [`from`, `until`]. */
  occurrences(jobId: JobId, span: { readonly from: EpochMs; readonly until: EpochMs }): Promise<KnownOccurrences>;
  /** How many runs of a job wait, those of backfills too. */
  waiting(jobId: JobId): Promise<number>;
  /** The unfinished attempts of a job, oldest first. */
  unfinished(jobId: JobId): Promise<readonly Dispatch[]>;
  /** The runs that hold places of a concurrency key. */
  holders(key: string): Promise<readonly DispatchId[]>;
}

/** What is known of the occurrences of a job's schedule in a span of time; at most 200 of each. */
export interface KnownOccurrences {
  /** The first attempts that the schedule made, oldest time first. */
  readonly runs: readonly Dispatch[];
  /** Entries that reach into the span. */
  readonly ledger: readonly LedgerEntry[];
  /** The first attempts that backfills made, oldest time first, of one time the earlier backfill first. */
  readonly backfilled: readonly Dispatch[];
}

/** What a list of runs is narrowed to. */
export interface RunQuery {
  /** Runs of this job; absent: of all. */
  readonly jobId?: JobId;
  /** Runs in one of these states; absent: in any. */
  readonly statuses?: readonly DispatchStatus[];
  /** Only these, at most {@linkcode MOST_IDS}. */
  readonly ids?: readonly DispatchId[];
  /** The end of the page before, its `next`; absent: the first page. */
  readonly cursor?: string;
  /** 1…200. */
  readonly limit: number;
}

/**
 * Where a chunk begins in the output of an attempt. Output is only ever added at its end, so a place never moves, and each of
 * its three numbers is one to go on from.
 */
export interface LogPlace {
  /** Sequence number of the chunk. */
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
