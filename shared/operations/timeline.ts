/**
 * What ran and what will run in a range of time, job by job.
 *
 * What ran is read from the runs, what will run is computed from the schedules, so that it is what the scheduler will do, daylight
 * saving included. Jobs are looked through in the order of their names; those without anything in the range are left out. One page
 * looks through a bounded number of jobs, so that a range in which few jobs run takes no longer than any other; then the answer says so
 * and where it goes on.
 *
 * A job with many runs or occurrences has their number and what happened in each hour, by the statistics, in place of each of them.
 *
 * @module
 */
import { decide, visibleLabels } from "../access/mod.ts";
import { type EpochMs, epochMs, GRAIN_MS, type Job, periodOf, type Timeline, type TimelineRow } from "../domain/mod.ts";
import { occurrencesOf } from "../policy/mod.ts";
import type { JobFilter } from "../api/mod.ts";
import type { BarBounds } from "../store/store.ts";
import type { ReadContext } from "./context.ts";

/** Most runs, and most occurrences, that a timeline shows one by one of a job. */
const MOST_BARS = 60;
/** Most jobs that one page looks through. */
const MOST_LOOKED_AT = 400;
/** How many it looks at together: at first, and at most where few of those before had anything to show. */
const CHUNK = { first: 50, most: 100 } as const;
/** A page ends after the jobs among which it has found this many. */
const ENOUGH_ROWS = 25;
/** How long the statistics of hours are kept at least, in milliseconds. */
const HOURS_KEPT_MS = 8 * 86_400_000;

/** What a timeline is asked for. */
export interface TimelineQuery {
  /** The beginning of the range. */
  readonly from: EpochMs;
  /** The end of the range, which is not in it. */
  readonly until: EpochMs;
  /** Which jobs. */
  readonly filter: JobFilter;
  /** The end of the page before, its `next`; absent: the first page. */
  readonly cursor?: string;
}

/** Reads one page of what happens in a range; jobs that the reader may not see are not there. @throws {Invalid} of the cursor. */
export async function readTimeline(context: ReadContext, query: TimelineQuery, now: EpochMs): Promise<Timeline> {
  const { store, access } = context;
  const span = { from: query.from, until: epochMs(query.until - 1) };
  const bounds = query.from > now ? null : await store.runs.barBounds(span);
  const rows: TimelineRow[] = [];
  let lookedAt = 0;
  let next = query.cursor ?? null;
  let chunk: number = CHUNK.first;
  do {
    const page = await store.jobs.page({
      ...query.filter,
      visible: visibleLabels(access, "jobs.read"),
      now,
      limit: Math.min(chunk, MOST_LOOKED_AT - lookedAt),
      ...(next !== null && { cursor: next }),
    });
    rows.push(...await rowsOf(context, page.items, { ...query, bounds, now }));
    lookedAt += page.items.length;
    next = page.next;
    // As many as the rest would take if they were like those so far.
    const rest = (ENOUGH_ROWS - rows.length) * lookedAt / Math.max(1, rows.length);
    chunk = Math.max(CHUNK.first, Math.min(CHUNK.most, Math.ceil(rest)));
  } while (next !== null && rows.length < ENOUGH_ROWS && lookedAt < MOST_LOOKED_AT);
  return { rows, lookedAt, next };
}

async function rowsOf(
  { store, access }: ReadContext,
  jobs: readonly Job[],
  { from, until, bounds, now }: Pick<TimelineQuery, "from" | "until"> & {
    /** Where to look for runs; null: the range is still to come. */
    readonly bounds: BarBounds | null;
    readonly now: EpochMs;
  },
): Promise<readonly TimelineRow[]> {
  const readable = jobs.filter((job) => decide(access, "runs.read", job).allowed).map(({ id }) => id);
  const last = epochMs(until - 1);
  const bars = bounds === null || readable.length === 0
    ? []
    : await store.runs.bars({ jobIds: readable, from, until: last, limit: MOST_BARS + 1, bounds });
  const ofJobs = Map.groupBy(bars, ({ jobId }) => jobId);
  const rows: TimelineRow[] = [];
  for (const job of jobs) {
    const runs = ofJobs.get(job.id) ?? [];
    const planned = plannedOf(job, { from, until: last });
    if (runs.length + planned.plannedCount === 0) continue;
    const dense = runs.length <= MOST_BARS ? null : await denseOf(store, job, { from, until }, now);
    const { id, name, isActive, timezone } = job;
    rows.push({ job: { id, name, isActive, timezone }, runs: runs.slice(0, MOST_BARS), dense, ...planned });
  }
  return rows;
}

type Planned = Pick<TimelineRow, "planned" | "plannedCount" | "plannedFirst" | "plannedLast">;

/** The occurrences of a job that are still to come, from its next run on, within a span of which both ends count. */
function plannedOf(job: Job, { from, until }: { readonly from: EpochMs; readonly until: EpochMs }): Planned {
  const nothing = { planned: [], plannedCount: 0, plannedFirst: null, plannedLast: null };
  if (!job.isActive || job.nextRun === null || job.nextRun > until) return nothing;
  const occurrences = occurrencesOf(job, job.nextRun);
  // An occurrence that is due already counts from its time on: it will run, only late.
  const first = epochMs(Math.max(from, job.nextRun));
  if (first > until) return nothing;
  const stretch = occurrences.stretch(first, until);
  if (stretch === null) return nothing;
  const planned: EpochMs[] = [];
  if (stretch.count <= MOST_BARS) {
    for (let at: EpochMs | null = stretch.firstAt; at !== null && at <= until; at = occurrences.next(at)) {
      planned.push(at);
    }
  }
  return {
    planned,
    plannedCount: stretch.count,
    plannedFirst: stretch.firstAt,
    plannedLast: stretch.lastAt,
  };
}

async function denseOf(
  store: ReadContext["store"],
  { id }: Job,
  { from, until }: { readonly from: EpochMs; readonly until: EpochMs },
  now: EpochMs,
): Promise<TimelineRow["dense"]> {
  const grain = from >= now - HOURS_KEPT_MS ? "hour" : "day";
  const tallies = await store.statistics.series({
    grain,
    from: periodOf(from, grain),
    until: epochMs(periodOf(epochMs(until - 1), grain) + GRAIN_MS[grain]),
    jobId: id,
    countsOnly: true,
  });
  return { grain, tallies };
}
