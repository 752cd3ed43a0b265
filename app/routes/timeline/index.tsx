import { page } from "fresh";
import { FILTER_MAX, readJobFilter } from "@jobtrigger/shared/api";
import type { EpochMs, Job, RunBar, Timeline } from "@jobtrigger/shared/domain";
import { readTimeline } from "@jobtrigger/shared/operations";
import { formatDuration, isoUtc } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { CardCell, CardRow, Cards } from "../../components/Cards.tsx";
import { Empty } from "../../components/Empty.tsx";
import { FilterField } from "../../components/FilterField.tsx";
import { NameLink } from "../../components/NameLink.tsx";
import { Page } from "../../components/Page.tsx";
import { withParams } from "../../components/Pager.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Seg } from "../../components/Seg.tsx";
import { Status } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import { countsOf, TimelineChart, TimelineKeys } from "../../components/TimelineChart.tsx";
import { clockTime, dayAndTime, shortDay, typedMinute, wholeNumber } from "../../format/clock.ts";
import type { View } from "../../format/view.ts";
import { type AskedRange, moved, type Range, type RangeName, rangeOf } from "../../server/range.ts";
import { readTyped, statusOf } from "../../server/typed_filter.ts";
import { define } from "../../utils.ts";

/** Most rows of the lists below the chart. */
const MOST_LISTED = 60;

interface Data {
  readonly range: AskedRange;
  /** A filter of jobs as it was typed; see docs/filters.md. */
  readonly text: string;
  /** What is wrong with the filter; null: nothing. */
  readonly problem: string | null;
  readonly timeline: Timeline;
}

const NOTHING: Timeline = { rows: [], lookedAt: 0, next: null };

/** What ran and what will run, by job; the address holds range, filter and cursor. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const { view, access, portal: { store } } = state;
    const range = rangeOf(url.searchParams, view);
    const text = (url.searchParams.get("q") ?? "").trim().slice(0, FILTER_MAX);
    const { filter, problem } = readTyped(() => readJobFilter(text));
    const cursor = url.searchParams.get("cursor");
    const query = { from: range.from, until: range.until, filter, ...(cursor !== null && { cursor }) };
    const isWrong = range.problem !== null || problem !== null;
    const timeline = isWrong ? NOTHING : await readTimeline({ store, access }, query, view.now);
    return page({ range, text, problem, timeline }, statusOf(range.problem ?? problem));
  },
});

const PRESETS: readonly (readonly [name: RangeName, label: string])[] = [
  ["now", "Now"],
  ["tonight", "Tonight 01–04"],
  ["last-24h", "Last 24 h"],
  ["next-24h", "Next 24 h"],
  ["week", "Next 7 days"],
];

/** The timeline. */
export default define.page<typeof handler>(function TimelinePage({ data, state: { view }, url }) {
  const { range, text, problem, timeline: { rows, next, lookedAt } } = data;
  const at = ({ from, until }: Range) =>
    withParams(url, { range: null, from: isoUtc(from), to: isoUtc(until), cursor: null });
  const isWrong = range.problem !== null || problem !== null;
  return (
    <Page
      title="Timeline"
      verdict={isWrong ? <b>Please correct the range or the filter.</b> : <Verdict data={data} view={view} url={url} />}
      actions={
        <>
          <a class="button" href={at(moved(range, { by: -1 }))}>Earlier</a>
          <a class="button" href={at(moved(range, { by: 1 }))}>Later</a>
          <a class="button" href={at(moved(range, { times: 0.5 }))}>Zoom in</a>
          <a class="button" href={at(moved(range, { times: 2 }))}>Zoom out</a>
        </>
      }
    >
      <Seg
        name="Range"
        links={[
          ...PRESETS.map(([name, label]) => ({
            href: withParams(url, { range: name === "now" ? null : name, from: null, to: null, cursor: null }),
            label,
            isCurrent: range.name === name,
          })),
          { href: `/timeline/month`, label: "Month", isCurrent: false },
        ]}
      />
      <RangeForm data={data} text={text} problem={problem} view={view} typed={url.searchParams} />
      {rows.length > 0 && (
        <Panel
          title="By job"
          id="chart"
          foot={
            <>
              <TimelineKeys />
              {rows.some(({ dense }) => dense !== null) && "Of jobs with many runs, whole hours or days are counted."}
              {next !== null && (
                <a class="button push" rel="next" href={withParams(url, { cursor: next })}>Next jobs by name</a>
              )}
            </>
          }
        >
          <TimelineChart rows={rows} from={range.from} until={range.until} view={view} />
        </Panel>
      )}
      {rows.length === 0 && !isWrong && (
        <Empty
          icon="timeline"
          title={next === null ? "Nothing runs in this range" : `None of these ${lookedAt} jobs runs in this range`}
          step={next === null
            ? <a class="button" href={at(moved(range, { times: 2 }))}>Zoom out</a>
            : <a class="button" href={withParams(url, { cursor: next })}>Look at the next jobs by name</a>}
        >
          {next === null
            ? "No run reaches into it, and no schedule has a time in it."
            : "Jobs are looked through by name."}
        </Empty>
      )}
      <PlannedList data={data} view={view} />
      <RunList data={data} view={view} />
    </Page>
  );
});

function Verdict({ data, view, url }: { readonly data: Data; readonly view: View; readonly url: URL }): JSX.Element {
  const { range: { from, until }, timeline: { rows, next } } = data;
  const counts = rows.map(countsOf);
  const sum = (of: (one: typeof counts[number]) => number) => counts.reduce((total, one) => total + of(one), 0);
  const failed = sum((one) => one.failed);
  const runs = sum((one) => one.succeeded + one.cancelled + one.open) + failed;
  const planned = rows.reduce((total, { plannedCount }) => total + plannedCount, 0);
  const isPart = next !== null || url.searchParams.has("cursor");
  const end = shortDay(from, view.zone) === shortDay(until, view.zone)
    ? clockTime(until, view.zone)
    : dayAndTime(until, view.zone);
  return (
    <span>
      <b>
        {dayAndTime(from, view.zone)} to {end}
      </b>, {view.zone}
      {isPart ? ", of the jobs on this page: " : ": "}
      {wholeNumber(runs)} {runs === 1 ? "run" : "runs"}, {wholeNumber(failed)} failed; {wholeNumber(planned)} planned.
    </span>
  );
}

function RangeForm(
  { data: { range }, text, problem, view, typed }: {
    readonly data: Data;
    readonly text: string;
    readonly problem: string | null;
    readonly view: View;
    /** What was typed; a time that is wrong stays to be corrected. */
    readonly typed: URLSearchParams;
  },
): JSX.Element {
  const time = (name: string, label: string, at: EpochMs) => (
    <label>
      <span>{label}</span>
      <input
        name={name}
        value={range.problem === null ? typedMinute(at, view.zone) : typed.get(name)?.slice(0, FILTER_MAX) ?? ""}
        autocomplete="off"
        aria-invalid={range.problem !== null}
        aria-describedby={range.problem === null ? undefined : "range-problem"}
      />
    </label>
  );
  return (
    <form method="get" action="/timeline" class="filter" role="search" aria-label="Range and jobs">
      {time("from", `From (${view.zone})`, range.from)}
      {time("to", "To", range.until)}
      <FilterField text={text} problem={problem} placeholder="Name, script or label:nightly" isLabelled />
      <button type="submit" class="button">Show</button>
      {range.problem !== null && <p id="range-problem" class="problem" role="alert">{range.problem}</p>}
    </form>
  );
}

function JobName({ job: { id, name } }: { readonly job: Pick<Job, "id" | "name"> }): JSX.Element {
  return <NameLink href={`/jobs/${id}`} name={name} />;
}

function PlannedList({ data: { timeline }, view }: { readonly data: Data; readonly view: View }): JSX.Element | null {
  const all = timeline.rows.flatMap(({ job, planned, plannedCount, plannedFirst, plannedLast }) =>
    planned.length === 0 && plannedFirst !== null
      ? [{ job, at: plannedFirst, count: plannedCount, last: plannedLast }]
      : planned.map((at) => ({ job, at, count: 1, last: null }))
  ).toSorted((a, b) => a.at - b.at);
  if (all.length === 0) return null;
  const shown = all.slice(0, MOST_LISTED);
  return (
    <Panel
      title="Planned"
      id="planned"
      about="in the order of time"
      foot={shown.length < all.length &&
        `${shown.length} of ${wholeNumber(all.length)}: a shorter range shows the rest`}
    >
      <Cards kind="slim" head={["Job", "Time", "From now"]}>
        <tbody role="rowgroup">
          {shown.map(({ job, at, count, last }) => (
            <CardRow key={`${job.id} ${at}`}>
              <CardCell isName place="lead">
                <JobName job={job} />
              </CardCell>
              <CardCell place="aside" kind="tight">{dayAndTime(at, view.zone)}</CardCell>
              <CardCell place="line">
                <span class="quiet">
                  {last === null
                    ? <Time at={at} view={view} />
                    : `and ${wholeNumber(count - 1)} times more, to ${dayAndTime(last, view.zone)}`}
                </span>
              </CardCell>
            </CardRow>
          ))}
        </tbody>
      </Cards>
    </Panel>
  );
}

function RunList(
  { data: { timeline, range, text }, view }: { readonly data: Data; readonly view: View },
): JSX.Element | null {
  const isBad = ({ status }: RunBar) => status === "FAILED" || status === "TIMEOUT" ? 0 : 1;
  const begin = ({ startedAt, availableAt }: RunBar) => startedAt ?? availableAt;
  const all = timeline.rows.flatMap(({ job, runs }) => runs.map((run) => ({ job, run })))
    .toSorted((a, b) => isBad(a.run) - isBad(b.run) || begin(b.run) - begin(a.run));
  const dense = timeline.rows.filter((row) => row.dense !== null);
  if (all.length === 0) return null;
  const shown = all.slice(0, MOST_LISTED);
  const isCut = shown.length < all.length || dense.length > 0;
  const filter = `since:${isoUtc(range.from)} until:${isoUtc(range.until)}`;
  return (
    <Panel
      title="Runs"
      id="runs"
      about="failed first"
      tools={text === "" && <a href={`/runs?q=${encodeURIComponent(filter)}`}>Open in Runs</a>}
      foot={isCut && `The last ${shown.length} that this page knows: a shorter range, or one job, shows the rest`}
    >
      <Cards kind="slim" head={["State", "Job", "Started", { name: "Took", isNumber: true }]}>
        <tbody role="rowgroup">
          {shown.map(({ job, run }) => (
            <CardRow key={run.id} row={run.id}>
              <CardCell place="line" kind="tight">
                <Status status={run.status} />
              </CardCell>
              <CardCell isName place="lead">
                <JobName job={job} /> <a class="quiet number" href={`/runs/${run.id}`}>#{run.id}</a>
              </CardCell>
              <CardCell place="aside" kind="tight">
                {run.startedAt === null ? "–" : dayAndTime(run.startedAt, view.zone)}
              </CardCell>
              <CardCell place="end" kind="num">
                {run.startedAt === null ? "–" : formatDuration(Math.max(0, (run.endedAt ?? view.now) - run.startedAt))}
              </CardCell>
            </CardRow>
          ))}
        </tbody>
      </Cards>
    </Panel>
  );
}
