import type { Command } from "commander";
import { constants } from "node:os";
import {
  cancelSentence,
  DISPATCH_STATUSES,
  type DispatchId,
  type DispatchStatus,
  Invalid,
  LOG_STREAMS,
  type LogStream,
} from "@jobtrigger/shared/domain";
import { originWords } from "@jobtrigger/shared/operations";
import { formatDuration } from "@jobtrigger/shared/time";
import { choiceFlag, choicesFlag, type CommonFlags, countFlag, offsetFlag, runIdFlag } from "../flags.ts";
import type { Beginning, RunDetails } from "../client/client.ts";
import { executionForm, type JsonObject, runForm, type ShownRun } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";
import { instantText, oneLine, printFacts, printJson, printTable } from "../output.ts";
import { type Session, withSession } from "../session.ts";
import { chunkForm } from "./chunk_form.ts";

interface ListFlags extends CommonFlags {
  readonly job?: string;
  readonly status?: readonly DispatchStatus[];
  readonly limit: number;
  readonly cursor?: string;
}

interface LogsFlags extends CommonFlags {
  readonly follow?: boolean;
  readonly from?: number;
  readonly tail?: number;
  readonly stream?: LogStream;
}

/** Adds `runs …`. */
export function addRunsCommands(program: Command, io: Io): void {
  const runs = program.command("runs").description("look at and steer runs");
  const command = (name: string, about: string) => runs.command(name).description(about);
  const commandOnOne = (name: string, about: string) =>
    command(name, about).argument("<id>", "the run's id", runIdFlag("id"));

  command("list", "list runs, newest first")
    .option("--job <job>", "of this job: its id, key or exact name")
    .option("--status <list>", `any of ${DISPATCH_STATUSES.join(",")}`, choicesFlag("--status", DISPATCH_STATUSES))
    .option("--limit <n>", "at most this many, up to 200", countFlag("--limit", 200), 50)
    .option("--cursor <text>", "continue where a list ended")
    .action((flags: ListFlags) =>
      withSession(io, async ({ client, config }) => {
        const jobId = flags.job === undefined ? null : await client.findJob(flags.job, "--job");
        const { items, next } = await client.listRuns({
          limit: flags.limit,
          ...(jobId === null ? {} : { jobId }),
          ...(flags.status === undefined ? {} : { statuses: flags.status }),
          ...(flags.cursor === undefined ? {} : { cursor: flags.cursor }),
        });
        if (flags.json) await printJson(io, items.map(runForm));
        else {
          await printTable(io, items, [
            ["ID", (run) => String(run.id)],
            ["JOB", (run) => run.jobName],
            ["STATUS", (run) => run.state.status],
            ["TRY", (run) => String(run.retryCount + 1)],
            ["TRIGGER", (run) => run.trigger],
            ["SCHEDULED FOR", (run) => instantText(io, run.scheduledFor, config.displayTimezone)],
            ["TOOK", tookText],
          ]);
        }
        if (next !== null) await io.err(`There are more: --cursor ${next}\n`);
      })
    );

  commandOnOne("show", "show a run")
    .action((id: DispatchId, flags: CommonFlags) =>
      withSession(io, async (session) => {
        const details = await session.client.getRun(id);
        if (flags.json) await printJson(io, fullForm(details));
        else await printRun(io, session, details);
      })
    );

  commandOnOne("logs", "print the output of a run; with --json a line of JSON for each chunk")
    .option("-f, --follow", "continue until the run has ended")
    .option(
      "--from <bytes>",
      "skip this many bytes, such as those that an earlier call has printed",
      offsetFlag("--from"),
    )
    .option("--tail <lines>", "only the last lines", countFlag("--tail"))
    .option(
      "--stream <name>",
      "only stdout, stderr or system (the worker's own lines)",
      choiceFlag("--stream", LOG_STREAMS),
    )
    .action((id: DispatchId, flags: LogsFlags) =>
      withSession(io, async ({ client }) => {
        await client.followRun(id, {
          beginning: beginningOf(flags),
          signal: flags.follow ? io.interruption() : null,
          onChunk: async (chunk) => {
            if (flags.stream !== undefined && chunk.stream !== flags.stream) return;
            if (flags.json) await printJson(io, chunkForm(chunk));
            else await io.out(chunk.bytes);
          },
        });
      })
    );

  commandOnOne("cancel", "cancel a waiting run, or stop a running one")
    .action((id: DispatchId, flags: CommonFlags) =>
      withSession(io, async ({ client }) => {
        const result = await client.cancelRun(id);
        if (flags.json) await printJson(io, { id, result });
        else await io.out(result === "cancelled" ? `Run ${id} is cancelled\n` : `Run ${id} was asked to stop\n`);
      })
    );
}

/**
 * Follows a run to its end, prints its output to the streams it came from, and returns an exit code: the
 * script's own, 128 + n as in a shell when signal number n ended it, or 1 when it has neither. A retry is a run of its own and only named. With `json` the output goes to standard
 * error and the run to standard output.
 */
export async function followToTheEnd(
  io: Io,
  { client }: Session,
  id: DispatchId,
  { json }: CommonFlags,
): Promise<number> {
  const { state } = await client.followRun(id, {
    signal: io.interruption(),
    onChunk: ({ stream, bytes }) => stream === "stdout" && !json ? io.out(bytes) : io.err(bytes),
  });
  const details = await client.getRun(id);
  if (json) await printJson(io, fullForm(details));
  if (state.status === "PENDING" || state.status === "IN_PROGRESS") {
    await io.err(`Run ${id} goes on; follow it with: jobctl runs logs -f ${id}\n`);
    return 1;
  }
  if (state.errorMessage !== null) await io.err(`Run ${id}: ${oneLine(state.errorMessage)}\n`);
  const retry = details.attempts.find(({ retryCount }) => retryCount > details.run.retryCount);
  if (retry !== undefined) await io.err(`Run ${id} is tried again as run ${retry.id}\n`);
  return state.status === "COMPLETED" ? 0 : state.exitCode ?? signalCode(state.signal) ?? 1;
}

/** The exit code for a signal, as in POSIX shells; null without a signal, or for one that this system does not have. */
function signalCode(signal: string | null): number | null {
  const [, number] = Object.entries(constants.signals).find(([name]) => name === signal) ?? [];
  return number === undefined ? null : 128 + number;
}

/** Where `runs logs` begins. @throws {Invalid} when the flags contradict each other. */
function beginningOf({ from, tail, stream }: LogsFlags): Beginning {
  if (from === undefined) return tail === undefined ? { offset: 0 } : { lastLines: tail };
  const other = tail !== undefined ? "--tail" : stream !== undefined ? "--stream" : null;
  if (other === null) return { offset: from };
  const message = "counts bytes of the whole output from its start";
  throw new Invalid([{ field: "--from", message: `cannot go together with ${other}: it ${message}` }]);
}

function fullForm({ run, execution }: RunDetails): JsonObject {
  return { ...runForm(run), execution: execution === null ? null : executionForm(execution) };
}

async function printRun(io: Io, { client, config }: Session, { run, attempts }: RunDetails): Promise<void> {
  const { state, needs: { tags, concurrency, serial }, backfill } = run;
  const waits = await client.whyWaits(run, config.displayTimezone);
  const { worker_id: workerId } = runForm(run);
  const isFinal = state.status !== "PENDING" && state.status !== "IN_PROGRESS";
  const at = (instant: Parameters<typeof instantText>[1]) => instantText(io, instant, config.displayTimezone);
  await printFacts(io, [
    ["id", String(run.id)],
    ["job", `${run.jobId} ${run.jobName}`],
    ["status", state.status],
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

function tookText({ state }: ShownRun): string {
  if (state.status === "PENDING" || state.status === "IN_PROGRESS" || state.startedAt === null) return "-";
  return formatDuration(state.completedAt - state.startedAt);
}
