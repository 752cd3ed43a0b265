import { page } from "fresh";
import { FILTER_MAX, readJobFilter } from "@jobtrigger/shared/api";
import {
  endedOf,
  failedOf,
  Invalid,
  QUANTILE_ERROR,
  type Ranking,
  RANKINGS,
  type Statistics,
  type Tally,
} from "@jobtrigger/shared/domain";
import { readStatistics, type StatisticsRange } from "@jobtrigger/shared/operations";
import { formatDuration, formatInstant } from "@jobtrigger/shared/time";
import type { ComponentChildren, JSX } from "preact";
import { CardCell, type CardHead, CardRow, Cards } from "../../components/Cards.tsx";
import { Empty } from "../../components/Empty.tsx";
import { FilterField } from "../../components/FilterField.tsx";
import { Note } from "../../components/Note.tsx";
import { Page } from "../../components/Page.tsx";
import { withParams } from "../../components/Pager.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Seg } from "../../components/Seg.tsx";
import { percentileWords, periodWords, rateWords, StatisticsChart } from "../../components/StatisticsChart.tsx";
import { wholeNumber } from "../../format/clock.ts";
import type { View } from "../../format/view.ts";
import { readTyped, statusOf } from "../../server/typed_filter.ts";
import { define } from "../../utils.ts";

const RANGE_WORDS: Readonly<Record<StatisticsRange, string>> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "365d": "A year",
};

const RANKING_WORDS: Readonly<Record<Ranking, string>> = {
  failed: "Most failed",
  rate: "Lowest success rate",
  runs: "Most runs",
  time: "Most time",
};

interface Data {
  readonly range: StatisticsRange;
  readonly ranking: Ranking;
  /** A filter by labels as it was typed. */
  readonly text: string;
  /** What is wrong with it; null: nothing. */
  readonly problem: string | null;
  /** Null: the filter is wrong. */
  readonly statistics: Statistics | null;
}

/** How often runs succeed, how long they take, how late they start; the address holds range, ranking and filter. */
export const handler = define.handlers<Data>({
  async GET({ url, state: { access, view, portal: { store, kept } } }) {
    const { searchParams } = url;
    const range = RANGES.find((known) => known === searchParams.get("range")) ?? "24h";
    const ranking = RANKINGS.find((known) => known === searchParams.get("sort")) ?? "failed";
    const text = (searchParams.get("q") ?? "").trim().slice(0, FILTER_MAX);
    const { filter, problem } = readTyped(() => labelsIn(text));
    const statistics = problem === null
      ? await kept.statistics.read([access, range, ranking, filter], () => {
        return readStatistics({ store, access }, { range, ranking, ...filter }, view.now);
      })
      : null;
    return page({ range, ranking, text, problem, statistics }, statusOf(problem));
  },
});

const RANGES: readonly StatisticsRange[] = ["24h", "7d", "30d", "365d"];

/** The labels of a filter. @throws {Invalid} when it has anything else. */
function labelsIn(text: string): { readonly labels?: readonly (readonly string[])[] } {
  const { labels, ...others } = readJobFilter(text);
  if (Object.keys(others).length > 0) {
    throw new Invalid([{ field: "filter", message: "Statistics are narrowed by labels alone, such as label:nightly" }]);
  }
  return labels === undefined ? {} : { labels };
}

/** Statistics. */
export default define.page<typeof handler>(function StatisticsPage({ data, state: { view }, url }) {
  const { range, ranking, text, problem, statistics } = data;
  const isEmpty = statistics !== null && statistics.periods.length === 0;
  return (
    <Page
      title="Statistics"
      verdict={statistics === null
        ? <b>Please correct the filter.</b>
        : <Verdict range={range} total={statistics.total} />}
    >
      <div class="row">
        <Seg
          name="Range"
          links={RANGES.map((one) => ({
            href: withParams(url, { range: one === "24h" ? null : one }),
            label: RANGE_WORDS[one],
            isCurrent: one === range,
          }))}
        />
      </div>
      <form method="get" action="/statistics" class="filter oneline" role="search">
        {range !== "24h" && <input type="hidden" name="range" value={range} />}
        {ranking !== "failed" && <input type="hidden" name="sort" value={ranking} />}
        <FilterField text={text} problem={problem} placeholder="label:nightly" />
        <button type="submit" class="button">Show</button>
      </form>
      {statistics !== null && <Progress statistics={statistics} view={view} />}
      {isEmpty && (
        <Empty
          icon="stats"
          title="Nothing happened in this range"
          step={<a class="button" href="/jobs">To the jobs</a>}
        >
          Runs appear here seconds after they have ended.
        </Empty>
      )}
      {statistics !== null && !isEmpty && (
        <Parts statistics={statistics} ranking={ranking} range={range} view={view} url={url} />
      )}
    </Page>
  );
});

function Verdict({ range, total }: { readonly range: StatisticsRange; readonly total: Tally }): JSX.Element {
  const ended = endedOf(total.counts);
  if (ended === 0) return <span>No run ended in this range.</span>;
  return (
    <span>
      <b>{rateWords(total)} of runs succeeded</b> in {RANGE_WORDS[range].toLowerCase()}: {wholeNumber(ended)} ended,
      {" "}
      {wholeNumber(failedOf(total.counts))} failed. Half took up to {percentileWords(total.durations, 0.5)}, 95 % up to
      {" "}
      {percentileWords(total.durations, 0.95)}; 95 % started within {percentileWords(total.delays, 0.95)}.
    </span>
  );
}

/** Says what is not counted yet. */
function Progress(
  { statistics: { progress }, view }: { readonly statistics: Statistics; readonly view: View },
): JSX.Element | null {
  const { hasBegun, isFilled, uncountedSince } = progress;
  if (!hasBegun) {
    return <Note tone="warn" what="Nothing is counted yet: a scheduler counts as soon as one runs." role={null} />;
  }
  const isLate = uncountedSince !== null && view.now - uncountedSince > 60_000;
  if (isFilled && !isLate) return null;
  return (
    <Note tone="warn" what="Not everything is counted yet." role={null}>
      {!isFilled && <p>A scheduler still counts the runs of the time before there were statistics, newest first.</p>}
      {isLate && (
        <p>
          What ended since {formatInstant(uncountedSince, view.zone)} is still to be counted. Is a scheduler running?
        </p>
      )}
    </Note>
  );
}

const NUMBERS: readonly CardHead[] = [
  { name: "Success", isNumber: true },
  { name: "Ended", isNumber: true },
  { name: "Failed", isNumber: true },
  { name: "Took, 50 %", isNumber: true },
  { name: "95 %", isNumber: true },
  { name: "99 %", isNumber: true },
  { name: "Start delay, 95 %", isNumber: true },
];

interface PartsProps {
  readonly statistics: Statistics;
  readonly ranking: Ranking;
  readonly range: StatisticsRange;
  readonly view: View;
  readonly url: URL;
}

function Parts({ statistics, ranking, range, view, url }: PartsProps): JSX.Element {
  const { grain, periods, jobs, hosts, rankedFrom, from } = statistics;
  const error = `Percentiles are off by at most ${Math.ceil(QUANTILE_ERROR * 100)} %.`;
  const days = grain === "day" ? " Days are those of UTC." : "";
  return (
    <>
      <Panel title={grain === "hour" ? "By hour" : "By day"} id="time" foot={error + days}>
        <StatisticsChart {...statistics} view={view} />
        <Cards kind="numbers" head={[grain === "hour" ? "Hour" : "Day", ...NUMBERS]}>
          <tbody role="rowgroup">
            {periods.toReversed().map((tally) => (
              <NumberRow key={tally.at} name={periodWords(tally.at, grain, view.zone)} tally={tally} />
            ))}
          </tbody>
        </Cards>
      </Panel>
      <Panel
        title="By job"
        id="jobs"
        about={`the first ${jobs.length}`}
        tools={
          <Seg
            name="Order of jobs"
            links={RANKINGS.map((one) => ({
              href: `${withParams(url, { sort: one === "failed" ? null : one })}#jobs`,
              label: RANKING_WORDS[one],
              isCurrent: one === ranking,
            }))}
          />
        }
        foot={rankedFrom > from &&
          `Ranked by what happened since ${formatInstant(rankedFrom, view.zone)}: there is too much to rank all ${
            RANGE_WORDS[range].toLowerCase()
          } at once. A label narrows it.`}
      >
        {jobs.length === 0
          ? <p class="body">No job comes first in this order.</p>
          : (
            <Cards kind="numbers" head={["Job", ...NUMBERS, { name: "Time", isNumber: true }]}>
              <tbody role="rowgroup">
                {jobs.map((job) => (
                  <NumberRow
                    key={job.jobId}
                    tally={job}
                    name={
                      <a class="name" href={`/jobs/${job.jobId}`}>
                        <bdi>{job.name ?? `Job ${job.jobId}, deleted`}</bdi>
                      </a>
                    }
                    hasTime
                  />
                ))}
              </tbody>
            </Cards>
          )}
      </Panel>
      {hosts !== null && hosts.length > 0 && (
        <Panel title="By worker" id="hosts" about="by the name of its host">
          <Cards kind="numbers" head={["Host", ...NUMBERS]}>
            <tbody role="rowgroup">
              {hosts.map((host) => <NumberRow key={host.host} name={<bdi>{host.host}</bdi>} tally={host} />)}
            </tbody>
          </Cards>
        </Panel>
      )}
    </>
  );
}

function NumberRow(
  { name, tally, hasTime = false }: {
    readonly name: ComponentChildren;
    readonly tally: Tally;
    readonly hasTime?: boolean;
  },
): JSX.Element {
  const { counts, durations, delays, busyMs } = tally;
  return (
    <CardRow>
      <CardCell isName place="lead">{name}</CardCell>
      <CardCell place="aside" kind="num">{rateWords(tally)}</CardCell>
      <CardCell label="Ended" kind="num">{wholeNumber(endedOf(counts))}</CardCell>
      <CardCell label="Failed" kind={failedOf(counts) > 0 ? "num bad" : "num"}>
        {wholeNumber(failedOf(counts))}
      </CardCell>
      <CardCell label="Took, 50 %" kind="num">{percentileWords(durations, 0.5)}</CardCell>
      <CardCell label="Took, 95 %" kind="num">{percentileWords(durations, 0.95)}</CardCell>
      <CardCell label="Took, 99 %" kind="num">{percentileWords(durations, 0.99)}</CardCell>
      <CardCell label="Start delay, 95 %" kind="num">{percentileWords(delays, 0.95)}</CardCell>
      {hasTime && <CardCell label="Time" kind="num">{formatDuration(busyMs)}</CardCell>}
    </CardRow>
  );
}
