import {
  endedOf,
  type EpochMs,
  epochMs,
  failedOf,
  GRAIN_MS,
  quantileOf,
  successRateOf,
  type Tally,
  type TallyOfPeriod,
  type TallyRange,
} from "@jobtrigger/shared/domain";
import { formatDuration } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { clockTime, shortDay, wholeNumber } from "../format/clock.ts";
import type { View } from "../format/view.ts";
import { chartAttributes } from "./chart.ts";

/** The part of runs that succeeded, as `98.2 %`; a dash where none was judged. Never rounded up to all, or down to none. */
export function rateWords(tally: Pick<Tally, "counts">): string {
  const rate = successRateOf(tally.counts);
  if (rate === null) return "–";
  const percent = rate === 1 ? 100 : Math.min(99.9, Math.floor(rate * 1000) / 10);
  return `${percent} %`;
}

/** A percentile of times; a dash where there are none. */
export function percentileWords(histogram: Tally["durations"], part: number): string {
  const ms = quantileOf(histogram, part);
  return ms === null ? "–" : formatDuration(ms);
}

/** The name of an hour or a day: hours in the reader's zone, days in UTC. */
export function periodWords(at: EpochMs, grain: TallyRange["grain"], zone: string): string {
  return grain === "hour" ? `${shortDay(at, zone)} ${clockTime(at, zone)}` : shortDay(at, "UTC");
}

/** The chart. */
export interface StatisticsChartProps extends TallyRange {
  readonly periods: readonly TallyOfPeriod[];
  readonly view: View;
}

const HEIGHT = 60;
/** The line between what succeeded, above, and what failed, below. */
const BASE = 42;

/** Runs by hour or day: what succeeded above the line, what failed below it. */
export function StatisticsChart({ periods, grain, from, until, view }: StatisticsChartProps): JSX.Element {
  const count = (until - from) / GRAIN_MS[grain];
  const most = Math.max(1, ...periods.map(({ counts }) => counts.SUCCESS));
  const mostFailed = Math.max(1, ...periods.map(({ counts }) => failedOf(counts)));
  const width = 1000 / count;
  const failed = periods.reduce((sum, { counts }) => sum + failedOf(counts), 0);
  const ended = periods.reduce((sum, { counts }) => sum + endedOf(counts), 0);
  const marks = Array.from({ length: 6 }, (_, i) => from + Math.floor(count * i / 6) * GRAIN_MS[grain]);
  return (
    <figure class="chart body">
      <svg
        viewBox={`0 0 1000 ${HEIGHT}`}
        height="96"
        preserveAspectRatio="none"
        {...chartAttributes(
          `${wholeNumber(ended)} runs by ${grain}, ${
            wholeNumber(failed)
          } of them failed; the table below has the numbers`,
        )}
      >
        {periods.map(({ at, counts }) => {
          const x = Math.round(10 * (at - from) / GRAIN_MS[grain] * width) / 10;
          const [up, down] = [counts.SUCCESS / most * (BASE - 2), failedOf(counts) / mostFailed * (HEIGHT - BASE - 1)];
          return (
            <g key={at}>
              <title>
                {`${periodWords(at, grain, view.zone)}: ${wholeNumber(counts.SUCCESS)} succeeded, ${
                  wholeNumber(failedOf(counts))
                } failed`}
              </title>
              {up > 0 && <rect class="b-ok" x={x} y={BASE - up} width={width * 0.8} height={up} />}
              {down > 0 && <rect class="b-bad" x={x} y={BASE} width={width * 0.8} height={down} />}
            </g>
          );
        })}
        <path class="b-base" vector-effect="non-scaling-stroke" d={`M0 ${BASE}H1000`} />
      </svg>
      <div class="axis" aria-hidden="true">
        {marks.map((at, i) => (
          <span key={at} class={i % 2 === 1 ? "alt" : undefined}>
            {grain === "hour" ? clockTime(epochMs(at), view.zone) : shortDay(epochMs(at), "UTC")}
          </span>
        ))}
      </div>
    </figure>
  );
}
