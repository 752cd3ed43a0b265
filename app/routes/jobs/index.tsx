import { page } from "fresh";
import { FILTER_MAX, readJobFilter } from "@jobtrigger/shared/api";
import {
  type BulkChange,
  JOB_STATES,
  type JobState,
  type JobSummary,
  nearest,
  type RunTotals,
  type SavedView,
  type Worker,
} from "@jobtrigger/shared/domain";
import { interruptedBulk, listViews } from "@jobtrigger/shared/operations";
import type { JobQuery, LabelCount, Page as PageOf } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
import { Action } from "../../components/Action.tsx";
import { BulkBar, BulkMatching, mayBulk } from "../../components/BulkBar.tsx";
import { Empty } from "../../components/Empty.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Interrupted } from "../../components/Interrupted.tsx";
import { JobFilter, labelTerm, SORT_NAMES } from "../../components/JobFilter.tsx";
import { More } from "../../components/More.tsx";
import { JobMenu } from "../../components/JobMenu.tsx";
import { JOB_SORTS, JOBS_FORM, JobTable, type JobTableProps } from "../../components/JobTable.tsx";
import { Notice } from "../../components/Notice.tsx";
import { Page } from "../../components/Page.tsx";
import { Pager, withParams } from "../../components/Pager.tsx";
import JobRows from "../../islands/JobRows.tsx";
import { readTyped, statusOf } from "../../server/typed_filter.ts";
import { operating } from "../../server/operating.ts";
import { capped } from "../../server/health_strip.ts";
import { leftJobs } from "../../server/left.ts";
import { visibleTo } from "../../server/visible.ts";
import { define } from "../../utils.ts";

const PAGE_JOBS = 50;
/** Most labels to pick from. */
const MOST_LABELS = 40;

interface Filter {
  /** A filter as it was typed; see docs/filters.md. */
  readonly text: string;
  readonly state: JobState | "";
  readonly sort: JobTableProps["sort"];
}

interface Data {
  readonly jobs: PageOf<JobSummary>;
  readonly filter: Filter;
  /** What is wrong with the text of the filter; null: nothing. */
  readonly problem: string | null;
  /** See `JobTable`. */
  readonly left: readonly JobSummary[];
  /** See `JobTable`. */
  readonly runKey: string;
  readonly workers: readonly Worker[];
  readonly labels: readonly LabelCount[];
  readonly totals: RunTotals;
  readonly views: readonly SavedView[];
  /** A change of many that does not go on by itself; null: there is none. */
  readonly interrupted: BulkChange | null;
  /** The label that was meant by one that no job has; null: none is near. */
  readonly meant: string | null;
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
      now: state.view.now,
      ...(filter.state !== "" && { states: [filter.state] }),
      ...(cursor !== null && { cursor }),
    };
    const { store, kept } = state.portal;
    const { now } = state.view;
    const seen = visibleTo(state, "jobs.read");
    const [jobs, left, workers, labels, { totals }, views, interrupted] = await Promise.all([
      problem === null ? store.jobs.list({ ...query, ...seen }) : { items: [], next: null },
      leftJobs(state, url),
      store.workers.list(),
      kept.labels.read(seen, () => store.jobs.labels({ ...seen, limit: MOST_LABELS })),
      // Read for the first line of the page already.
      state.portal.statusReads.read({ access: state.access, now }),
      listViews(operating(state)),
      interruptedBulk(operating(state)),
    ]);
    const runKey = crypto.randomUUID();
    const meant = jobs.items.length > 0 ? null : labelMeant(query, labels);
    return page(
      { jobs, filter, problem, left, runKey, workers, labels, totals, views, interrupted, meant },
      statusOf(problem),
    );
  },
});

function filterOf(params: URLSearchParams): Filter {
  const state = params.get("state");
  const sort = params.get("sort");
  return {
    text: (params.get("q") ?? "").trim().slice(0, FILTER_MAX),
    state: JOB_STATES.find((known) => known === state) ?? "",
    sort: JOB_SORTS.find((known) => known === sort) ?? JOB_SORTS[0],
  };
}

/** The known label that is nearest to one that the query names and no job has. */
function labelMeant({ labels: groups = [] }: JobQuery, known: readonly LabelCount[]): string | null {
  const names = known.map(({ label }) => label);
  const unknown = groups.flat().find((label) => !names.includes(label));
  return unknown === undefined ? null : nearest(unknown, names);
}

/** The list of jobs. */
export default define.page<typeof handler>(function JobsPage({ data, state, url }) {
  const { jobs, filter, problem, left, runKey, workers, labels, totals, views, meant } = data;
  const isFiltered = filter.text !== "" || filter.state !== "" || url.searchParams.has("cursor");
  const isEmpty = jobs.items.length === 0;
  const mayCreate = state.mayAnywhere("jobs.edit");
  const back = withParams(url, { also: null });
  const bulk = mayBulk(state.mayAnywhere);
  return (
    <Page
      title="Jobs"
      verdict={<Verdict totals={totals} />}
      actions={mayCreate && (
        <a class="button primary" href="/jobs/new">
          <Icon name="plus" />New job
        </a>
      )}
    >
      <Notice code={url.searchParams.get("notice")} />
      <Interrupted change={data.interrupted} />
      {(!isEmpty || isFiltered) && (
        <JobFilter
          url={url}
          {...filter}
          problem={problem}
          labels={labels}
          views={views}
          counts={{ failing: counted(totals.failing), late: counted(totals.late) }}
        />
      )}
      <section class="panel picking" aria-label="Jobs">
        <More caption={SORT_NAMES[filter.sort]} />
        <div data-live="jobs" data-noun="job" data-follow>
          {(!isEmpty || left.length > 0) && (
            <JobTable
              jobs={jobs.items}
              left={left}
              workers={workers}
              view={state.view}
              url={new URL(back, url)}
              sort={filter.sort}
              runKey={runKey}
              isSelectable={bulk.length > 0}
              isSelecting={url.searchParams.has("select")}
              may={state.may}
            />
          )}
          {isEmpty && isFiltered && problem === null && (
            <Empty icon="search" title="No job matches" step={<a class="button" href="/jobs">Show all jobs</a>}>
              {meant !== null && (
                <>
                  Did you mean{" "}
                  <a href={withParams(url, { q: labelTerm(meant), cursor: null, also: null })}>{labelTerm(meant)}</a>?
                </>
              )}
            </Empty>
          )}
          {isEmpty && !isFiltered &&
            (mayCreate ? <FirstSteps /> : <Empty icon="jobs" title="There are no jobs that you may see." />)}
        </div>
        {!isEmpty && bulk.length > 0 && (
          <form id={JOBS_FORM} method="get" action="/jobs/bulk" class="picking-form">
            <input type="hidden" name="back" value={back} />
            <BulkBar actions={bulk} />
          </form>
        )}
        {!isEmpty && isFiltered && !url.searchParams.has("cursor") && bulk.length > 0 && (
          <BulkMatching actions={bulk} filter={filter} back={back} shown={jobs} />
        )}
        <Pager url={url} next={jobs.next} />
      </section>
      {!isEmpty && bulk.length > 0 && <JobMenu back={back} />}
      {!isEmpty && bulk.length > 0 && <JobRows />}
    </Page>
  );
});

function Verdict({ totals: { failing, late, waiting, running } }: { readonly totals: RunTotals }): JSX.Element {
  const parts = [[failing, "failing"], [late, "late"], [waiting, "waiting"], [running, "running"]] as const;
  const some = parts.filter(([n]) => n > 0);
  if (failing === 0 && late === 0) {
    return <span>No active job is failing or late.{some.length > 0 && <>{" "}{words(some)}.</>}</span>;
  }
  return <span>{words(some)}.</span>;
}

function words(parts: readonly (readonly [number, string])[]): JSX.Element {
  return (
    <>
      {parts.map(([n, word], i) => (
        <>
          {i > 0 && ", "}
          {i === 0 && word === "failing" ? <b>{counted(n)} {word}</b> : `${counted(n)} ${word}`}
        </>
      ))}
    </>
  );
}

/** A number as far as it is counted; null: none. */
function counted(n: number): string | null {
  if (n === 0) return null;
  return capped(n);
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
