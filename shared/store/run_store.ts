import type {
  Backfill,
  Dispatch,
  DispatchId,
  DispatchStatus,
  EpochMs,
  Execution,
  JobId,
  LedgerEntry,
  QueueGroup,
  RunBar,
  RunTotals,
  RunWebhook,
  Trigger,
} from "../domain/mod.ts";
import type { By } from "./by.ts";
import type { Page, Visible } from "./page.ts";
import type { TotalsQuery } from "./totals.ts";
import type { WaitingPage, WaitingQuery } from "./waiting_page.ts";

export type { TotalsQuery } from "./totals.ts";
export type { WaitingPage, WaitingQuery } from "./waiting_page.ts";

/** Most occurrences of one backfill. */
export const MOST_BACKFILLED = 1000;

/** Most runs, and most ledger entries, that a question about a span of a job's occurrences answers. */
export const MOST_OCCURRENCES = 200;

/** The idempotency key of the run of one occurrence of a backfill. */
export function backfillKey({ id }: Backfill, at: EpochMs): string {
  return `backfill/${id}/${at}`;
}

/** Runs (dispatches, one row per attempt), for people. */
export interface RunStore {
  /** The run; null when there is none. */
  get(id: DispatchId): Promise<Dispatch | null>;
  /** The execution row of a finished attempt; null while it is not. */
  execution(id: DispatchId): Promise<Execution | null>;
  /** Newest first. */
  list(query: RunQuery): Promise<Page<Dispatch>>;
  /** What runs, waits, failed and is late, in numbers. */
  totals(query: TotalsQuery): Promise<RunTotals>;
  /** What waits, in the order in which workers take it. */
  queue(query: WaitingQuery): Promise<WaitingPage>;
  /** The queue groups with tags in which runs wait, at most `limit`. */
  taggedGroups(limit: number): Promise<readonly QueueGroup[]>;
  /** All attempts of one occurrence, first to last. */
  attempts(rootId: DispatchId): Promise<readonly Dispatch[]>;
  /**
   * Writes a PENDING attempt available at once. The same `idempotencyKey` for the same job answers the run it made first.
   * The job's overlap policy holds as for its schedule, unless `force` is set.
   * @throws {NotFound} when there is no such job. @throws {Conflict} when its policy leaves no room for another run.
   */
  runNow(run: NewRun): Promise<Dispatch>;
  /**
   * Writes a PENDING attempt for each of `times`, available at once and in that order. The same `backfill.id` for the same job
   * writes them once. Answers how many were written.
   * @throws {NotFound} when there is no such job.
   */
  backfill(runs: NewBackfill): Promise<number>;
  /**
   * Cancels a waiting attempt at once (`cancelled`, with its execution row), asks for a running one to be stopped (`requested`).
   * @throws {NotFound} when there is no such run. @throws {Conflict} when it has ended.
   */
  cancel(id: DispatchId, by: By): Promise<"cancelled" | "requested">;
  /** Why occurrences of a job did not run, newest first. */
  ledger(jobId: JobId, limit: number): Promise<readonly LedgerEntry[]>;
  /** The known occurrences of a job's schedule in a span of time. */
  occurrences(jobId: JobId, span: Span): Promise<KnownOccurrences>;
  /**
   * The attempts of some jobs that reach into a span, those of each job newest first. Of attempts that ended, only those count that
   * were made up to a day before the span, and are among the newest of their job until its end: `limit` and {@linkcode BAR_OVERLAPS}.
   */
  bars(query: BarQuery): Promise<readonly RunBar[]>;
  /** Where to look for the bars of a span: asked for once, for the bars of any jobs. */
  barBounds(span: Span): Promise<BarBounds>;
  /** How many runs of a job wait, those of backfills too. */
  waiting(jobId: JobId): Promise<number>;
  /** The unfinished attempts of a job, oldest first. */
  unfinished(jobId: JobId): Promise<readonly Dispatch[]>;
  /** The runs that hold slots of a concurrency key. */
  holders(key: string): Promise<readonly DispatchId[]>;
}

/** Which attempts a timeline draws. */
export interface BarQuery extends Span {
  /** At most {@linkcode MOST_IDS}. */
  readonly jobIds: readonly JobId[];
  /** Most attempts that ended of each job, and most that have not. */
  readonly limit: number;
  /** The answer of {@linkcode RunStore.barBounds} for the span. */
  readonly bounds: BarBounds;
}

/** Which attempts may have ended in a span: those with an id from `first` on and before `end`. */
export interface BarBounds {
  /** The least id of them. */
  readonly first: number;
  /** The id after the greatest of them. */
  readonly end: number;
}

/** How long before a span an attempt may have been made that ended in it, in milliseconds. */
export const BAR_BEFORE_MS = 86_400_000;

/**
 * How many newer attempts of its job that ended before a span an attempt may have that reaches into it: they ran beside it. So a span
 * costs the same however often its jobs ran before it.
 */
export const BAR_OVERLAPS = 100;

/** A run that somebody asks for. */
export interface NewRun extends By {
  /** The job that runs. */
  readonly jobId: JobId;
  /** Through what it was asked for. */
  readonly trigger: Extract<Trigger, "manual" | "api">;
  /** The webhook that asked for it, with the trigger `api`; the run shows `webhook`. Absent: none did. */
  readonly webhook?: RunWebhook;
  /** In place of the job's arguments; null: the job's. */
  readonly args: readonly string[] | null;
  /** Whether it runs beside earlier runs that have not ended, whatever the job's overlap policy says. */
  readonly force: boolean;
  /** The same key for the same job makes one run; null: each request makes its own. */
  readonly idempotencyKey: string | null;
}

/** Runs of a job that somebody asks for, for nominal times that are past. */
export interface NewBackfill extends By {
  /** The job that runs. */
  readonly jobId: JobId;
  /** Each once; at most {@linkcode MOST_BACKFILLED}. */
  readonly times: readonly EpochMs[];
  /** The backfill that the runs belong to. */
  readonly backfill: Backfill;
}

/** A span of time; both ends count. */
export interface Span {
  /** The first instant. */
  readonly from: EpochMs;
  /** The last instant. */
  readonly until: EpochMs;
}

/** The known occurrences of a job's schedule in a span of time; at most {@linkcode MOST_OCCURRENCES} of each kind. */
export interface KnownOccurrences {
  /** The first attempts that the schedule made, oldest time first. */
  readonly runs: readonly Dispatch[];
  /** Entries that reach into the span. */
  readonly ledger: readonly LedgerEntry[];
  /** The first attempts that backfills made, oldest time first, of one time the earlier backfill first. */
  readonly backfilled: readonly Dispatch[];
}

/** The filters of a list of runs. */
export interface RunQuery {
  /** Runs of this job; absent: of all. */
  readonly jobId?: JobId;
  /** Runs of jobs with one of these ids, keys or names, in any case; `*` stands for any text. Absent: of all. */
  readonly jobs?: readonly string[];
  /** Runs of jobs that have, of each of these groups, one of its labels; labels as `parseLabels()` makes them. */
  readonly labels?: readonly (readonly string[])[];
  /** Runs in one of these states; absent: in any. */
  readonly statuses?: readonly DispatchStatus[];
  /** Runs that one of these caused; absent: whatever did. */
  readonly triggers?: readonly Trigger[];
  /** Runs that one of these workers claimed last, in any case; `*` stands for any text. Absent: whoever claimed them. */
  readonly workers?: readonly string[];
  /** The first run made at or after this instant, and those after it; absent: from the first. */
  readonly since?: EpochMs;
  /** Only runs before the first one made at or after this instant; absent: to the last. */
  readonly until?: EpochMs;
  /** Runs of jobs that have one of these labels, as `visibleLabels()` of `shared/access` answers them; absent: all. */
  readonly visible?: Visible;
  /** Only these, at most {@linkcode MOST_IDS}. */
  readonly ids?: readonly DispatchId[];
  /** The end of the page before, its `next`; absent: the first page. */
  readonly cursor?: string;
  /** 1…200. */
  readonly limit: number;
}
