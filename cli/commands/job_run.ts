import type { Command } from "commander";
import { Conflict, Invalid, type JobId } from "@jobtrigger/shared/domain";
import { parseArgs, runForm, type ShownRun } from "@jobtrigger/shared/api";
import { gather, keyFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { type OutputFlags, print, subject } from "../output/mod.ts";
import { type Session, withSession } from "../session.ts";
import { followToTheEnd } from "./follow.ts";
import { changeMany } from "./job_bulk.ts";
import { jobsCommand, type LabelFlags, subjectOf } from "./job_command.ts";

interface RunFlags extends OutputFlags, LabelFlags {
  readonly arg?: readonly string[];
  readonly force?: boolean;
  readonly key?: string;
  readonly wait?: boolean;
}

/** Adds `jobs run`. `exit` sets the process's exit code. */
export function addJobRun(jobs: Command, io: Io, exit: (code: number) => void): void {
  jobsCommand(jobs, "run", "run a job now, or all that match")
    .option("--arg <text>", "argument instead of the job's arguments; repeat for more", gather)
    .option("--force", "run beside unfinished runs, whatever the job's overlap policy says")
    .option("--key <text>", "idempotency key: the same key makes one run, however often it is sent", keyFlag)
    .option("--wait", "follow the output and exit as the script does; 128 + n when signal number n ended it")
    .action((words: readonly string[], flags: RunFlags) =>
      withSession(io, async (session) => {
        const named = subjectOf(words, flags);
        if (typeof named !== "string") {
          refuseForMany(flags);
          const request = { action: { kind: "run" } as const, jobs: named, key: flags.key };
          return await changeMany(io, session, request, flags) ? undefined : exit(1);
        }
        const id = await session.client.findJob(named);
        const run = await startJob(session, id, flags);
        await warnWithoutWorker(io, session);
        if (flags.wait) return exit(await followToTheEnd(io, session, run.id, flags));
        await print(io, flags, {
          form: () => runForm(run),
          names: [String(run.id)],
          text: `${subject("run", { id: run.id })} of ${subject("job", { id, name: run.jobName })} waits for a worker`,
        });
      })
    );
}

/** @throws {Invalid} when a flag is there that only one job has a use for. */
function refuseForMany({ arg, force, wait }: RunFlags): void {
  const flag = Object.entries({ arg, force, wait }).find(([, value]) => value !== undefined)?.[0];
  if (flag !== undefined) throw new Invalid([{ field: `--${flag}`, message: "is for one job: name it alone" }]);
}

/** @throws {Conflict} that names the flag that overrides it. */
async function startJob({ client }: Session, id: JobId, { arg, force = false, key }: RunFlags): Promise<ShownRun> {
  const args = arg === undefined ? null : parsed("--arg", () => parseArgs(arg));
  try {
    return await client.runJob(id, { args, force, idempotencyKey: key ?? null });
  } catch (error) {
    if (!(error instanceof Conflict) || force) throw error;
    throw new Conflict(`${error.message}; with --force it runs beside the unfinished runs`);
  }
}

/** Reads the value of a flag. Problems name the flag. */
function parsed<Value>(flag: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(error.problems.map((problem) => ({ ...problem, field: flag })));
  }
}

async function warnWithoutWorker(io: Io, { client }: Session): Promise<void> {
  const workers = await client.listWorkers();
  if (workers.some(({ status }) => status !== "OFFLINE")) return;
  await io.err("No worker is running: the run starts when one does\n");
}
