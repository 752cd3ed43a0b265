import type { Command } from "commander";
import {
  type Dispatch,
  DISPATCH_STATUSES,
  type DispatchId,
  type DispatchStatus,
  Invalid,
  type JobId,
  type LogChunk,
  NotFound,
} from "@jobtrigger/shared/domain";
import { formatDuration } from "@jobtrigger/shared/time";
import { countFlag, jobIdFlag, runIdFlag } from "../flags.ts";
import { followRun } from "../follow.ts";
import { chunkForm, executionForm, type JsonObject, runForm } from "../forms.ts";
import type { Io } from "../io.ts";
import { instantText, printFacts, printJson, printTable } from "../output.ts";
import { type Session, withSession } from "../session.ts";

/** Adds `runs …`. */
export function addRunsCommands(program: Command, io: Io): void {
  const runs = program.command("runs").description("look at and steer runs");

  runs.command("list").description("list runs, newest first")
    .option("--job <id>", "of this job", jobIdFlag)
    .option("--status <list>", `any of ${DISPATCH_STATUSES.join(",")}`)
    .option("--limit <n>", "at most this many", countFlag(200), 50)
    .option("--cursor <text>", "continue where a list ended")
    .option("--json", "print JSON")
    .action((flags: { job?: JobId; status?: string; limit: number; cursor?: string; json?: boolean }) =>
      withSession(io, async ({ store, config }) => {
        const { items, next } = await store.runs.list({
          limit: flags.limit,
          ...(flags.job === undefined ? {} : { jobId: flags.job }),
          ...(flags.status === undefined ? {} : { statuses: statusesOf(flags.status) }),
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
            ["TOOK", (run) => tookText(run)],
          ]);
        }
        if (next !== null) await io.err(`There are more: --cursor ${next}\n`);
      })
    );

  runs.command("show").description("show a run").argument("<id>", "the run's id", runIdFlag)
    .option("--json", "print JSON")
    .action((id: DispatchId, flags: { json?: boolean }) =>
      withSession(io, async (session) => {
        const run = await getRun(session, id);
        if (flags.json) await printJson(io, await fullForm(session, run));
        else await printRun(io, session, run);
      })
    );

  runs.command("logs").description("print the output of a run").argument("<id>", "the run's id", runIdFlag)
    .option("-f, --follow", "go on until the run has ended")
    .option("--stream <name>", "only stdout, stderr or system")
    .option("--json", "print JSON, a chunk a line")
    .action((id: DispatchId, flags: { follow?: boolean; stream?: string; json?: boolean }) => {
      const stream = flags.stream === undefined ? null : streamOf(flags.stream);
      return withSession(io, async ({ store }) => {
        await followRun(store, id, {
          isFollowing: flags.follow ?? false,
          signal: io.signal,
          onChunk: async (chunk) => {
            if (stream !== null && chunk.stream !== stream) return;
            if (flags.json) await printJson(io, chunkForm(chunk));
            else await io.out(chunk.data);
          },
        });
      });
    });

  runs.command("cancel").description("cancel a waiting run, or stop a running one").argument(
    "<id>",
    "the run's id",
    runIdFlag,
  )
    .option("--json", "print JSON")
    .action((id: DispatchId, flags: { json?: boolean }) =>
      withSession(io, async (session) => {
        const result = await session.store.runs.cancel(id, await session.now());
        if (flags.json) await printJson(io, { id, result });
        else if (result === "cancelled") await io.out(`Run ${id} is cancelled\n`);
        else await io.out(`Run ${id} was asked to stop\n`);
      })
    );
}

/**
 * Follows a run to its end, its output on the streams it came from, and answers the exit code that says how it ended: the
 * script's own, or 1 when it has none. With `json` the output goes to standard error and the run to standard output.
 */
export async function followToTheEnd(io: Io, session: Session, id: DispatchId, json: boolean): Promise<number> {
  const run = await followRun(session.store, id, {
    isFollowing: true,
    signal: io.signal,
    onChunk: ({ stream, data }) => stream === "stdout" && !json ? io.out(data) : io.err(data),
  });
  const { state } = run;
  if (json) await printJson(io, await fullForm(session, run));
  if (state.status === "PENDING" || state.status === "IN_PROGRESS") {
    await io.err(`Run ${id} goes on; follow it with: jobctl runs logs -f ${id}\n`);
    return 1;
  }
  if (state.errorMessage !== null) await io.err(`Run ${id}: ${state.errorMessage}\n`);
  return state.status === "COMPLETED" ? 0 : state.exitCode ?? 1;
}

async function getRun({ store }: Session, id: DispatchId): Promise<Dispatch> {
  const run = await store.runs.get(id);
  if (run === null) throw new NotFound(`There is no run ${id}`);
  return run;
}

async function fullForm({ store }: Session, run: Dispatch): Promise<JsonObject> {
  const execution = await store.runs.execution(run.id);
  return { ...runForm(run), execution: execution === null ? null : executionForm(execution) };
}

async function printRun(io: Io, { store, config }: Session, run: Dispatch): Promise<void> {
  const { state } = run;
  const form = runForm(run);
  const attempts = await store.runs.attempts(run.rootId);
  const isFinal = state.status !== "PENDING" && state.status !== "IN_PROGRESS";
  const at = (instant: Parameters<typeof instantText>[1]) => instantText(io, instant, config.displayTimezone);
  await printFacts(io, [
    ["id", String(run.id)],
    ["job", `${run.jobId} ${run.jobName}`],
    ["status", state.status],
    ["why not", isFinal ? state.errorMessage : null],
    ["trigger", run.trigger],
    ["scheduled for", at(run.scheduledFor)],
    ["available", state.status === "PENDING" ? at(state.availableAt) : null],
    ["started", state.status === "PENDING" ? null : at(state.startedAt)],
    ["ended", isFinal ? at(state.completedAt) : null],
    ["took", state.status === "PENDING" ? null : tookText(run)],
    ["worker", typeof form.worker_id === "string" ? form.worker_id : null],
    ["exit code", isFinal && state.exitCode !== null ? String(state.exitCode) : null],
    ["signal", isFinal ? state.signal : null],
    ["arguments", run.args === null ? null : JSON.stringify(run.args)],
    ["attempts", attempts.map(({ id, state: { status } }) => `${id} ${status}`).join(", ")],
  ]);
}

function tookText({ state }: Dispatch): string {
  if (state.status === "PENDING" || state.status === "IN_PROGRESS" || state.startedAt === null) return "-";
  return formatDuration(state.completedAt - state.startedAt);
}

function statusesOf(text: string): readonly DispatchStatus[] {
  return text.toUpperCase().split(",").map((part) => {
    const status = DISPATCH_STATUSES.find((known) => known === part.trim());
    if (status !== undefined) return status;
    throw new Invalid([{
      field: "--status",
      message: `found "${part}", expected any of ${DISPATCH_STATUSES.join(",")}`,
    }]);
  });
}

function streamOf(text: string): LogChunk["stream"] {
  if (text === "stdout" || text === "stderr" || text === "system") return text;
  throw new Invalid([{ field: "--stream", message: `found "${text}", expected stdout, stderr or system` }]);
}
