import type { EndedRun } from "@jobtrigger/shared/domain";
import { formatDuration, formatInstant } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { barKind, barPaths, type Frame, outcomesOf, quantile } from "../format/bars.ts";
import { niceCeiling } from "../format/scale.ts";
import type { View } from "../format/view.ts";
import { EXECUTION_WORDS } from "../format/words.ts";
import { chartAttributes } from "./chart.ts";
import { Panel } from "./Panel.tsx";

/** The choices of how many runs are drawn. */
export const CHART_RUNS = [60, 200] as const;

const WIDTH = 900;
const BASE = 150;
const UP = 140;
const DOWN = 16;
/** Few bars are as wide as these would be. */
const LEAST_SLOTS = 20;

/** How long the last runs of a job took, with the median and the 95th percentile of those that succeeded. */
export function DurationChart({ runs, limit, path, view }: {
  /** Oldest first. */
  readonly runs: readonly EndedRun[];
  readonly limit: typeof CHART_RUNS[number];
  /** The page of the job. */
  readonly path: string;
  readonly view: View;
}): JSX.Element {
  const durations = runs.filter(({ status }) => status === "SUCCESS").map(({ durationMs }) => durationMs);
  const [half, most] = [quantile(durations, 0.5), quantile(durations, 0.95)];
  const top = niceCeiling(Math.max(1, ...durations));
  const step = WIDTH / Math.max(runs.length, LEAST_SLOTS);
  const frame: Frame = {
    slots: Math.max(runs.length, LEAST_SLOTS),
    step,
    width: Math.max(1, Math.round(step * 0.75)),
    base: BASE,
    up: UP,
    down: DOWN,
  };
  const paths = barPaths(runs, frame, { most: top });
  const y = (ms: number) => Math.round(BASE - (UP * ms) / top);
  return (
    <Panel
      title="Duration"
      id="duration"
      about={`last ${runs.length} runs`}
      tools={
        <nav class="seg" aria-label="Range">
          {CHART_RUNS.map((count) => (
            <a
              key={count}
              href={count === CHART_RUNS[0] ? path : `${path}?chart=${count}`}
              aria-current={count === limit ? "true" : undefined}
            >
              {count} runs
            </a>
          ))}
        </nav>
      }
      foot={<Keys half={half} most={most} failed={outcomesOf(runs).failed} />}
    >
      <div class="body chart scaled">
        <svg
          viewBox={`0 0 ${WIDTH} 172`}
          height="172"
          preserveAspectRatio="none"
          {...chartAttributes(sentence(runs, half, most))}
        >
          {half !== null && most !== null && (
            <rect class="b-band" x="0" y={y(most)} width={WIDTH} height={Math.max(1, y(half) - y(most))} />
          )}
          <path class="b-base" d={`M0 ${BASE - UP}H${WIDTH}M0 ${BASE - UP / 2}H${WIDTH}`} />
          {paths.ok !== "" && <path class="b-ok" d={paths.ok} />}
          {paths.bad !== "" && <path class="b-bad" d={paths.bad} />}
          {paths.off !== "" && <path class="b-off" d={paths.off} />}
          {half !== null && most !== null && <path class="b-mid" d={`M0 ${y(half)}H${WIDTH}M0 ${y(most)}H${WIDTH}`} />}
          <path class="b-base" d={`M0 ${BASE + 0.5}H${WIDTH}`} />
          <Details runs={runs} step={step} view={view} />
        </svg>
        <div class="scale" aria-hidden="true">
          <span>{half !== null && formatDuration(top)}</span>
          <span>{half !== null && formatDuration(top / 2)}</span>
          <span>0</span>
        </div>
        <div class="axis" aria-hidden="true">
          {dates(runs, view).map((date, i) => <span key={i}>{date}</span>)}
        </div>
      </div>
      <Table runs={runs} view={view} />
    </Panel>
  );
}

/** The dates below the chart, one in each quarter: that of its first bar; bars of few runs stand at the right. */
function dates(runs: readonly EndedRun[], { zone }: View): readonly string[] {
  const slots = Math.max(runs.length, LEAST_SLOTS);
  const first = slots - runs.length;
  return [0, 1, 2, 3].map((part) => {
    const [from, until] = [part * slots / 4, (part + 1) * slots / 4].map(Math.floor);
    const slot = Math.max(first, from ?? 0);
    return slot < (until ?? 0) ? dateOf(runs[slot - first], zone) : "";
  });
}

/** What a bar says: invisible columns over the bars, the whole height of the chart. */
function Details({ runs, step, view: { zone } }: {
  readonly runs: readonly EndedRun[];
  readonly step: number;
  readonly view: View;
}): JSX.Element {
  const first = Math.max(runs.length, LEAST_SLOTS) - runs.length;
  return (
    <g class="b-hit">
      {runs.map(({ id, status, durationMs, endedAt }, i) => (
        <rect key={id} x={(first + i) * step} width={step} height="172">
          <title>
            {`#${id}: ${EXECUTION_WORDS[status]} after ${formatDuration(durationMs)}, ${formatInstant(endedAt, zone)}`}
          </title>
        </rect>
      ))}
    </g>
  );
}

function dateOf(run: EndedRun | undefined, zone: string): string {
  if (run === undefined) return "";
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: zone,
  });
  return format.format(run.endedAt);
}

function sentence(runs: readonly EndedRun[], half: number | null, most: number | null): string {
  const { failed } = outcomesOf(runs);
  const end = failed === 0 ? "None failed." : `${failed} failed.`;
  if (half === null || most === null) return `Duration of the last ${runs.length} runs. None succeeded. ${end}`;
  const took = `Half took up to ${formatDuration(half)}, 95 of 100 up to ${formatDuration(most)}.`;
  return `Duration of the last ${runs.length} runs. ${took} ${end}`;
}

function Keys({ half, most, failed }: {
  readonly half: number | null;
  readonly most: number | null;
  readonly failed: number;
}): JSX.Element {
  return (
    <ul class="keys">
      {half !== null && (
        <li>
          <svg viewBox="0 0 16 12" aria-hidden="true">
            <path class="b-mid" d="M0 6H16" />
          </svg>
          half up to <b>{formatDuration(half)}</b>
        </li>
      )}
      {most !== null && (
        <li>
          <svg viewBox="0 0 16 12" aria-hidden="true">
            <rect class="b-band" width="16" height="12" />
          </svg>
          95 of 100 up to <b>{formatDuration(most)}</b>
        </li>
      )}
      <li>
        <svg viewBox="0 0 16 12" aria-hidden="true">
          <rect class="b-bad" x="3" width="10" height="12" />
        </svg>
        <b>{failed}</b> failed
      </li>
    </ul>
  );
}

/** The same runs as a table, newest first. */
function Table({ runs, view }: { readonly runs: readonly EndedRun[]; readonly view: View }): JSX.Element {
  return (
    <details class="fold">
      <summary>As a table</summary>
      <div class="body scroll" tabIndex={0} role="region" aria-label="Durations">
        <table>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Ended</th>
              <th scope="col" class="num">Took</th>
              <th scope="col">Result</th>
            </tr>
          </thead>
          <tbody>
            {runs.toReversed().map(({ id, status, durationMs, endedAt }) => (
              <tr key={id}>
                <th scope="row">
                  <a href={`/runs/${id}`}>#{id}</a>
                </th>
                <td class="num">{formatInstant(endedAt, view.zone)}</td>
                <td class="num">{formatDuration(durationMs)}</td>
                <td class={barKind(status) === "bad" ? "bad" : undefined}>{EXECUTION_WORDS[status]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
