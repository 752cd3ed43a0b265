import {
  type Counts,
  type EpochMs,
  epochMs,
  failedOf,
  GRAIN_MS,
  type RunBar,
  type TimelineRow,
} from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { clockTime, dayAndTime, shortDay, wholeNumber } from "../format/clock.ts";
import type { View } from "../format/view.ts";
import { STATUS_WORDS } from "../format/words.ts";
import { chartAttributes } from "./chart.ts";
import { Icon } from "./Icon.tsx";

/** Parts of the axis, each with a mark. */
const PARTS = 6;
/** The chart's width in its own units. */
const WIDTH = 1000;
/** A bar is never thinner. */
const LEAST = 2.5;
/** In a row of at most this many runs or planned marks each has its own words; in a longer row they share one text. */
const MOST_TITLED = 24;

/** What happened to a job in a range, in numbers. */
export interface RowCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly open: number;
}

/** Counts what a row shows. Of a dense row, whole hours or days count. */
export function countsOf({ runs, dense }: TimelineRow): RowCounts {
  const open = runs.filter(({ endedAt }) => endedAt === null).length;
  if (dense !== null) {
    const sum = (count: (counts: Counts) => number) => dense.tallies.reduce((n, { counts }) => n + count(counts), 0);
    return {
      succeeded: sum(({ SUCCESS }) => SUCCESS),
      failed: sum(failedOf),
      cancelled: sum(({ CANCELLED }) => CANCELLED),
      open,
    };
  }
  const of = (...statuses: readonly RunBar["status"][]) =>
    runs.filter(({ status }) => statuses.includes(status)).length;
  return { succeeded: of("COMPLETED"), failed: of("FAILED", "TIMEOUT"), cancelled: of("CANCELLED"), open };
}

/** The chart. */
export interface TimelineChartProps {
  readonly rows: readonly TimelineRow[];
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly view: View;
}

/** Jobs by time: what happened above and below a line, what is planned as marks, now as a line. */
export function TimelineChart({ rows, from, until, view }: TimelineChartProps): JSX.Element {
  const isLong = until - from > 2 * GRAIN_MS.day;
  const marks = Array.from({ length: PARTS }, (_, i) => from + (until - from) * i / PARTS)
    .map((at) => epochMs(Math.round(at))).map((at) => isLong ? shortDay(at, view.zone) : clockTime(at, view.zone));
  return (
    <table class="tl">
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">
            <span class="sr">From {dayAndTime(from, view.zone)} to {dayAndTime(until, view.zone)}</span>
            <div class="axis" aria-hidden="true">
              {marks.map((mark, i) => <span key={i} class={i % 2 === 1 ? "alt" : undefined}>{mark}</span>)}
            </div>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          <Row
            key={row.job.id}
            row={row}
            isFirst={i === 0}
            from={from}
            until={until}
            view={view}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row(
  { row, isFirst, from, until, view }:
    & { readonly row: TimelineRow; readonly isFirst: boolean }
    & Omit<TimelineChartProps, "rows">,
): JSX.Element {
  const { job, dense, plannedCount } = row;
  const counts = countsOf(row);
  const many = [
    ...(dense === null ? [] : [`${wholeNumber(counts.succeeded + counts.failed + counts.cancelled)} runs`]),
    ...(plannedCount > 0 && row.planned.length === 0 ? [`${wholeNumber(plannedCount)} planned`] : []),
  ];
  return (
    <tr>
      <th scope="row">
        <RowSign counts={counts} />
        <a class="name" href={`/jobs/${job.id}`}>
          <bdi>{job.name}</bdi>
        </a>
        {many.length > 0 && <small>{many.join(", ")}</small>}
      </th>
      <td>
        <svg
          viewBox={`0 0 ${WIDTH} 28`}
          preserveAspectRatio="none"
          {...chartAttributes(`${job.name}: ${sentence(row, counts, view)}`, isFirst)}
        >
          <title>{sentence(row, counts, view)}</title>
          <Bars row={row} from={from} until={until} view={view} />
        </svg>
      </td>
    </tr>
  );
}

function RowSign({ counts }: { readonly counts: RowCounts }): JSX.Element {
  if (counts.failed > 0) return <Icon name="cross" tone="bad" />;
  if (counts.open > 0) return <Icon name="running" />;
  return counts.succeeded + counts.cancelled > 0 ? <Icon name="check" /> : <Icon name="clock" />;
}

/** What a row says, in words. */
function sentence({ plannedCount, plannedFirst }: TimelineRow, counts: RowCounts, { zone }: View): string {
  const parts = [
    [counts.succeeded, "succeeded"],
    [counts.failed, "failed"],
    [counts.cancelled, "cancelled"],
    [counts.open, "not over yet"],
  ] as const;
  const ran = parts.filter(([count]) => count > 0).map(([count, word]) => `${wholeNumber(count)} ${word}`).join(", ");
  const first = plannedFirst === null
    ? "none"
    : `${wholeNumber(plannedCount)}, the first at ${clockTime(plannedFirst, zone)}`;
  return `${ran === "" ? "no runs" : ran}; planned: ${first}`;
}

function Bars(
  { row, from, until, view }: { readonly row: TimelineRow } & Omit<TimelineChartProps, "rows">,
): JSX.Element {
  const x = (at: number) => Math.round(10 * WIDTH * Math.min(1, Math.max(0, (at - from) / (until - from)))) / 10;
  const { runs, dense, planned, plannedCount, plannedFirst, plannedLast } = row;
  const { now, zone } = view;
  const isSparse = runs.length <= MOST_TITLED;
  return (
    <>
      {dense?.tallies.map(({ at, counts }) => {
        const [left, right] = [x(at), x(Math.min(now, at + GRAIN_MS[dense.grain]))];
        const failed = failedOf(counts);
        const words = `${dayAndTime(at, zone)}: ${counts.SUCCESS} succeeded, ${failed} failed`;
        return (
          <g key={at}>
            <title>{words}</title>
            {counts.SUCCESS > 0 && (
              <rect class="b-ok" x={left} y="8" width={Math.max(LEAST, right - left)} height="6" />
            )}
            {failed > 0 && <rect class="b-bad" x={left} y="14" width={Math.max(LEAST, right - left)} height="12" />}
          </g>
        );
      })}
      {dense === null && !isSparse && <Quiet runs={runs} x={x} now={now} />}
      {dense === null &&
        runs.filter(({ status }) => isSparse || !QUIET.has(status))
          .map((run) => <Bar key={run.id} run={run} x={x} view={view} />)}
      {planned.length <= MOST_TITLED && planned.map((at) => (
        <g key={at}>
          <title>Planned {dayAndTime(at, zone)}</title>
          <path class="b-tick" vector-effect="non-scaling-stroke" d={`M${x(at)} 6V15`} />
        </g>
      ))}
      {planned.length > MOST_TITLED && (
        <path
          class="b-tick"
          vector-effect="non-scaling-stroke"
          d={planned.map((at) => `M${x(at)} 6V15`).join("")}
        />
      )}
      {planned.length === 0 && plannedFirst !== null && plannedLast !== null && (
        <path
          class="b-tick"
          vector-effect="non-scaling-stroke"
          stroke-dasharray="2 4"
          d={`M${x(plannedFirst)} 10.5H${Math.max(x(plannedFirst) + LEAST, x(plannedLast))}`}
        >
          <title>{`${wholeNumber(plannedCount)} planned from ${dayAndTime(plannedFirst, zone)}`}</title>
        </path>
      )}
      {now >= from && now < until && (
        <path class="b-now" vector-effect="non-scaling-stroke" d={`M${x(now)} 0V28`}>
          <title>Now</title>
        </path>
      )}
    </>
  );
}

/** The look of a bar in each state: its class, top and height. */
const LOOK: Readonly<Record<RunBar["status"], readonly [kind: string, y: number, height: number]>> = {
  COMPLETED: ["b-ok", 6, 9],
  FAILED: ["b-bad", 6, 20],
  TIMEOUT: ["b-bad", 6, 20],
  IN_PROGRESS: ["b-busy", 6, 9],
  PENDING: ["b-wait", 7, 8],
  CANCELLED: ["b-off", 9, 4],
};

/** What nobody looks for one by one in a full row: drawn together, without a title for each, because they are nearly all of a chart. */
const QUIET: ReadonlySet<RunBar["status"]> = new Set(["COMPLETED", "CANCELLED"]);

function Quiet(
  { runs, x, now }: { readonly runs: readonly RunBar[]; readonly x: (at: number) => number; readonly now: EpochMs },
): JSX.Element {
  const paths = [...QUIET].map((status) => {
    const [kind, y, height] = LOOK[status];
    const bars = runs.filter((run) => run.status === status).map((run) => {
      const [left, width] = extent(run, x, now);
      return `M${left} ${y}h${width}v${height}h-${width}z`;
    });
    return { kind, bars: bars.join("") };
  });
  return <>{paths.map(({ kind, bars }) => bars !== "" && <path key={kind} class={kind} d={bars} />)}</>;
}

/** Where a bar begins, and how wide it is. */
function extent(
  { availableAt, startedAt, endedAt }: RunBar,
  x: (at: number) => number,
  now: EpochMs,
): readonly [left: number, width: number] {
  const left = x(startedAt ?? availableAt);
  return [left, Math.round(10 * Math.max(LEAST, x(endedAt ?? now) - left)) / 10];
}

function Bar(
  { run, x, view: { now, zone } }: {
    readonly run: RunBar;
    readonly x: (at: number) => number;
    readonly view: View;
  },
): JSX.Element {
  const { id, status, availableAt, startedAt, endedAt } = run;
  const [left, width] = extent(run, x, now);
  const [kind, y, height] = LOOK[status];
  const from = dayAndTime(startedAt ?? availableAt, zone);
  return (
    <rect class={kind} x={left} y={y} width={width} height={height}>
      <title>
        {`${STATUS_WORDS[status].text}, run ${id}, from ${from}${
          endedAt === null ? "" : ` to ${clockTime(endedAt, zone)}`
        }`}
      </title>
    </rect>
  );
}

/** What the marks of the chart mean. */
export function TimelineKeys(): JSX.Element {
  const key = (drawing: JSX.Element, words: string) => (
    <li>
      <svg viewBox="0 0 16 12" aria-hidden="true">{drawing}</svg>
      {words}
    </li>
  );
  return (
    <ul class="keys">
      {key(<rect class="b-ok" y="2" width="16" height="6" />, "succeeded")}
      {key(<rect class="b-bad" x="5" width="6" height="12" />, "failed: reaches below the line")}
      {key(<rect class="b-busy" x=".5" y="2" width="15" height="7" />, "running")}
      {key(<rect class="b-wait" x=".5" y="2" width="15" height="7" />, "waiting")}
      {key(<rect class="b-off" y="4" width="16" height="4" />, "cancelled")}
      {key(<path class="b-tick" d="M8 1V11" />, "planned")}
      {key(<path class="b-now" d="M8 0V12" />, "now")}
    </ul>
  );
}
