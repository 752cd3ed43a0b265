import type { Dispatch } from "@jobtrigger/shared/domain";
import { formatDuration } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { reasonWords } from "../format/words.ts";
import type { View } from "../format/view.ts";
import { Status } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** The duration of a run, so far or in all, in milliseconds; null before its start. */
export function durationOf({ state }: Dispatch, now: number): number | null {
  if (state.status === "PENDING" || state.startedAt === null) return null;
  return Math.max(0, (state.status === "IN_PROGRESS" ? now : state.completedAt) - state.startedAt);
}

/** The rows of a table of runs. */
export interface RunTableProps {
  readonly runs: readonly Dispatch[];
  /** The current state of runs that are on screen but have left the list. */
  readonly left?: readonly Dispatch[];
  readonly view: View;
  readonly hasJob?: boolean;
}

/** Runs as a table, newest first; as cards on a narrow screen. */
export function RunTable({ runs, left = [], view, hasJob = true }: RunTableProps): JSX.Element {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Run</th>
          {hasJob && <th scope="col">Job</th>}
          <th scope="col">State</th>
          <th scope="col">Due</th>
          <th scope="col">Took</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => <RunRow key={run.id} run={run} view={view} hasJob={hasJob} />)}
      </tbody>
      {left.length > 0 && (
        <tbody hidden data-left>
          {left.map((run) => <RunRow key={run.id} run={run} view={view} hasJob={hasJob} />)}
        </tbody>
      )}
    </table>
  );
}

function RunRow({ run, view, hasJob }: { run: Dispatch; view: View; hasJob: boolean }): JSX.Element {
  const duration = durationOf(run, view.now);
  const { state } = run;
  return (
    <tr data-row={run.id}>
      <th scope="row" data-label="Run">
        <a href={`/runs/${run.id}`} class="num">#{run.id}</a>
      </th>
      {hasJob && (
        <td data-label="Job">
          <a href={`/jobs/${run.jobId}`}>
            <bdi>{run.jobName}</bdi>
          </a>
        </td>
      )}
      <td data-label="State">
        <span>
          <Status status={state.status} />{" "}
          {"exitCode" in state && state.exitCode !== null && state.exitCode !== 0 && (
            <span class="quiet num">exit {state.exitCode}</span>
          )}
        </span>
      </td>
      <td data-label="Due">
        <Time at={run.scheduledFor} view={view} />
      </td>
      <td data-label="Took" class="num">{duration === null ? "–" : formatDuration(duration)}</td>
      <td data-label="Why" class="quiet">
        <span>
          {reasonWords(run)}
          {run.priority !== 0 && `, priority ${run.priority}`}
        </span>
      </td>
    </tr>
  );
}
