/**
 * The geometry of bars: up is good, below the line is bad, an outline is not over yet. One path for all bars of a kind, so that a list
 * of fifty jobs stays small.
 *
 * @module
 */
import type { EndedRun, ExecutionStatus } from "@jobtrigger/shared/domain";

/** What a bar says. */
export type BarKind = "ok" | "bad" | "off";

/** How an attempt that ended counts: `off` is cancelled, neither good nor bad. */
export function barKind(status: ExecutionStatus): BarKind {
  switch (status) {
    case "SUCCESS":
      return "ok";
    case "FAILURE":
    case "ERROR":
    case "TIMEOUT":
      return "bad";
    case "CANCELLED":
      return "off";
  }
}

/** Where bars stand: `slots` of `step`, each bar `width` wide, on a line at `base`, up to `up` high and `down` deep. */
export interface Frame {
  readonly slots: number;
  readonly step: number;
  readonly width: number;
  readonly base: number;
  readonly up: number;
  readonly down: number;
}

/** Paths of bars by kind; the height of a good one is its share of `most`. The newest stands at the right end, before `reserved` slots. */
export function barPaths(
  runs: readonly Pick<EndedRun, "status" | "durationMs">[],
  { slots, step, width, base, up, down }: Frame,
  { most, reserved = 0 }: { readonly most: number; readonly reserved?: number },
): Readonly<Record<BarKind, string>> {
  const paths = { ok: "", bad: "", off: "" };
  const shown = runs.slice(-(slots - reserved));
  for (const [i, { status, durationMs }] of shown.entries()) {
    const x = (slots - reserved - shown.length + i) * step;
    const kind = barKind(status);
    const share = most === 0 ? 1 : Math.min(1, durationMs / most);
    const height = kind === "ok" ? Math.max(2, Math.round(up * share)) : kind === "bad" ? down : 2;
    const top = kind === "bad" ? base + 1 : base - height;
    paths[kind] += `M${x} ${top}h${width}v${height}h-${width}z`;
  }
  return paths;
}

/** How many of some attempts succeeded and failed; cancelled ones count as neither. */
export interface Outcomes {
  readonly succeeded: number;
  readonly failed: number;
}

/** Counts attempts. */
export function outcomesOf(runs: readonly Pick<EndedRun, "status">[]): Outcomes {
  const kinds = runs.map(({ status }) => barKind(status));
  return {
    succeeded: kinds.filter((kind) => kind === "ok").length,
    failed: kinds.filter((kind) => kind === "bad").length,
  };
}

/** The share of attempts that succeeded, in whole per cent, rounded down so that 100 means all; null: none ended. */
export function successRate({ succeeded, failed }: Outcomes): number | null {
  return succeeded + failed === 0 ? null : Math.floor((100 * succeeded) / (succeeded + failed));
}

/** The value below which `share` of some numbers lie (the nearest rank); null: there are none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
