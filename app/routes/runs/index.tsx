import { page } from "fresh";
import { type Dispatch, DISPATCH_STATUSES, type DispatchStatus, jobId } from "@jobtrigger/shared/domain";
import type { Page as PageOf, RunQuery } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
import { Page } from "../../components/Page.tsx";
import { Pager } from "../../components/Pager.tsx";
import { RunTable } from "../../components/RunTable.tsx";
import { STATUS_WORDS } from "../../format/words.ts";
import Live from "../../islands/Live.tsx";
import { leftRuns } from "../../server/left.ts";
import { visibleTo } from "../../server/visible.ts";
import { define } from "../../utils.ts";

const PAGE_RUNS = 50;

interface Filter {
  readonly status: DispatchStatus | "";
  /** Id of a job, as typed. */
  readonly job: string;
}

interface Data {
  readonly runs: PageOf<Dispatch>;
  readonly filter: Filter;
  /** See `RunTable`. */
  readonly left: readonly Dispatch[];
}

/** Lists runs, newest first; the address holds filter and cursor. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const filter = filterOf(url.searchParams);
    const cursor = url.searchParams.get("cursor");
    const query: RunQuery = {
      limit: PAGE_RUNS,
      ...(filter.status !== "" && { statuses: [filter.status] }),
      ...(filter.job !== "" && { jobId: jobId(Number(filter.job)) }),
      ...(cursor !== null && { cursor }),
    };
    const { store } = state.portal;
    const runs = await store.runs.list({ ...query, ...visibleTo(state, "runs.read") });
    return page({ runs, filter, left: await leftRuns(state, url) });
  },
});

function filterOf(params: URLSearchParams): Filter {
  const job = (params.get("job") ?? "").trim();
  return {
    status: DISPATCH_STATUSES.find((status) => status === params.get("status")) ?? "",
    job: /^[1-9]\d{0,14}$/.test(job) ? job : "",
  };
}

/** The list of runs. */
export default define.page<typeof handler>(function RunsPage({ data, state, url }) {
  const { runs, filter, left } = data;
  const isFiltered = filter.status !== "" || filter.job !== "" || url.searchParams.has("cursor");
  return (
    <Page title="Runs">
      <FilterForm filter={filter} />
      <div class="more">
        <Live />
      </div>
      <div data-live="runs" data-noun="run">
        {runs.items.length + left.length > 0 && <RunTable runs={runs.items} left={left} view={state.view} />}
        {runs.items.length === 0 && (
          <p class="empty">
            {isFiltered ? "No run matches. " : "Nothing has run yet. "}
            {isFiltered ? <a href="/runs">Show all runs</a> : <a href="/jobs">To the jobs</a>}
          </p>
        )}
      </div>
      <Pager url={url} next={runs.next} />
    </Page>
  );
});

function FilterForm({ filter }: { readonly filter: Filter }): JSX.Element {
  return (
    <form method="get" action="/runs" class="filter" role="search">
      <label>
        <span>State</span>
        <select name="status" data-filter>
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
