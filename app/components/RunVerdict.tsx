import {
  cancelSentence,
  type Dispatch,
  type EpochMs,
  type Execution,
  type Job,
  markUnseen,
} from "@jobtrigger/shared/domain";
import { formatDuration } from "@jobtrigger/shared/time";
import type { ComponentChildren, JSX } from "preact";
import type { View } from "../format/view.ts";
import { runTitle } from "./run_title.ts";
import { durationOf } from "./RunTable.tsx";
import { Sentence } from "./Sentence.tsx";
import { Status } from "./Status.tsx";
import { clockTime, Time } from "./Time.tsx";

/** What a sentence about a run is made of. */
export interface RunVerdictProps {
  readonly run: Dispatch;
  readonly execution: Execution | null;
  /** Null: it was deleted. */
  readonly job: Job | null;
  /** All of its occurrence, first to last. */
  readonly attempts: readonly Dispatch[];
  /** Why it waits; null: it does not. */
  readonly waits: string | null;
  readonly view: View;
}

/** What happened to a run, why, how long it took, when, and which attempt it is, in a line or two. */
export function RunVerdict(props: RunVerdictProps): JSX.Element {
  const { state } = props.run;
  const reason = reasonOf(state);
  return (
    <span data-row="verdict" data-subject={`Run #${props.run.id}`} data-title={runTitle(props.run)}>
      <Status status={state.status} />{" "}
      <span>
        {state.status === "PENDING"
          ? <Sentence text={props.waits ?? "It waits for a worker."} />
          : state.status === "IN_PROGRESS"
          ? <Running {...props} />
          : <Ended {...props} at={state.completedAt} />} {attemptWords(props)}
      </span>
      {reason !== null && <small class="reason">{markUnseen(reason, "\n\t")}</small>}
    </span>
  );
}

/** Why it did not succeed, unless the exit code or the policy that cancelled it has said so already. */
function reasonOf(state: Dispatch["state"]): string | null {
  if (!("errorMessage" in state) || state.status === "CANCELLED") return null;
  const isSaid = state.exitCode !== null && state.errorMessage?.endsWith(`exited with code ${state.exitCode}`);
  return isSaid ? null : state.errorMessage;
}

function Running({ run, view }: RunVerdictProps): ComponentChildren {
  const { state } = run;
  if (state.status !== "IN_PROGRESS") return null;
  return (
    <>
      on <b>{state.lease.workerId}</b> since <At at={state.startedAt ?? state.claimedAt} view={view} />,
      {state.cancel !== null && (
        <>
          {" "}asked to stop: <Sentence text={cancelSentence(state.cancel)} />,
        </>
      )}
    </>
  );
}

function Ended({ run, execution, at, view }: RunVerdictProps & { readonly at: EpochMs }): ComponentChildren {
  const { state } = run;
  if (!("completedAt" in state)) return null;
  const took = durationOf(run, view.now);
  const how = execution?.status === "ERROR"
    ? "could not be run"
    : state.signal !== null
    ? `ended by ${state.signal}`
    : state.exitCode !== null
    ? `exit ${state.exitCode}`
    : null;
  return (
    <>
      {state.status === "CANCELLED" && state.cancel !== null && (
        <>
          <Sentence text={cancelSentence(state.cancel)} />,{" "}
        </>
      )}
      {how !== null && <b>{how}</b>} {took === null ? "without a start" : <>after {formatDuration(took)}</>}, at{" "}
      <At at={at} view={view} />,
    </>
  );
}

function At({ at, view }: { readonly at: EpochMs; readonly view: View }): JSX.Element {
  return (
    <>
      {clockTime(at, view)} (<Time at={at} view={view} />)
    </>
  );
}

/** Which attempt it is, and what comes after it. */
function attemptWords({ run, attempts, job }: RunVerdictProps): ComponentChildren {
  const most = job?.policies.retry.max ?? null;
  // Where it waits, a sentence stands before it.
  const word = run.state.status === "PENDING" ? "Attempt" : "attempt";
  const which = `${word} ${run.retryCount + 1}${most === null ? "" : ` of ${Math.max(most, run.retryCount) + 1}`}.`;
  const next = attempts.find(({ retryCount }) => retryCount === run.retryCount + 1);
  if (next !== undefined) {
    return (
      <>
        {which} It was tried again as <a href={`/runs/${next.id}`}>run #{next.id}</a>.
      </>
    );
  }
  const isLost = run.state.status === "FAILED" || run.state.status === "TIMEOUT";
  return isLost ? `${which} No retry follows.` : which;
}
