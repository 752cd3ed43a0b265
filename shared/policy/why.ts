/**
 * Why a job did, or did not, run at a time, and why a run waits, decided from the rows and the job's timetable. Pure:
 * `shared/operations/why.ts` reads the rows and has the words for people.
 *
 * @module
 */
import type { DispatchId, EpochMs } from "../domain/brand.ts";
import { epochMs } from "../domain/brand.ts";
import type { ConcurrencyPolicy, Dispatch, Job, LedgerEntry, Worker } from "../domain/mod.ts";
import { occurrencesOf } from "./occurrences.ts";

/** A span of time that somebody asks about: an instant, or the minute that they named. Both ends count. */
export interface Span {
  /** The first instant. */
  readonly from: EpochMs;
  /** The last instant. */
  readonly until: EpochMs;
}

/** Why something did or did not run. */
export type Why =
  /** The occurrence became this run. */
  | { readonly kind: "dispatched"; readonly run: Dispatch }
  /** The occurrence did not run, and the ledger says why. */
  | { readonly kind: "entered"; readonly at: EpochMs; readonly entry: LedgerEntry }
  /** It is yet to come. */
  | { readonly kind: "future"; readonly at: EpochMs }
  /** The job has been paused since before it. */
  | { readonly kind: "paused"; readonly at: EpochMs; readonly note: string | null }
  /** It is due, but no scheduler has picked it up. */
  | { readonly kind: "unsettled"; readonly at: EpochMs }
  /** The job did not exist then. */
  | { readonly kind: "no_job"; readonly createdAt: EpochMs }
  /** The job has been changed since, so its present schedule says nothing about that time. */
  | { readonly kind: "changed"; readonly changedAt: EpochMs }
  /** The schedule has no occurrence then; `before` and `after` are the nearest ones, null where there is none. */
  | { readonly kind: "not_due"; readonly before: EpochMs | null; readonly after: EpochMs | null }
  /** It is so long ago that its rows have been pruned. */
  | { readonly kind: "forgotten"; readonly at: EpochMs };

/** What an explanation of a span is made from. */
export interface SpanFacts {
  /** The job as it is now. */
  readonly job: Job;
  /** The span that somebody asks about. */
  readonly span: Span;
  /** The time of the question. */
  readonly now: EpochMs;
  /** First attempts of occurrences in the span, by the schedule. */
  readonly runs: readonly Dispatch[];
  /** Ledger entries that reach into the span. */
  readonly ledger: readonly LedgerEntry[];
  /** First attempts of occurrences in the span, by backfills. */
  readonly backfilled: readonly Dispatch[];
}

/** How far back the nearest earlier occurrence is looked for. */
const LOOK_BACK_MS = 366 * 86_400_000;

/** Explains a span of a job: each run that its schedule made in it, else why there is none; then each that a backfill made. */
export function explainSpan(facts: SpanFacts): readonly Why[] {
  return [...bySchedule(facts), ...facts.backfilled.map((run): Why => ({ kind: "dispatched", run }))];
}

function bySchedule({ job, span, now, runs, ledger }: SpanFacts): readonly Why[] {
  if (runs.length > 0) return runs.map((run) => ({ kind: "dispatched", run }));
  const occurrences = occurrencesOf(job, job.nextRun);
  const occurrence = occurrences.stretch(span.from, span.until)?.firstAt ?? null;
  // Only the ends of an entry are certainly occurrences: the schedule may have changed since.
  const end = ledger.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt])
    .find((at) => at >= span.from && at <= span.until);
  const entry = ledger.at(-1);
  const at = occurrence ?? end ?? null;
  if (entry !== undefined && at !== null) return [{ kind: "entered", at, entry }];
  if (span.until < job.createdAt) return [{ kind: "no_job", createdAt: job.createdAt }];
  if (at !== null && at > now && job.isActive) return [{ kind: "future", at }];
  if (at !== null && at > job.updatedAt && !job.isActive) return [{ kind: "paused", at, note: job.pausedNote }];
  if (at !== null && job.nextRun !== null && at >= job.nextRun) return [{ kind: "unsettled", at }];
  if (span.from <= job.updatedAt && job.revision > 1) return [{ kind: "changed", changedAt: job.updatedAt }];
  if (at !== null) return [{ kind: "forgotten", at }];
  const before = occurrences.latest(epochMs(span.from - LOOK_BACK_MS), epochMs(span.from - 1));
  return [{ kind: "not_due", before, after: occurrences.next(span.until) }];
}

/** Why a PENDING run has not been claimed. */
export type Wait =
  /** Its time has not come: a retry has a delay, and the job's spread moves a start. */
  | { readonly kind: "until"; readonly at: EpochMs }
  | { readonly kind: "no_worker" }
  /** No worker that is online has all of these tags; `missing`: tags that no such worker has. */
  | { readonly kind: "tags"; readonly tags: readonly string[]; readonly missing: readonly string[] }
  /** These runs hold the slots of its key that it may take. */
  | { readonly kind: "key"; readonly concurrency: ConcurrencyPolicy; readonly holders: readonly DispatchId[] }
  /** These older runs start first. */
  | { readonly kind: "serial_order"; readonly before: readonly DispatchId[] }
  /** Every worker that may run it has all of its slots in use. */
  | { readonly kind: "busy"; readonly slots: number }
  /** Nothing keeps it waiting: it is about to be claimed. */
  | { readonly kind: "nothing" };

/** What an explanation of a wait is made from. */
export interface WaitFacts {
  /** The run. */
  readonly run: Dispatch;
  /** The time of the question. */
  readonly now: EpochMs;
  /** All workers, those offline included. */
  readonly workers: readonly Worker[];
  /** The runs that hold slots of its key. */
  readonly holders: readonly DispatchId[];
  /** The unfinished runs of its job. */
  readonly unfinished: readonly Pick<Dispatch, "id" | "rootId" | "backfill">[];
}

/** Explains why a run waits; null: it does not. */
export function explainWait({ run, now, workers, holders, unfinished }: WaitFacts): Wait | null {
  const { needs, state } = run;
  if (state.status !== "PENDING") return null;
  if (state.availableAt > now) return { kind: "until", at: state.availableAt };
  const online = workers.filter(({ status }) => status === "IDLE" || status === "BUSY");
  if (online.length === 0) return { kind: "no_worker" };
  const able = online.filter(({ tags }) => needs.tags.every((tag) => tags.includes(tag)));
  if (able.length === 0) {
    const missing = needs.tags.filter((tag) => !online.some(({ tags }) => tags.includes(tag)));
    return { kind: "tags", tags: needs.tags, missing };
  }
  const { serial, concurrency } = needs;
  const before = unfinished.filter(({ rootId, backfill }) => rootId < run.rootId && backfill?.id === run.backfill?.id);
  if (serial?.width != null && before.length >= serial.width) {
    return { kind: "serial_order", before: before.map(({ id }) => id) };
  }
  if (concurrency !== null && holders.length >= concurrency.limit) return { kind: "key", concurrency, holders };
  const slots = able.reduce((sum, { concurrency }) => sum + concurrency, 0);
  const taken = able.reduce((sum, { currentDispatchIds }) => sum + currentDispatchIds.length, 0);
  return taken >= slots ? { kind: "busy", slots } : { kind: "nothing" };
}
