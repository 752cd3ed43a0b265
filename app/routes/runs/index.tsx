import { page } from "fresh";
import { FILTER_MAX, readRunFilter } from "@jobtrigger/shared/api";
import { type Dispatch, DISPATCH_STATUSES, type DispatchStatus, jobId } from "@jobtrigger/shared/domain";
import type { Page as PageOf, RunQuery } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
import { Empty } from "../../components/Empty.tsx";
import { FilterField } from "../../components/FilterField.tsx";
import { Page } from "../../components/Page.tsx";
import { Pager } from "../../components/Pager.tsx";
import { RunTable } from "../../components/RunTable.tsx";
import { STATUS_WORDS } from "../../format/words.ts";
import { leftRuns } from "../../server/left.ts";
import { readTyped, statusOf } from "../../server/typed_filter.ts";
import { visibleTo } from "../../server/visible.ts";
import { define } from "../../utils.ts";

const PAGE_RUNS = 50;

interface Filter {
  /** A filter as it was typed; see docs/filters.md. */
  readonly text: string;
  readonly status: DispatchStatus | "";
  /** Id of a job, as typed. */
  readonly job: string;
}

interface Data {
  readonly runs: PageOf<Dispatch>;
  readonly filter: Filter;
  /** What is wrong with the text of the filter; null: nothing. */
  readonly problem: string | null;
  /** See `RunTable`. */
  readonly left: readonly Dispatch[];
}

/** Lists runs, newest first; the address holds filter and cursor. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const filter = filterOf(url.searchParams);
    const cursor = url.searchParams.get("cursor");
    const { filter: narrowed, problem } = readTyped(() => readRunFilter(filter.text, state.view));
    const query: RunQuery = {
      ...narrowed,
      limit: PAGE_RUNS,
      ...(filter.status !== "" && { statuses: [filter.status] }),
      ...(filter.job !== "" && { jobId: jobId(Number(filter.job)) }),
      ...(cursor !== null && { cursor }),
    };
    const { store } = state.portal;
    const runs = problem === null
      ? await store.runs.list({ ...query, ...visibleTo(state, "runs.read") })
      : { items: [], next: null };
    return page({ runs, filter, problem, left: await leftRuns(state, url) }, statusOf(problem));
  },
});

function filterOf(params: URLSearchParams): Filter {
  const job = (params.get("job") ?? "").trim();
  return {
    text: (params.get("q") ?? "").trim().slice(0, FILTER_MAX),
    status: DISPATCH_STATUSES.find((status) => status === params.get("status")) ?? "",
    job: /^[1-9]\d{0,14}$/.test(job) ? job : "",
  };
}

/** The list of runs. */
export default define.page<typeof handler>(function RunsPage({ data, state, url }) {
  const { runs, filter, problem, left } = data;
  const isFiltered = filter.text !== "" || filter.status !== "" || filter.job !== "" || url.searchParams.has("cursor");
  return (
    <Page title="Runs">
      <section class="panel" aria-label="Runs">
        <FilterForm filter={filter} problem={problem} />
        <div class="more" />
        <div data-live="runs" data-noun="run" data-follow>
          {runs.items.length + left.length > 0 && <RunTable runs={runs.items} left={left} view={state.view} />}
          {runs.items.length === 0 && problem === null && (
            <Empty
              icon={isFiltered ? "search" : "runs"}
              title={isFiltered ? "No run matches" : "Nothing has run yet"}
              step={isFiltered
                ? <a class="button" href="/runs">Show all runs</a>
                : <a class="button" href="/jobs">To the jobs</a>}
            />
          )}
        </div>
        <Pager url={url} next={runs.next} />
      </section>
    </Page>
  );
});

function FilterForm({ filter, problem }: Pick<Data, "filter" | "problem">): JSX.Element {
  return (
    <form method="get" action="/runs" class="filter" role="search">
      <FilterField text={filter.text} problem={problem} placeholder="job:backup* since:24h" />
      <label>
        <span>State</span>
        <select name="status">
          <option value="" selected={filter.status === ""}>All</option>
          {DISPATCH_STATUSES.map((status) => (
            <option key={status} value={status} selected={filter.status === status}>{STATUS_WORDS[status].text}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Job number</span>
        <input name="job" value={filter.job} inputMode="numeric" placeholder="All" autocomplete="off" />
      </label>
      <button type="submit" class="button">Show</button>
    </form>
  );
}
