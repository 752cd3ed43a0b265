import type { Dispatch, EpochMs, Execution, Job } from "@jobtrigger/shared/domain";
import { formatDuration } from "@jobtrigger/shared/time";
import type { ComponentChildren, JSX } from "preact";
import { EXECUTION_WORDS, TRIGGER_WORDS } from "../format/words.ts";
import type { View } from "../utils.ts";
import { Arguments, type FactList, Facts } from "./Facts.tsx";
import { durationOf } from "./RunTable.tsx";
import { Status } from "./Status.tsx";
import { FullTime } from "./Time.tsx";

/** What the facts of a run are drawn from. */
export interface RunFactsProps {
  readonly run: Dispatch;
  readonly execution: Execution | null;
  readonly job: Job | null;
  readonly view: View;
}

/** How a run came to be, went and ended. */
export function RunFacts({ run, execution, job, view }: RunFactsProps): JSX.Element {
  const { state } = run;
  const args = run.args ?? job?.scriptArgs ?? [];
  const duration = durationOf(run, view.now);
  return (
    <Facts
      facts={{
        "State": <StateOf run={run} execution={execution} />,
        "Why it ran": `${TRIGGER_WORDS[run.trigger]}${run.retryCount > 0 ? `, retry ${run.retryCount}` : ""}`,
        ...times(run, view),
        "Took": duration === null ? null : formatDuration(duration),
        "Worker": workerOf(state),
        "Exit": exitOf(state),
        "Script": job === null ? null : <code>{job.scriptPath}</code>,
        "Arguments": args.length === 0 ? null : <Arguments args={args} />,
        "Output": execution === null ? null : outputOf(execution),
        "Correlation id": <code>{run.correlationId}</code>,
      }}
    />
  );
}

function StateOf({ run: { state }, execution }: Pick<RunFactsProps, "run" | "execution">): JSX.Element {
  const isCancelling = state.status === "IN_PROGRESS" && state.cancelRequestedAt !== null;
  const message = "errorMessage" in state ? state.errorMessage : null;
  return (
    <>
      <Status status={state.status} />
      {isCancelling && " asked to stop"}
      {execution?.status === "ERROR" && ` ${EXECUTION_WORDS.ERROR}`}
      {message !== null && <span class="reason">{message}</span>}
    </>
  );
}

/** Due → available → claimed → started → ended, with how long each step took. */
function times({ scheduledFor, state }: Dispatch, view: View): FactList {
  const steps: (readonly [name: string, at: EpochMs | null])[] = [["Due", scheduledFor]];
  if (state.status === "PENDING") steps.push(["Available", state.availableAt]);
  else steps.push(["Claimed", state.claimedAt], ["Started", state.startedAt]);
  if ("completedAt" in state) steps.push(["Ended", state.completedAt]);
  let previous: EpochMs | null = null;
  return Object.fromEntries(steps.map(([name, at]) => {
    const value = at === null ? null : step(at, previous, view);
    previous = at ?? previous;
    return [name, value];
  }));
}

function step(at: EpochMs, previous: EpochMs | null, view: View): ComponentChildren {
  return (
    <>
      <FullTime at={at} view={view} />{" "}
      {previous !== null && at >= previous && <span class="quiet num">+{formatDuration(at - previous)}</span>}
    </>
  );
}

function workerOf(state: Dispatch["state"]): string | null {
  if (state.status === "PENDING") return null;
  return state.status === "IN_PROGRESS" ? state.lease.workerId : state.workerId;
}

function exitOf(state: Dispatch["state"]): string | null {
  if (!("completedAt" in state)) return null;
  if (state.signal !== null) return `ended by ${state.signal}`;
  return state.exitCode === null ? null : `code ${state.exitCode}`;
}

function outputOf({ logBytes, truncated }: Execution): string {
  return `${logBytes.toLocaleString("en")} bytes${truncated ? ", the middle was left out" : ""}`;
}
