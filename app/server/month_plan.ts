/**
 * How many runs are planned in each hour of a month, over all jobs that somebody may see.
 *
 * To ask each of 40,000 schedules about each of 744 hours would take minutes, so:
 *
 * - Jobs of one schedule, zone and validity are asked about once. An interval that divides an hour falls equally often into each
 *   whole hour, whatever it counts from, so that its jobs share an answer, too. Nothing is approximated.
 * - One request counts for a bounded time. The next one goes on where it stopped; until all jobs are counted, the page says how many are.
 * - A finished count is kept for some minutes, and the page says when it was made. A job that was changed since shows in the next count.
 *
 * Only whole hours that are still to come are counted: the past is in the runs.
 *
 * @module
 */
import { type EpochMs, epochMs, type Job } from "@jobtrigger/shared/domain";
import { occurrencesOf } from "@jobtrigger/shared/policy";
import type { StoreReader, Visible } from "@jobtrigger/shared/store";

const HOUR_MS = 3_600_000;
/** How long one request counts. */
const COUNT_MS = 250;
/** How long a finished count is shown. */
const KEPT_MS = 300_000;
/** Most counts that are kept. */
const MOST_KEPT = 16;
/** Jobs that are read together. */
const JOBS_AT_ONCE = 200;
/** From this many occurrences on, hours are counted in place of occurrences. */
const MANY = 1_500;

/** A span of whole hours. */
export interface Hours {
  readonly from: EpochMs;
  /** The end, which is not in it. */
  readonly until: EpochMs;
}

/** What is planned in some hours, as far as it is counted. */
export interface MonthPlan extends Hours {
  /** The number of planned runs in each hour from `from` on. */
  readonly counts: readonly number[];
  /** How many jobs are counted. */
  readonly jobs: number;
  /** Whether all are. */
  readonly isDone: boolean;
  /** When the count began. */
  readonly countedAt: EpochMs;
}

interface Counting extends Hours {
  readonly counts: number[];
  readonly patterns: Map<string, readonly number[]>;
  readonly countedAt: EpochMs;
  jobs: number;
  cursor: string | null;
  isDone: boolean;
}

/** By the store that was asked. */
const kept = new WeakMap<object, Map<string, Counting>>();

/** Counts on, and answers what is counted. `elapsed` tells milliseconds. */
export async function planMonth(
  store: Pick<StoreReader, "jobs">,
  { hours, visible, now, elapsed, countMs = COUNT_MS, keptMs = KEPT_MS, mostJobs = Infinity }: {
    readonly hours: Hours;
    readonly visible: Visible;
    readonly now: EpochMs;
    readonly elapsed: () => number;
    /** How long this request counts. */
    readonly countMs?: number;
    /** How long a count is shown before the next one begins. */
    readonly keptMs?: number;
    /** It gives up after this many jobs. */
    readonly mostJobs?: number;
  },
): Promise<MonthPlan> {
  const counts = kept.get(store) ?? new Map<string, Counting>();
  kept.set(store, counts);
  const counting = countingOf(counts, { key: JSON.stringify([hours, visible]), hours, keptMs, now });
  const until = elapsed() + countMs;
  while (!counting.isDone && counting.jobs < mostJobs && elapsed() < until) {
    const from = counting.cursor;
    const page = await store.jobs.list({
      sort: "id",
      states: ["active"],
      visible,
      limit: JOBS_AT_ONCE,
      ...(from !== null && { cursor: from }),
    });
    // Another request for the same month may have counted these jobs meanwhile.
    if (counting.cursor !== from || counting.isDone) continue;
    for (const job of page.items) addTo(counting, job);
    counting.jobs += page.items.length;
    counting.cursor = page.next;
    counting.isDone = page.next === null;
  }
  return { ...counting, counts: [...counting.counts] };
}

function countingOf(
  kept: Map<string, Counting>,
  { key, hours, keptMs, now }: {
    readonly key: string;
    readonly hours: Hours;
    readonly keptMs: number;
    readonly now: EpochMs;
  },
): Counting {
  const found = kept.get(key);
  if (found !== undefined && now - found.countedAt < keptMs) return found;
  const counting: Counting = {
    ...hours,
    counts: Array.from({ length: (hours.until - hours.from) / HOUR_MS }, () => 0),
    patterns: new Map(),
    countedAt: now,
    jobs: 0,
    cursor: null,
    isDone: false,
  };
  kept.delete(key);
  kept.set(key, counting);
  for (const oldest of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(oldest);
  return counting;
}

function addTo(counting: Counting, job: Job): void {
  if (job.nextRun === null) return;
  const key = patternOf(job);
  const known = counting.patterns.get(key);
  const counts = known ?? countsOf(job, counting);
  if (known === undefined) counting.patterns.set(key, counts);
  counts.forEach((count, hour) => counting.counts[hour] = (counting.counts[hour] ?? 0) + count);
}

/** What the answer for a job depends on. */
function patternOf({ schedule, timezone, policies: { dst, startsAt, endsAt }, nextRun }: Job): string {
  const isCountedFromRuns = schedule.kind === "interval" && schedule.anchor === undefined;
  const isEven = isCountedFromRuns && 3600 % schedule.everySeconds === 0 && startsAt === null && endsAt === null;
  return JSON.stringify([schedule, timezone, dst, startsAt, endsAt, isCountedFromRuns && !isEven ? nextRun : null]);
}

/** How often a job runs in each hour. */
export function countsOf(job: Job, { from, until }: Hours): readonly number[] {
  const occurrences = occurrencesOf(job, job.nextRun);
  const counts = Array.from({ length: (until - from) / HOUR_MS }, () => 0);
  const last = epochMs(until - 1);
  const all = occurrences.stretch(from, last);
  if (all === null) return counts;
  if (all.count > MANY) {
    return counts.map((_, hour) => {
      const begin = from + hour * HOUR_MS;
      return occurrences.stretch(epochMs(begin), epochMs(begin + HOUR_MS - 1))?.count ?? 0;
    });
  }
  for (let at: EpochMs | null = all.firstAt; at !== null && at <= last; at = occurrences.next(at)) {
    const hour = Math.floor((at - from) / HOUR_MS);
    counts[hour] = (counts[hour] ?? 0) + 1;
  }
  return counts;
}
