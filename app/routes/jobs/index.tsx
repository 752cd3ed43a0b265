import { page } from "fresh";
import { FILTER_MAX, readJobFilter } from "@jobtrigger/shared/api";
import { JOB_STATES, type JobState, type JobSummary } from "@jobtrigger/shared/domain";
import type { JobQuery, Page as PageOf } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
import { Action } from "../../components/Action.tsx";
import { Empty } from "../../components/Empty.tsx";
import { FilterField } from "../../components/FilterField.tsx";
import { Icon } from "../../components/Icon.tsx";
import { JobTable } from "../../components/JobTable.tsx";
import { Notice } from "../../components/Notice.tsx";
import { Page } from "../../components/Page.tsx";
import { Pager, withParams } from "../../components/Pager.tsx";
import Live from "../../islands/Live.tsx";
import { readTyped, statusOf } from "../../server/typed_filter.ts";
import { leftJobs } from "../../server/left.ts";
import { visibleTo } from "../../server/visible.ts";
import { define } from "../../utils.ts";

const PAGE_JOBS = 50;

interface Filter {
  /** A filter as it was typed; see docs/filters.md. */
  readonly text: string;
  readonly state: JobState | "";
  readonly sort: "name" | "nextRun" | "id";
}

interface Data {
  readonly jobs: PageOf<JobSummary>;
  readonly filter: Filter;
  /** What is wrong with the text of the filter; null: nothing. */
  readonly problem: string | null;
  /** See `JobTable`. */
  readonly left: readonly JobSummary[];
  /** One for each job: see `JobTable`. */
  readonly keys: readonly string[];
}

/** Lists jobs; the address holds filter, order and cursor. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const filter = filterOf(url.searchParams);
    const cursor = url.searchParams.get("cursor");
    const { filter: narrowed, problem } = readTyped(() => readJobFilter(filter.text));
    const query: JobQuery = {
      ...narrowed,
      limit: PAGE_JOBS,
      sort: filter.sort,
      ...(filter.state !== "" && { state: filter.state }),
      ...(cursor !== null && { cursor }),
    };
    const { store } = state.portal;
    const jobs = problem === null
      ? await store.jobs.list({ ...query, ...visibleTo(state, "jobs.read") })
      : { items: [], next: null };
    const keys = jobs.items.map(() => crypto.randomUUID());
    return page({ jobs, filter, problem, left: await leftJobs(state, url), keys }, statusOf(problem));
  },
});

function filterOf(params: URLSearchParams): Filter {
  const state = params.get("state");
  const sort = params.get("sort");
  return {
    text: (params.get("q") ?? "").trim().slice(0, FILTER_MAX),
    state: JOB_STATES.find((known) => known === state) ?? "",
    sort: sort === "nextRun" || sort === "id" ? sort : "name",
  };
}

/** The list of jobs. */
export default define.page<typeof handler>(function JobsPage({ data, state, url }) {
  const { jobs, filter, problem, left, keys } = data;
  const isFiltered = filter.text !== "" || filter.state !== "" || url.searchParams.has("cursor");
  const isEmpty = jobs.items.length === 0;
  const mayCreate = state.mayAnywhere("jobs.edit");
  return (
    <Page
      title="Jobs"
      actions={mayCreate && (
        <a class="button primary" href="/jobs/new">
          <Icon name="plus" />New job
        </a>
      )}
    >
      <Notice code={url.searchParams.get("notice")} />
      <section class="panel" aria-label="Jobs">
        {(!isEmpty || isFiltered) && <FilterForm filter={filter} problem={problem} />}
        <div class="more">
          <Live />
        </div>
        <div data-live="jobs" data-noun="job">
          {(!isEmpty || left.length > 0) && (
            <JobTable
              jobs={jobs.items}
              left={left}
              view={state.view}
              back={withParams(url, { also: null })}
              keys={keys}
              may={state.may}
            />
          )}
          {isEmpty && isFiltered && problem === null && (
            <Empty icon="search" title="No job matches" step={<a class="button" href="/jobs">Show all jobs</a>} />
          )}
          {isEmpty && !isFiltered &&
            (mayCreate ? <FirstSteps /> : <Empty icon="jobs" title="There are no jobs that you may see." />)}
        </div>
        <Pager url={url} next={jobs.next} />
      </section>
    </Page>
  );
});

function FilterForm({ filter, problem }: Pick<Data, "filter" | "problem">): JSX.Element {
  const option = <Name extends keyof Filter>(name: Name, value: Filter[Name], text: string) => (
    <option value={value} selected={filter[name] === value}>{text}</option>
  );
  return (
    <form method="get" action="/jobs" class="filter" role="search">
      <FilterField text={filter.text} problem={problem} placeholder="Name, script or label:nightly" />
      <label>
        <span>State</span>
        <select name="state">
          {option("state", "", "All")}
          {option("state", "active", "Active")}
          {option("state", "paused", "Paused")}
        </select>
      </label>
      <label>
        <span>Order</span>
        <select name="sort">
          {option("sort", "name", "Name")}
          {option("sort", "nextRun", "Next run")}
          {option("sort", "id", "Age")}
        </select>
      </label>
      <button type="submit" class="button">Show</button>
    </form>
  );
}

function FirstSteps(): JSX.Element {
  return (
    <Empty
      icon="jobs"
      title="No jobs yet"
      step={
        <>
          <Action to="/jobs/sample" icon="play" label="Create the sample job" tone="primary" />
          <a class="button" href="/jobs/new">Write your own</a>
        </>
      }
    >
      The sample job runs <code>test_job.sh</code> every minute, so that you see a run with its output.
    </Empty>
  );
}
