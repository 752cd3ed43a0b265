import type { TallyOfHost, TallyOfJob, TallyOfPeriod, TallyRange } from "../domain/mod.ts";
import type { ListQuery } from "./list_query.ts";
import type { LoadLists } from "./lists.ts";
import type { Row } from "./rows.ts";
import { toCountedSeries, toJobNumbers, toSeries, toTalliesOfHosts, toTalliesOfJobs } from "./statistics_rows.ts";
import {
  type JobNumbers,
  type JobTalliesQuery,
  MOST_TALLIES,
  type SeriesQuery,
  type SliceQuery,
  type StatisticsStore,
} from "./statistics_store.ts";

/** Answers the questions about statistics; each store runs the queries. */
export class StatisticsReader implements Pick<StatisticsStore, "series" | "ofJobs" | "ofHosts" | "slice"> {
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

  async slice(query: SliceQuery): Promise<readonly JobNumbers[]> {
    return (await this.#run((await this.#lists()).tallySlice(query))).map(toJobNumbers);
  }
}
