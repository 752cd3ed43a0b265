import { cancelSentence } from "@jobtrigger/shared/domain";
import { executionForm, type JsonObject, runForm, type ShownRun } from "@jobtrigger/shared/api";
import { originWords } from "@jobtrigger/shared/operations";
import { formatDuration } from "@jobtrigger/shared/time";
import type { RunDetails } from "../client/client.ts";
import type { Io } from "../io.ts";
import { instantText, type OutputFlags, print, printFacts, statusTone } from "../output/mod.ts";
import type { Session } from "../session.ts";

/** A run with how it was executed, for programs. */
export function runDetailsForm({ run, execution }: RunDetails): JsonObject {
  return { ...runForm(run), execution: execution === null ? null : executionForm(execution) };
}

/** Prints a run: its facts, or its form. */
export async function printRun(io: Io, session: Session, details: RunDetails, flags: OutputFlags): Promise<void> {
  await print(io, flags, {
    form: () => runDetailsForm(details),
    names: [String(details.run.id)],
    text: () => printRunFacts(io, session, details, flags),
  });
}

async function printRunFacts(
  io: Io,
  { client, config }: Session,
  { run, attempts }: RunDetails,
  flags: OutputFlags,
): Promise<void> {
  const { state, needs: { tags, concurrency, serial }, backfill } = run;
  const waits = await client.whyWaits(run, config.displayTimezone);
  const { worker_id: workerId } = runForm(run);
  const isFinal = state.status !== "PENDING" && state.status !== "IN_PROGRESS";
  const at = (instant: Parameters<typeof instantText>[1]) => instantText(io, instant, config.displayTimezone);
  await printFacts(io, flags, [
    ["id", String(run.id)],
    ["job", `${run.jobId} ${run.jobName}`],
    ["status", state.status, statusTone(state.status)],
    ["why", isFinal ? state.errorMessage : stopsBecause(run) ?? waits],
    ["trigger", run.trigger],
    ["made because", originWords(run)],
    ["priority", run.priority === 0 ? null : String(run.priority)],
    ["tags", tags.length === 0 ? null : tags.join(",")],
    ["key", concurrency === null ? null : `${concurrency.key}, at most ${concurrency.limit} at once`],
    [
      "turn",
      serial === null ? null : `in ${serial.group}, ${serial.width === null ? "forced" : `${serial.width} at once`}`,
    ],
    ["backfill", backfill === null ? null : `${backfill.id}, ${backfill.atOnce} at once`],
    ["scheduled for", at(run.scheduledFor)],
    ["available", state.status === "PENDING" ? at(state.availableAt) : null],
    ["started", state.status === "PENDING" ? null : at(state.startedAt)],
    ["ended", isFinal ? at(state.completedAt) : null],
    ["took", isFinal ? tookText(run) : null],
    ["worker", typeof workerId === "string" ? workerId : null],
    ["exit code", isFinal && state.exitCode !== null ? String(state.exitCode) : null],
    ["signal", isFinal ? state.signal : null],
    ["arguments", run.args === null ? null : JSON.stringify(run.args)],
    ["attempts", attempts.map(({ id, state: { status } }) => `${id} ${status}`).join(", ")],
  ]);
}

function stopsBecause({ state }: ShownRun): string | null {
  if (state.status !== "IN_PROGRESS" || state.cancel === null) return null;
  return `asked to stop: ${cancelSentence(state.cancel)}`;
}

/** How long a finished run took. */
export function tookText({ state }: ShownRun): string {
  if (state.status === "PENDING" || state.status === "IN_PROGRESS" || state.startedAt === null) return "-";
  return formatDuration(state.completedAt - state.startedAt);
}
