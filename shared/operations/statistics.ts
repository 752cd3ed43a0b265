/**
 * Statistics for people: how often runs succeed, how long they take and how late they start, by time, job, label and host.
 *
 * Everything comes from the counts of hours and days (`statistics_store.ts`), nothing from runs. To rank many jobs, the database adds
 * their numbers up, newest first, up to a bound; if there is more, the answer says from when on jobs are ranked. The percentiles of the
 * jobs that are shown come from all of the range in any case.
 *
 * Who may see only some jobs sees the statistics of those, and none of hosts, which are of all jobs.
 *
 * @module
 */
import { visibleLabels } from "../access/mod.ts";
import {
  type EpochMs,
  epochMs,
  type Grain,
  GRAIN_MS,
  periodOf,
  type Ranking,
  type Statistics,
  sumTallies,
  type TallyRange,
} from "../domain/mod.ts";
import type { SeriesQuery } from "../store/store.ts";
import type { ReadContext } from "./context.ts";

/** Ranges of statistics by name: how long, and in what they are counted. */
export const STATISTICS_RANGES: Readonly<
  Record<"24h" | "7d" | "30d" | "365d", { readonly grain: Grain; readonly periods: number }>
> = {
  "24h": { grain: "hour", periods: 24 },
  "7d": { grain: "day", periods: 7 },
  "30d": { grain: "day", periods: 30 },
  "365d": { grain: "day", periods: 365 },
};

/** One of {@linkcode STATISTICS_RANGES}. */
export type StatisticsRange = keyof typeof STATISTICS_RANGES;

/** Most jobs that are ranked and shown. */
export const MOST_RANKED = 50;
/** How many rows a ranking adds up: the database takes about a tenth of a second for them. */
const RANKED_ROWS = 200_000;

/** Which statistics. */
export interface StatisticsQuery {
  /** Which range, up to now; the present hour or day counts as far as it has come. */
  readonly range: StatisticsRange;
  /** How jobs are ranked. */
  readonly ranking: Ranking;
  /** Of jobs that have, of each of these groups, one of its labels; absent: of all. */
  readonly labels?: readonly (readonly string[])[];
}

/** The range by name that ends with the present hour or day. */
export function statisticsRange(range: StatisticsRange, now: EpochMs): TallyRange {
  const { grain, periods } = STATISTICS_RANGES[range];
  const until = epochMs(periodOf(now, grain) + GRAIN_MS[grain]);
  return { grain, from: epochMs(until - periods * GRAIN_MS[grain]), until };
}

/** Reads statistics; jobs whose runs the reader may not see do not count. */
export async function readStatistics(
  { store, access }: ReadContext,
  query: StatisticsQuery,
  now: EpochMs,
): Promise<Statistics> {
  const range = statisticsRange(query.range, now);
  const { labels = [] } = query;
  const of = { ...range, visible: visibleLabels(access, "runs.read"), labels };
  const periods = await store.statistics.series(of);
  const { jobs, rankedFrom } = await rank({ store, access }, of, query.ranking);
  const seesHosts = of.visible === "all" && labels.length === 0;
  return {
    ...range,
    total: sumTallies(periods),
    periods,
    jobs,
    rankedFrom,
    hosts: seesHosts ? await store.statistics.ofHosts(range) : null,
    progress: await store.statistics.progress(),
  };
}

async function rank(
  { store }: ReadContext,
  of: SeriesQuery,
  ranking: Ranking,
): Promise<Pick<Statistics, "jobs" | "rankedFrom">> {
  const { jobIds: first, rankedFrom } = await store.statistics.ranked({
    ...of,
    ranking,
    limit: MOST_RANKED,
    rows: RANKED_ROWS,
  });
  if (first.length === 0) return { jobs: [], rankedFrom };
  const tallies = new Map((await store.statistics.ofJobs({ ...of, jobIds: first })).map((one) => [one.jobId, one]));
  const found = await store.jobs.page({ ids: first, sort: "id", limit: MOST_RANKED });
  const names = new Map(found.items.map(({ id, name }) => [id, name]));
  const jobs = first.flatMap((jobId) => {
    const tally = tallies.get(jobId);
    return tally === undefined ? [] : [{ ...tally, name: names.get(jobId) ?? null }];
  });
  return { jobs, rankedFrom };
}
