/**
 * What becomes of a due job: the pure heart of a scheduler's pass.
 *
 * ```text
 *   dueAt                                      now − grace                now
 *     │   too old, or too many      made up for     │      on time         │
 *     ├──────────────────────────┬──────────────────┼──────────────────────┤
 *     └─ ledger: missed          └─ candidates ────────────────────────────┘
 *                                   the first of them become dispatches, as many as the overlap policy has room for;
 *                                   ledger: overlap for the rest
 * ```
 *
 * The misfire policy says where the candidates begin, the overlap policy how many of them run. What does not become a dispatch
 * becomes a ledger entry, so that both together are the schedule's own list. Occurrences are sought and counted by the schedule
 * engine, never listed: a month of missed minutes costs no more than the dispatches it leads to.
 *
 * @module
 */
import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { Decision } from "../domain/dispatch.ts";
import type { Job, OverlapPolicy } from "../domain/job.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import { type Calendar, calendarOf, type Stretch } from "./calendar.ts";
import { spreadStart } from "./spread.ts";

/** Most occurrences of one job that one pass dispatches. What is on time beyond that stays due and is next. */
export const MOST_AT_ONCE = 1000;

/** A due job and what is known of it. */
export interface DueFacts {
  readonly job: Job;
  /** The job's `nextRun`: its first occurrence that is not settled yet. */
  readonly dueAt: EpochMs;
  /** Its occurrences that are PENDING or IN_PROGRESS, those of backfills left out. */
  readonly unfinished: number;
  readonly now: EpochMs;
}

/** An occurrence that becomes a dispatch. */
export interface DueDispatch {
  readonly scheduledFor: EpochMs;
  /** Not started before: the nominal time, moved by the job's spread. */
  readonly availableAt: EpochMs;
  readonly decision: Decision;
}

/** What to write about a due job. */
export interface DueVerdict {
  /** Oldest first. */
  readonly dispatch: readonly DueDispatch[];
  /** Whether earlier runs of the job are to be cancelled for it. */
  readonly cancelsEarlier: boolean;
  /** What does not run, and why; oldest first. */
  readonly ledger: readonly Omit<LedgerEntry, "jobId">[];
  /** The job's new `nextRun`; null: never again. */
  readonly nextRun: EpochMs | null;
}

/** Decides about the occurrences of a job from `dueAt` to `now`. */
export function decideDue(facts: DueFacts): DueVerdict {
  const { job, dueAt, now, unfinished } = facts;
  const calendar = calendarOf(job, dueAt);
  const graceStart = epochMs(now - 1000 * job.policies.misfire.graceSeconds);
  const first = firstCandidate(facts, calendar, graceStart);
  const ledger: DueVerdict["ledger"][number][] = [];
  const enter = (reason: LedgerEntry["reason"], stretch: Stretch | null) => {
    if (stretch !== null) ledger.push({ reason, ...stretch });
  };

  const isOver = job.policies.endsAt !== null && now > job.policies.endsAt;
  enter(isOver ? "expired" : "missed", calendar.stretch(dueAt, first === null ? now : epochMs(first - 1)));
  if (first === null) return { dispatch: [], cancelsEarlier: false, ledger, nextRun: calendar.next(now) };

  const running = runningOf(facts, calendar, first);
  const [firstRunning, lastRunning] = [running[0], running.at(-1)];
  if (firstRunning === undefined || lastRunning === undefined) {
    enter("overlap", calendar.stretch(first, now));
    return { dispatch: [], cancelsEarlier: false, ledger, nextRun: calendar.next(now) };
  }
  enter("overlap", calendar.stretch(first, epochMs(firstRunning - 1)));
  // What is on time and may run beside the others is not dropped for being too much at once.
  const isCut = job.policies.overlap === "allow" && running.length === MOST_AT_ONCE;
  if (!isCut) enter("overlap", calendar.stretch(epochMs(lastRunning + 1), now));
  return {
    dispatch: running.map((scheduledFor, index) => ({
      scheduledFor,
      availableAt: startOf(scheduledFor, job, calendar),
      decision: {
        timing: timingOf(scheduledFor, graceStart, job),
        overlap: unfinished + index > 0 && job.policies.overlap !== "skip" ? job.policies.overlap : null,
      },
    })),
    cancelsEarlier: job.policies.overlap === "cancel_running" && unfinished > 0,
    ledger,
    nextRun: calendar.next(isCut ? lastRunning : now),
  };
}

function startOf(scheduledFor: EpochMs, { id, policies: { spreadSeconds } }: Job, calendar: Calendar): EpochMs {
  if (spreadSeconds === 0) return scheduledFor;
  return spreadStart(scheduledFor, { jobId: id, spreadSeconds, following: calendar.next(scheduledFor) });
}

function timingOf(scheduledFor: EpochMs, graceStart: EpochMs, { policies: { misfire } }: Job): Decision["timing"] {
  return scheduledFor >= graceStart || misfire.kind === "skip" ? "on_time" : misfire.kind;
}

/** The first occurrence that may run: of the missed ones what the misfire policy grants, then all that are on time. */
function firstCandidate(
  { job, dueAt, now }: DueFacts,
  calendar: Calendar,
  graceStart: EpochMs,
): EpochMs | null {
  const { misfire, endsAt } = job.policies;
  const onTime = dueAt >= graceStart ? dueAt : calendar.next(epochMs(graceStart - 1));
  const firstOnTime = onTime !== null && onTime <= now ? onTime : null;
  // Outside its validity nothing is due: what was missed until then is over.
  if (misfire.kind === "skip" || dueAt >= graceStart || (endsAt !== null && now > endsAt)) return firstOnTime;

  const tooOld = misfire.catchupSeconds === null ? -Infinity : now - 1000 * misfire.catchupSeconds - 1;
  const notBefore = epochMs(Math.max(dueAt - 1, tooOld));
  const most = misfire.kind === "run_latest" ? 1 : misfire.limit;
  let found: EpochMs | null = null;
  for (let left = most, at = epochMs(graceStart - 1); left > 0; left--) {
    const earlier: EpochMs | null = calendar.latest(notBefore, at);
    if (earlier === null) break;
    found = earlier;
    at = epochMs(earlier - 1);
  }
  return found ?? firstOnTime;
}

/** Those of the candidates, from `first` to now, that run: consecutive occurrences. */
function runningOf({ job, now, unfinished }: DueFacts, calendar: Calendar, first: EpochMs): readonly EpochMs[] {
  const { overlap } = job.policies;
  // Only the latest is not superseded at once.
  if (overlap === "cancel_running") return [calendar.latest(epochMs(first - 1), now) ?? first];
  const room = Math.min(roomFor(overlap, unfinished), MOST_AT_ONCE);
  const running: EpochMs[] = [];
  for (let at: EpochMs | null = first; at !== null && at <= now && running.length < room; at = calendar.next(at)) {
    running.push(at);
  }
  return running;
}

/** Most runs that wait for their turn under `queue_all`. */
const QUEUE_LENGTH = 100;

/**
 * How many further runs a job may have while `unfinished` of it have not ended.
 *
 * ```ts
 * import { roomFor } from "@jobtrigger/shared/policy";
 * import assert from "node:assert/strict";
 * assert.deepEqual([roomFor("skip", 0), roomFor("skip", 1), roomFor("queue_one", 1), roomFor("queue_one", 2)], [1, 0, 1, 0]);
 * ```
 */
export function roomFor(overlap: OverlapPolicy, unfinished: number): number {
  switch (overlap) {
    case "skip":
      return Math.max(0, 1 - unfinished);
    case "queue_one":
      return Math.max(0, 2 - unfinished);
    case "queue_all":
      return Math.max(0, 1 + QUEUE_LENGTH - unfinished);
    case "cancel_running":
      return 1;
    case "allow":
      return Infinity;
  }
}
