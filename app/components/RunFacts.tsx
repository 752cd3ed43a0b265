import type { Dispatch, EpochMs, Execution, Job } from "@jobtrigger/shared/domain";
import { originWords } from "@jobtrigger/shared/operations";
import { formatDuration } from "@jobtrigger/shared/time";
import type { ComponentChildren, JSX } from "preact";
import { EXECUTION_WORDS } from "../format/words.ts";
import { curlOf } from "../format/curl.ts";
import type { View } from "../format/view.ts";
import { Copied } from "./Copied.tsx";
import { Arguments, type FactList, Facts, Tags } from "./Facts.tsx";
import { durationOf } from "./RunTable.tsx";
import { Fold } from "./Fold.tsx";
import { clockTime, FullTime } from "./Time.tsx";

/** A run, its execution and its job. */
export interface RunFactsProps {
  readonly run: Dispatch;
  readonly execution: Execution | null;
  /** Null: it was deleted. */
  readonly job: Job | null;
  /** The address of the API. */
  readonly api: string;
  readonly view: View;
}

/** The facts of a run, from its trigger to its end: folded, each with its gist in its line. */
export function RunFacts({ run, execution, job, api, view }: RunFactsProps): JSX.Element {
  const { state } = run;
  const args = run.args ?? job?.scriptArgs ?? [];
  const duration = durationOf(run, view.now);
  const later = "completedAt" in state ? null : "–";
  const worker = workerOf(state);
  return (
    <>
      <Fold title="Times" value={timesGist(run, view)}>
        <Facts facts={{ ...times(run, view), "Took": duration === null ? later : formatDuration(duration) }} />
      </Fold>
      <Fold
        title="What ran"
        value={`${job?.scriptPath ?? "a job that was deleted"}${worker === null ? "" : ` on ${worker}`}`}
      >
        <Facts
          facts={{
            [state.status === "PENDING" ? "Why it is here" : "Why it ran"]: whyWords(run),
            "Script": job === null ? null : <Copied text={job.scriptPath} of="the path of the script" />,
            "Arguments": args.length === 0 ? "none" : <Arguments args={args} />,
            "Worker": worker === null
              ? later
              : <a href={`/runs?q=${encodeURIComponent(`worker:${worker}`)}`}>{worker}</a>,
            "Exit": exitOf(state) ?? later,
            "Judged": execution === null ? later : EXECUTION_WORDS[execution.status],
            "Priority": run.priority === 0 ? null : String(run.priority),
            "Needs": needsOf(run),
            "Backfill": run.backfill === null ? null : <code>{run.backfill.id}</code>,
            "Output": execution === null ? later : outputOf(execution),
            "Job revision": String(run.jobRevision),
            "Correlation id": <Copied text={run.correlationId} of="the correlation id" />,
          }}
        />
      </Fold>
      <Fold title="As a command" value={`jobctl runs show ${run.id}`}>
        <Facts
          facts={{
            "State": <Copied text={`jobctl runs show ${run.id}`} of="the command for the state" />,
            "Output": <Copied text={`jobctl runs logs ${run.id}`} of="the command for the output" />,
            "By curl": <Copied text={curlOf("GET", `${api}/runs/${run.id}`)} of="the request for curl" />,
          }}
        />
      </Fold>
    </>
  );
}

/** The clock times of a run, in a line. */
function timesGist({ scheduledFor, state }: Dispatch, view: View): string {
  const parts = [`due ${clockTime(scheduledFor, view)}`];
  if (state.status !== "PENDING" && state.startedAt !== null) parts.push(`started ${clockTime(state.startedAt, view)}`);
  if ("completedAt" in state) parts.push(`ended ${clockTime(state.completedAt, view)}`);
  return parts.join(", ");
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
