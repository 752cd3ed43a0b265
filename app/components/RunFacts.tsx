import {
  cancelSentence,
  type Dispatch,
  type EpochMs,
  type Execution,
  type Job,
  markUnseen,
} from "@jobtrigger/shared/domain";
import { originWords } from "@jobtrigger/shared/operations";
import { formatDuration } from "@jobtrigger/shared/time";
import type { ComponentChildren, JSX } from "preact";
import { EXECUTION_WORDS } from "../format/words.ts";
import type { View } from "../format/view.ts";
import { Arguments, type FactList, Facts, Tags } from "./Facts.tsx";
import { durationOf } from "./RunTable.tsx";
import { Sentence } from "./Sentence.tsx";
import { Status } from "./Status.tsx";
import { FullTime } from "./Time.tsx";

/** A run and its execution, attempts and waits. */
export interface RunFactsProps {
  readonly run: Dispatch;
  readonly execution: Execution | null;
  readonly job: Job | null;
  /** Why it waits; null: it does not wait. */
  readonly waits: string | null;
  readonly view: View;
}

/** The facts of a run, from its trigger to its end. */
export function RunFacts({ run, execution, job, waits, view }: RunFactsProps): JSX.Element {
  const { state } = run;
  const args = run.args ?? job?.scriptArgs ?? [];
  const duration = durationOf(run, view.now);
  // Show later facts as dashes from the start, so that the page does not grow above the output being read.
  const later = "completedAt" in state ? null : "–";
  return (
    <Facts
      facts={{
        "State": <StateOf run={run} execution={execution} waits={waits} />,
        [state.status === "PENDING" ? "Why it is here" : "Why it ran"]: whyWords(run),
        ...times(run, view),
        "Took": duration === null ? later : formatDuration(duration),
        "Worker": workerOf(state) ?? later,
        "Exit": exitOf(state) ?? later,
        "Script": job === null ? null : <code>{job.scriptPath}</code>,
        "Arguments": args.length === 0 ? null : <Arguments args={args} />,
        "Priority": run.priority === 0 ? null : String(run.priority),
        "Needs": needsOf(run),
        "Backfill": run.backfill === null ? null : <code>{run.backfill.id}</code>,
        "Output": execution === null ? later : outputOf(execution),
        "Correlation id": <code>{run.correlationId}</code>,
      }}
    />
  );
}

function whyWords(run: Dispatch): string {
  const origin = originWords(run);
  const sentence = `${origin.charAt(0).toUpperCase()}${origin.slice(1)}`;
  return run.retryCount > 0 ? `${sentence} (retry ${run.retryCount}).` : `${sentence}.`;
}

/** The needs of a run besides a free worker slot. */
function needsOf({ needs: { tags, concurrency } }: Dispatch): ComponentChildren {
  if (tags.length === 0 && concurrency === null) return null;
  return (
    <>
      {tags.length > 0 && <Tags tags={tags} />}
      {concurrency !== null && (
        <p>
          a slot of the key <code>{concurrency.key}</code>, which has {concurrency.limit}
        </p>
      )}
    </>
  );
}

function StateOf(
  { run: { state }, execution, waits }: Pick<RunFactsProps, "run" | "execution" | "waits">,
): JSX.Element {
  const stopping = state.status === "IN_PROGRESS" && state.cancel !== null ? cancelSentence(state.cancel) : null;
  const message = "errorMessage" in state ? state.errorMessage : stopping;
  return (
    <>
      <Status status={state.status} />
      {stopping !== null && " asked to stop"}
      {execution?.status === "ERROR" && ` ${EXECUTION_WORDS.ERROR}`}
      {message !== null && (
        <span class="reason">
          {state.status === "CANCELLED" || stopping !== null
            ? <Sentence text={message} />
            : markUnseen(message, "\n\t")}
        </span>
      )}
      {waits !== null && (
        <span class="reason">
          <Sentence text={waits} />
        </span>
      )}
    </>
  );
}

/** Due → available → claimed → started → ended, with how long each step took. */
function times({ scheduledFor, state }: Dispatch, view: View): FactList {
  const steps: (readonly [name: string, at: EpochMs | null])[] = [["Due", scheduledFor]];
  if (state.status === "PENDING") steps.push(["Available", state.availableAt], ["Started", null], ["Ended", null]);
  else steps.push(["Claimed", state.claimedAt], ["Started", state.startedAt]);
  if (state.status === "IN_PROGRESS") steps.push(["Ended", null]);
  if ("completedAt" in state) steps.push(["Ended", state.completedAt]);
  const later = "completedAt" in state ? null : "–";
  const facts: Record<string, ComponentChildren> = {};
  let previous: EpochMs | null = null;
  for (const [name, at] of steps) {
    facts[name] = at === null ? later : step(at, previous, view);
    previous = at ?? previous;
  }
  return facts;
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
