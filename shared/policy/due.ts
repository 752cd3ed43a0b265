/**
 * What becomes of a due job: the pure heart of a scheduler's pass.
 *
 * The occurrences from `dueAt` to `now` are taken in order. One that is later than the misfire grace is *missed*; of the missed
 * ones only the latest may run. One that may run becomes a dispatch, unless an earlier dispatch of the job is unfinished
 * (*overlap*). What does not become a dispatch becomes a ledger entry, so that both together are the schedule's own list.
 *
 * Occurrences are sought and counted by the schedule engine, never listed: a month of missed minutes costs no more than one.
 *
 * @module
 */
import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { Job } from "../domain/job.ts";
import type { LedgerEntry } from "../domain/ledger.ts";
import {
  calculateNextRun,
  countRuns,
  type DstPolicy,
  latestRunAtOrBefore,
  type NextRunOptions,
  type Schedule,
} from "../schedule/mod.ts";

/** An occurrence at most this late is on time. */
export const MISFIRE_GRACE_MS = 60_000;

/** A due job and what is known of it. */
export interface DueFacts {
  readonly job: Job;
  /** The job's `nextRun`: its first occurrence that is not settled yet. */
  readonly dueAt: EpochMs;
  /** Its attempts that are PENDING or IN_PROGRESS. */
  readonly unfinished: number;
  readonly now: EpochMs;
}

/** What to write: nominal times that become dispatches, what does not and why, and the job's new `nextRun`. */
export interface DueVerdict {
  readonly dispatch: readonly EpochMs[];
  readonly ledger: readonly Omit<LedgerEntry, "jobId">[];
  readonly nextRun: EpochMs | null;
}

/** Consecutive occurrences. */
interface Stretch {
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly count: number;
}

/** Decides about the occurrences of a job from `dueAt` to `now`. */
export function decideDue({ job, dueAt, unfinished, now }: DueFacts): DueVerdict {
  const calendar = calendarOf(job, dueAt);
  const graceStart = epochMs(now - MISFIRE_GRACE_MS);
  const missed = dueAt < graceStart ? stretch(calendar, dueAt, epochMs(graceStart - 1)) : null;
  const firstOnTime = missed === null ? dueAt : calendar.next(epochMs(graceStart - 1));
  const onTime = firstOnTime !== null && firstOnTime <= now ? stretch(calendar, firstOnTime, now) : null;

  const ledger: DueVerdict["ledger"][number][] = [];
  if (missed !== null && missed.count > 1) {
    ledger.push({ reason: "missed", ...stretch(calendar, dueAt, epochMs(missed.lastAt - 1)) });
  }
  const candidates = [
    ...(missed === null ? [] : [{ firstAt: missed.lastAt, lastAt: missed.lastAt, count: 1 }]),
    ...(onTime === null ? [] : [onTime]),
  ];
  const dispatch = unfinished === 0 ? candidates.slice(0, 1).map(({ firstAt }) => firstAt) : [];
  for (const candidate of candidates) {
    const rest = candidate.firstAt === dispatch[0] ? withoutFirst(calendar, candidate) : candidate;
    if (rest !== null) ledger.push({ reason: "overlap", ...rest });
  }
  return { dispatch, ledger, nextRun: calendar.next(now) };
}

/** A job's occurrences. */
interface Calendar {
  /** The first one after an instant. */
  next(after: EpochMs): EpochMs | null;
  /** The last one in (`notBefore`, `at`]. */
  latest(notBefore: EpochMs, at: EpochMs): EpochMs | null;
  /** How many in (`after`, `until`]. */
  count(after: EpochMs, until: EpochMs): number;
}

/** An interval without an anchor counts on from the occurrence that is due, so that lateness never adds up. */
function calendarOf(job: Job, dueAt: EpochMs): Calendar {
  const schedule: Schedule = job.schedule.kind === "interval" && job.schedule.anchor === undefined
    ? { ...job.schedule, anchor: new Date(dueAt).toISOString() }
    : job.schedule;
  const zone: { timezone: NextRunOptions["timezone"]; dst: DstPolicy } = {
    timezone: job.timezone,
    dst: job.policies.dst,
  };
  return {
    next: (after) => calculateNextRun(schedule, { ...zone, after }),
    latest: (notBefore, at) => latestRunAtOrBefore(schedule, { ...zone, at, notBefore }),
    count: (after, until) => countRuns(schedule, { ...zone, after, until, limit: Number.MAX_SAFE_INTEGER }),
  };
}

/** The occurrences from `firstAt`, which is one, to `until`. */
function stretch(calendar: Calendar, firstAt: EpochMs, until: EpochMs): Stretch {
  return {
    firstAt,
    lastAt: calendar.latest(firstAt, until) ?? firstAt,
    count: 1 + calendar.count(firstAt, until),
  };
}

function withoutFirst(calendar: Calendar, { firstAt, lastAt, count }: Stretch): Stretch | null {
  const second = count > 1 ? calendar.next(firstAt) : null;
  return second === null ? null : { firstAt: second, lastAt, count: count - 1 };
}
