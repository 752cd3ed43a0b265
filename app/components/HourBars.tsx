import { type EpochMs, epochMs, type TallyOfPeriod } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { clockTime as hourTime, shortDay } from "../format/clock.ts";
import type { View } from "../format/view.ts";
import { chartAttributes } from "./chart.ts";
import { clockTime } from "./Time.tsx";

const HOURS = 24;
const HOUR_MS = 3_600_000;
/** Of the drawing, in its own units: the width of an hour, the height above and below the line. */
const [STEP, UP, DOWN, GAP] = [40, 64, 28, 4];

/** The last 24 hours: for each hour what succeeded above the line, and what failed below it; then in outline what is planned. */
export function HourBars(
  { hours, from, planned, view }: {
    readonly hours: readonly TallyOfPeriod[];
    /** When the first hour begins. */
    readonly from: EpochMs;
    /** How many runs are planned in each hour after them; empty: that is not known. */
    readonly planned: readonly number[];
    readonly view: View;
  },
): JSX.Element {
  const bars = Array.from({ length: HOURS }, (_, i) => {
    const at = epochMs(from + i * HOUR_MS);
    const counts = hours.find((hour) => hour.at === at)?.counts;
    const failed = counts === undefined ? 0 : counts.FAILURE + counts.ERROR + counts.TIMEOUT;
    return { at, ok: counts?.SUCCESS ?? 0, failed };
  });
  const most = Math.max(1, ...bars.map(({ ok }) => ok), ...planned);
  const width = (HOURS + planned.length) * STEP;
  const mostFailed = Math.max(1, ...bars.map(({ failed }) => failed));
  const ahead = planned.reduce((total, count) => total + count, 0);
  const sum = (of: "ok" | "failed") => bars.reduce((total, bar) => total + bar[of], 0);
  const worst = bars.reduce((one, other) => other.failed > one.failed ? other : one);
  const label = `${sum("ok") + sum("failed")} runs ended in the last 24 hours, ${sum("failed")} of them failed${
    worst.failed > 0 ? `; most failures, ${worst.failed}, in the hour from ${clockTime(worst.at, view)}` : ""
  }.${
    planned.length === 0 ? "" : ` Planned in the next ${planned.length} whole hours: ${ahead.toLocaleString("en")}.`
  }`;
  return (
    <div class="body chart stack tight">
      <svg
        viewBox={`0 0 ${width} ${UP + DOWN + GAP}`}
        height={UP + DOWN + GAP}
        preserveAspectRatio="none"
        {...chartAttributes(label)}
      >
        <path class="b-base" d={`M0 ${UP + GAP / 2}H${width}`} />
        {bars.map(({ at, ok, failed }, i) => (
          <g key={at}>
            {ok > 0 && <rect class="b-ok" x={i * STEP + 3} width={STEP - 6} {...upwards(height(ok, most, UP))} />}
            {failed > 0 && (
              <rect
                class="b-bad"
                x={i * STEP + 3}
                width={STEP - 6}
                y={UP + GAP}
                height={height(failed, mostFailed, DOWN)}
              />
            )}
          </g>
        ))}
        {planned.map((count, i) =>
          count > 0 && (
            <rect
              key={i}
              class="b-plan"
              x={(HOURS + i) * STEP + 4}
              width={STEP - 8}
              {...upwards(height(count, most, UP))}
            />
          )
        )}
        <g class="b-hit">
          {[
            ...bars.map(({ ok, failed }) => `${ok} succeeded, ${failed} failed`),
            ...planned.map((n) => `planned: ${n}`),
          ]
            .map((words, i) => (
              <rect key={i} x={i * STEP} width={STEP} height={UP + DOWN + GAP}>
                <title>{`${clockTime(epochMs(from + i * HOUR_MS), view)}: ${words}`}</title>
              </rect>
            ))}
        </g>
        {planned.length > 0 && <path class="b-now" d={`M${HOURS * STEP} 0V${UP + DOWN + GAP}`} />}
      </svg>
      <div class="axis" aria-hidden="true">
        {Array.from({ length: (HOURS + planned.length) / 6 }, (_, i) => epochMs(from + i * 6 * HOUR_MS)).map((
          at,
          i,
        ) => <span key={at} class={i === HOURS / 6 ? "now" : undefined}>{axisWords(at, i, view)}</span>)}
      </div>
      <ul class="keys">
        <li>
          <Key kind="b-ok" />
          {sum("ok").toLocaleString("en")} succeeded
        </li>
        <li>
          <Key kind="b-bad" />
          {sum("failed").toLocaleString("en")} failed
        </li>
        {planned.length > 0 && (
          <li>
            <Key kind="b-plan" />
            {ahead.toLocaleString("en")} planned
          </li>
        )}
      </ul>
    </div>
  );
}

/** A mark of the axis: a time, with its weekday at the start and after midnight; the mark where the plan begins says "now". */
function axisWords(at: EpochMs, i: number, { zone }: View): string {
  if (i === HOURS / 6) return "now";
  const time = hourTime(at, zone);
  return i === 0 || Number(time.slice(0, 2)) < 6 ? `${shortDay(at, zone).slice(0, 3)} ${time}` : time;
}

function height(count: number, most: number, room: number): number {
  return Math.max(2, Math.round(room * count / most));
}

function upwards(height: number): { readonly y: number; readonly height: number } {
  return { y: UP - height, height };
}

function Key({ kind }: { readonly kind: string }): JSX.Element {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <rect class={kind} x="1" y="1" width="10" height="10" />
    </svg>
  );
}
