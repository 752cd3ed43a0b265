/**
 * The occurrences of a job: those of its schedule within its validity. All code that needs to know when a job is due asks here.
 *
 * @module
 */
import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { JobDefinition, Policies } from "../domain/job.ts";
import { calculateNextRun, countRuns, latestRunAtOrBefore, type Schedule } from "../schedule/mod.ts";

/** The part of a job that says when it is due. */
export interface Timetable extends Pick<JobDefinition, "schedule" | "timezone"> {
  /** The policies that say when it is due. */
  readonly policies: Pick<Policies, "dst" | "startsAt" | "endsAt">;
}

/** Consecutive occurrences. */
export interface Stretch {
  /** The first of them. */
  readonly firstAt: EpochMs;
  /** The last of them. */
  readonly lastAt: EpochMs;
  /** How many they are, from 1. */
  readonly count: number;
}

/** A job's occurrences. The schedule engine finds and counts them, and never lists them. */
export interface Occurrences {
  /** The first one after an instant; null when there is none. */
  next(after: EpochMs): EpochMs | null;
  /** The last one in (`notBefore`, `at`]; null when there is none. */
  latest(notBefore: EpochMs, at: EpochMs): EpochMs | null;
  /** Those in [`from`, `until`]; null when there are none. */
  stretch(from: EpochMs, until: EpochMs): Stretch | null;
}

/**
 * The occurrences of `job`. An interval without an anchor counts from `anchor`, a known occurrence, so that lateness never adds
 * up; without `anchor`, from the beginning of the job's validity; without that too, from the instant of each question.
 */
export function occurrencesOf({ schedule, timezone, policies }: Timetable, anchor: EpochMs | null = null): Occurrences {
  const { dst, startsAt, endsAt } = policies;
  const anchored = withAnchor(schedule, anchor ?? startsAt);
  const zone = { timezone, dst };
  // The engine excludes its lower bound. Where the job has no bound, these change nothing.
  const beforeStart = startsAt === null ? -Infinity : startsAt - 1;
  const end = endsAt ?? Infinity;
  const lower = (at: EpochMs) => epochMs(Math.max(at, beforeStart));
  const upper = (at: EpochMs) => epochMs(Math.min(at, end));

  function next(after: EpochMs): EpochMs | null {
    const found = calculateNextRun(anchored, { ...zone, after: lower(after) });
    return found !== null && found <= end ? found : null;
  }

  function latest(notBefore: EpochMs, at: EpochMs): EpochMs | null {
    const [from, until] = [lower(notBefore), upper(at)];
    return until <= from ? null : latestRunAtOrBefore(anchored, { ...zone, at: until, notBefore: from });
  }

  function stretch(from: EpochMs, until: EpochMs): Stretch | null {
    const after = epochMs(from - 1);
    const [firstAt, lastAt] = [next(after), latest(after, until)];
    if (firstAt === null || lastAt === null) return null;
    const limit = Number.MAX_SAFE_INTEGER;
    return { firstAt, lastAt, count: 1 + countRuns(anchored, { ...zone, after: firstAt, until: lastAt, limit }) };
  }

  return { next, latest, stretch };
}

/** When a job is due next after `after`; null: never. */
export function nextRunOf(job: Timetable, after: EpochMs): EpochMs | null {
  return occurrencesOf(job).next(after);
}

function withAnchor(schedule: Schedule, anchor: EpochMs | null): Schedule {
  return schedule.kind === "interval" && schedule.anchor === undefined && anchor !== null
    ? { ...schedule, anchor: new Date(anchor).toISOString() }
    : schedule;
}
