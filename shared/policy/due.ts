/**
 * What becomes of a due job: the pure heart of a scheduler's pass.
 *
 * ```text
 *   dueAt                                      now − grace                now
 *     │   too old, or too many      made up for     │      on time         │
 *     ├──────────────────────────┬──────────────────┼──────────────────────┤
 *     └─ ledger: missed          └─ candidates ────────────────────────────┘
 * ```
 *
 * The misfire policy says where the candidates begin; under `run_latest` a missed one is a candidate only when none is on time.
 * The overlap policy says how many candidates run: first those on time, then the oldest of the missed. An occurrence that does not
 * become a dispatch becomes part of a ledger entry, so both together are the schedule's own list. The reason is `overlap` where an
 * earlier run was in the way, `missed` where no scheduler was there in time. The schedule engine finds and counts occurrences and
 * never lists them: a month of missed minutes costs no more than the dispatches it leads to.
 *
 * A scheduler whose clock was ahead may have dispatched an occurrence before it is due. Such an occurrence is settled: it is not
 * dispatched again and gets no ledger entry.
 *
 * @module
 */
import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { Decision } from "../domain/dispatch.ts";
import type { Job, OverlapPolicy } from "../domain/job.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import { type Occurrences, occurrencesOf } from "./occurrences.ts";
import { Spans } from "./_spans.ts";
import { spreadStart } from "./spread.ts";

/** One pass dispatches at most this many occurrences of one job. Further ones on time stay due for the next pass. */
export const MOST_AT_ONCE = 1000;

/** What a decision about a due job is made from. */
export interface DueFacts {
  /** The job. */
  readonly job: Job;
  /** The job's `nextRun`: its first occurrence that is not settled yet. */
  readonly dueAt: EpochMs;
  /** Its occurrences that are PENDING or IN_PROGRESS, those of backfills left out. */
  readonly unfinished: number;
  /** Occurrences from `dueAt` to `now` that have been dispatched already, ascending; normally none. */
  readonly settled?: readonly EpochMs[];
  /** The time of the decision. */
  readonly now: EpochMs;
}

/** An occurrence that becomes a dispatch. */
export interface DueDispatch {
  /** Its nominal time. */
  readonly scheduledFor: EpochMs;
  /** It starts no earlier: the nominal time, moved by the job's spread. */
  readonly availableAt: EpochMs;
  /** By which policies it runs. */
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
  const { job, dueAt, now, unfinished, settled = [] } = facts;
  const { overlap, endsAt } = job.policies;
  const occurrences = occurrencesOf(job, dueAt);
  const graceStart = epochMs(now - 1000 * job.policies.misfire.graceSeconds);
  const candidates = candidatesOf(facts, occurrences, graceStart);
  const [late, punctual] = candidates === null ? [[], []] : runningOf(facts, occurrences, candidates);
  const running = [...late, ...punctual];
  // Occurrences on time that may run beside the others are never dropped because one pass has too many: they stay due.
  const cutAt = overlap === "allow" && running.length === MOST_AT_ONCE ? running.at(-1) ?? null : null;

  const spans = new Spans();
  const isOver = endsAt !== null && now > endsAt;
  spans.add(isOver ? "expired" : "missed", dueAt, candidates === null ? now : epochMs(candidates.first - 1));
  if (candidates !== null && cutAt === null) {
    const { first, onTime } = candidates;
    // Where no earlier run was in the way, missed occurrences gave way to later ones.
    spans.around(late, {
      from: first,
      until: missedUntil(candidates, now),
      before: unfinished > 0 ? "overlap" : "missed",
    });
    if (onTime !== null) spans.around(punctual, { from: onTime, until: now, before: "overlap" });
  }

  const isSettled = new Set(settled);
  const dispatch = running.filter((at) => !isSettled.has(at));
  return {
    dispatch: dispatch.map((scheduledFor, index) => ({
      scheduledFor,
      availableAt: startOf(scheduledFor, job, occurrences),
      decision: {
        timing: timingOf(scheduledFor, graceStart, job),
        overlap: unfinished + index > 0 && overlap !== "skip" ? overlap : null,
      },
    })),
    cancelsEarlier: overlap === "cancel_running" && unfinished > 0 && dispatch.length > 0,
    ledger: spans.without(settled).flatMap(({ reason, from, until }) => {
      const stretch = occurrences.stretch(from, until);
      return stretch === null ? [] : [{ reason, ...stretch }];
    }),
    nextRun: occurrences.next(cutAt ?? now),
  };
}

function startOf(scheduledFor: EpochMs, { id, policies: { spreadSeconds } }: Job, occurrences: Occurrences): EpochMs {
  if (spreadSeconds === 0) return scheduledFor;
  return spreadStart(scheduledFor, { jobId: id, spreadSeconds, following: occurrences.next(scheduledFor) });
}

function timingOf(scheduledFor: EpochMs, graceStart: EpochMs, { policies: { misfire } }: Job): Decision["timing"] {
  return scheduledFor >= graceStart || misfire.kind === "skip" ? "on_time" : misfire.kind;
}

/** The occurrences that may run: consecutive ones from `first` to now. */
interface Candidates {
  readonly first: EpochMs;
  /** The first of them that is on time; null: none is. */
  readonly onTime: EpochMs | null;
}

/** The missed occurrences that the misfire policy lets run, then all that are on time; null: nothing may run. */
function candidatesOf({ job, dueAt, now }: DueFacts, occurrences: Occurrences, graceStart: EpochMs): Candidates | null {
  const { misfire, endsAt } = job.policies;
  const next = dueAt >= graceStart ? dueAt : occurrences.next(epochMs(graceStart - 1));
  const onTime = next !== null && next <= now ? next : null;
  // Outside its validity nothing is due, and what was missed before is over.
  const isOver = endsAt !== null && now > endsAt;
  const grantsNone = misfire.kind === "skip" || (misfire.kind === "run_latest" && onTime !== null);
  if (grantsNone || dueAt >= graceStart || isOver) return onTime === null ? null : { first: onTime, onTime };

  const tooOld = misfire.catchupSeconds === null ? -Infinity : now - 1000 * misfire.catchupSeconds - 1;
  const first = earliestOfLatest(occurrences, {
    count: misfire.kind === "run_latest" ? 1 : misfire.limit,
    notBefore: epochMs(Math.max(dueAt - 1, tooOld)),
    at: epochMs(graceStart - 1),
  }) ?? onTime;
  return first === null ? null : { first, onTime };
}

/** The last moment of the missed candidates. */
function missedUntil({ onTime }: Candidates, now: EpochMs): EpochMs {
  return onTime === null ? now : epochMs(onTime - 1);
}

/** The candidates that run: consecutive missed ones, and consecutive ones on time. */
function runningOf(
  { job, now, unfinished }: DueFacts,
  occurrences: Occurrences,
  candidates: Candidates,
): readonly [late: readonly EpochMs[], punctual: readonly EpochMs[]] {
  const { overlap } = job.policies;
  const { first, onTime } = candidates;
  const until = missedUntil(candidates, now);
  switch (overlap) {
    case "cancel_running": {
      // Each but the latest would be cancelled at once by the one after it.
      const latest = [occurrences.latest(epochMs(first - 1), now) ?? first];
      return onTime === null ? [latest, []] : [[], latest];
    }
    case "allow": {
      const late = consecutive(occurrences, { from: first, until, most: MOST_AT_ONCE });
      return [late, consecutive(occurrences, { from: onTime, until: now, most: MOST_AT_ONCE - late.length })];
    }
    case "skip":
    case "queue_one":
    case "queue_all": {
      const room = roomFor(overlap, unfinished);
      const punctual = consecutive(occurrences, { from: onTime, until: now, most: room });
      return [consecutive(occurrences, { from: first, until, most: room - punctual.length }), punctual];
    }
  }
}

/** Up to `most` occurrences from `from`, itself an occurrence, to `until`. */
function consecutive(
  occurrences: Occurrences,
  { from, until, most }: { readonly from: EpochMs | null; readonly until: EpochMs; readonly most: number },
): readonly EpochMs[] {
  const found: EpochMs[] = [];
  for (let at = from; at !== null && at <= until && found.length < most; at = occurrences.next(at)) found.push(at);
  return found;
}

/** The earliest of the `count` latest occurrences in (`notBefore`, `at`]; null when there is none. */
function earliestOfLatest(
  occurrences: Occurrences,
  { count, notBefore, at }: { readonly count: number; readonly notBefore: EpochMs; readonly at: EpochMs },
): EpochMs | null {
  let found: EpochMs | null = null;
  for (let left = count, end = at; left > 0; left--) {
    const earlier: EpochMs | null = occurrences.latest(notBefore, end);
    if (earlier === null) break;
    found = earlier;
    end = epochMs(earlier - 1);
  }
  return found;
}

/** Most runs of a job that wait under `queue_all`. */
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
