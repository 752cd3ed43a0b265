import type { Dispatch, EndedRun } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { barPaths, type Frame, outcomesOf } from "../format/bars.ts";

const FRAME: Frame = { slots: 20, step: 5, width: 4, base: 14, up: 11, down: 7 };

/** The last runs of a job as bars, the newest at the right; one that has not ended is an outline. */
export function Spark({ runs, last }: {
  readonly runs: readonly EndedRun[];
  /** Its newest attempt, whatever its state. */
  readonly last: Dispatch | null;
}): JSX.Element {
  const open = last?.state.status === "IN_PROGRESS" ? "busy" : last?.state.status === "PENDING" ? "wait" : null;
  const shown = runs.slice(open === null ? -FRAME.slots : 1 - FRAME.slots);
  const most = Math.max(0, ...shown.filter(({ status }) => status === "SUCCESS").map(({ durationMs }) => durationMs));
  const paths = barPaths(shown, FRAME, { most, reserved: open === null ? 0 : 1 });
  return (
    <svg class="spark" viewBox="0 0 100 24" role="img" aria-label={sentence(shown, open)}>
      <path class="b-base" d="M0 14.5H100" />
      {paths.ok !== "" && <path class="b-ok" d={paths.ok} />}
      {paths.bad !== "" && <path class="b-bad" d={paths.bad} />}
      {paths.off !== "" && <path class="b-off" d={paths.off} />}
      {open !== null && <path class={`b-${open}`} d="M95.5 5.5h3v8h-3z" />}
    </svg>
  );
}

function sentence(runs: readonly EndedRun[], open: "busy" | "wait" | null): string {
  const { succeeded, failed } = outcomesOf(runs);
  const now = open === "busy" ? ", one is running" : open === "wait" ? ", one waits" : "";
  if (runs.length === 0) return open === null ? "No runs yet" : `No run has ended${now}`;
  const last = runs.at(-1)?.status === "SUCCESS" ? "" : ", the last one did not succeed";
  return `Last ${runs.length} runs: ${succeeded} succeeded, ${failed} failed${last}${now}`;
}
