import type { Dispatch } from "@jobtrigger/shared/domain";
import { formatDuration } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { reasonWords } from "../format/words.ts";
import type { View } from "../format/view.ts";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { NameLink } from "./NameLink.tsx";
import { Status } from "./Status.tsx";
import { Elapsed, ShortTime } from "./Time.tsx";

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
    <Cards
      kind={hasJob ? "runs" : "slim"}
      head={["Run", ...(hasJob ? ["Job"] : []), "State", "Due", { name: "Took", isNumber: true }, "Why"]}
    >
      <tbody role="rowgroup">
        {runs.map((run) => <RunRow key={run.id} run={run} view={view} hasJob={hasJob} />)}
      </tbody>
      {left.length > 0 && (
        <tbody role="rowgroup" hidden data-left>
          {left.map((run) => <RunRow key={run.id} run={run} view={view} hasJob={hasJob} />)}
        </tbody>
      )}
    </Cards>
  );
}

function RunRow({ run, view, hasJob }: { run: Dispatch; view: View; hasJob: boolean }): JSX.Element {
  const duration = durationOf(run, view.now);
  const { state } = run;
  return (
    <CardRow row={run.id} isFinal={"completedAt" in state}>
      <CardCell isName place="lead">
        <a href={`/runs/${run.id}`} class="name">#{run.id}</a>
      </CardCell>
      {hasJob && (
        <CardCell kind="job">
          <NameLink href={`/jobs/${run.jobId}`} name={run.jobName} />
        </CardCell>
      )}
      <CardCell place="line" kind="tight">
        <Status status={state.status} />{" "}
        {"exitCode" in state && state.exitCode !== null && state.exitCode !== 0 && (
          <span class="quiet">exit {state.exitCode}</span>
        )}
      </CardCell>
      <CardCell place="aside" kind="tight">
        <ShortTime at={run.scheduledFor} view={view} />
      </CardCell>
      <CardCell place="end" kind="num">
        {state.status === "IN_PROGRESS" && state.startedAt !== null
          ? <Elapsed since={state.startedAt} view={view} />
          : duration === null
          ? "–"
          : formatDuration(duration)}
      </CardCell>
      <CardCell place="wide">
        <span class="quiet">
          {reasonWords(run)}
          {run.priority !== 0 && `, priority ${run.priority}`}
        </span>
      </CardCell>
    </CardRow>
  );
}
