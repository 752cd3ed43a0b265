import { jobId, type TallyOfHost, type TallyOfJob, type TallyOfPeriod, type TallyRange } from "../domain/mod.ts";
import { numberIn } from "./columns.ts";
import type { ListQuery } from "./list_query.ts";
import type { LoadLists } from "./lists.ts";
import { type Row, toDueInstant } from "./rows.ts";
import { toCountedSeries, toSeries, toTalliesOfHosts, toTalliesOfJobs } from "./statistics_rows.ts";
import {
  type JobTalliesQuery,
  MOST_TALLIES,
  type RankedJobs,
  type RankedQuery,
  type SeriesQuery,
  type StatisticsStore,
} from "./statistics_store.ts";

/** Answers the questions about statistics; each store runs the queries. */
export class StatisticsReader implements Pick<StatisticsStore, "series" | "ofJobs" | "ofHosts" | "ranked"> {
  readonly #lists: LoadLists;
  readonly #run: (query: ListQuery) => Promise<readonly Row[]>;

  /** `run` answers the rows of a query. */
  constructor(lists: LoadLists, run: (query: ListQuery) => Promise<readonly Row[]>) {
    this.#lists = lists;
    this.#run = run;
  }

  async series(query: SeriesQuery): Promise<readonly TallyOfPeriod[]> {
    const lists = await this.#lists();
    if (query.countsOnly !== true) {
      const rows = await this.#run(lists.series(query));
      if (rows.length <= MOST_TALLIES) return toSeries(rows);
    }
    return toCountedSeries(await this.#run(lists.seriesCounts(query)));
  }

  async ofJobs(query: JobTalliesQuery): Promise<readonly TallyOfJob[]> {
    return toTalliesOfJobs(await this.#run((await this.#lists()).talliesOfJobs(query)));
  }

  async ofHosts(range: TallyRange): Promise<readonly TallyOfHost[]> {
    return toTalliesOfHosts(await this.#run((await this.#lists()).talliesOfHosts(range)));
  }

  async ranked(query: RankedQuery): Promise<RankedJobs> {
    const lists = await this.#lists();
    const [last] = await this.#run(lists.rankedFrom(query));
    const rankedFrom = last === undefined ? query.from : toDueInstant(last);
    const rows = await this.#run(lists.ranked({ ...query, from: rankedFrom }));
    return { jobIds: rows.map((row) => jobId(numberIn(row, "job_id"))), rankedFrom };
  }
}
