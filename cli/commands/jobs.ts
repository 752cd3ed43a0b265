import type { Command } from "commander";
import { Conflict, Invalid, JOB_STATES, type JobId, type JobState } from "@jobtrigger/shared/domain";
import { jobForm, jobSummaryForm, parseArgs, parseNote, runForm, type ShownRun } from "@jobtrigger/shared/api";
import { formatSchedule } from "@jobtrigger/shared/schedule";
import { choiceFlag, type CommonFlags, countFlag, gather, keyFlag, labelFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { instantText, printJson, printTable } from "../output.ts";
import { type Session, withSession } from "../session.ts";
import type { PausedJob } from "@jobtrigger/shared/store";
import { changedDefinition, type DefinitionFlags, definitionFlags, namingFlags, newDefinition } from "./definition.ts";
import { addHistoryCommands } from "./history.ts";
import { jobCommand } from "./job_command.ts";
import { printJob } from "./job_facts.ts";
import { addPastCommands } from "./past.ts";
import { followToTheEnd } from "./runs.ts";

interface ListFlags extends CommonFlags {
  readonly search?: string;
  readonly state?: JobState;
  readonly label?: readonly (readonly string[])[];
  readonly limit: number;
  readonly cursor?: string;
}

interface RunFlags extends CommonFlags {
  readonly arg?: readonly string[];
  readonly force?: boolean;
  readonly key?: string;
  readonly wait?: boolean;
}

interface PauseFlags extends CommonFlags {
  readonly note?: string;
  readonly cancelWaiting?: boolean;
}

/** Adds `jobs …`. `exit` sets the process's exit code. */
export function addJobsCommands(program: Command, io: Io, exit: (code: number) => void): void {
  const jobs = program.command("jobs").description("create, look at and steer jobs");
  const command = (name: string, about: string) => jobs.command(name).description(about);
  const commandOnOne = (name: string, about: string) => jobCommand(jobs, name, about);

  definitionFlags(command("create", "create a job"))
    .action((flags: DefinitionFlags) =>
      withSession(io, async (session) => {
        const definition = await newDefinition(flags, session);
        const job = await namingFlags(session.client.createJob(definition));
        await printJob(io, session, job, flags);
      })
    );

  command("list", "list jobs by name")
    .option("--search <text>", "part of the name, script path or key")
    .option(
      "--label <label>",
      "jobs with this label, or with one of a,b; repeat for jobs that have all of several",
      labelFlag,
    )
    .option("--state <state>", "active or paused", choiceFlag("--state", JOB_STATES))
    .option("--limit <n>", "at most this many, up to 200", countFlag("--limit", 200), 200)
    .option("--cursor <text>", "continue where a list ended")
    .action((flags: ListFlags) =>
      withSession(io, async ({ client, config }) => {
        const { json, label: labels, ...query } = flags;
        const { items, next } = await client.listJobs({ ...query, ...(labels !== undefined && { labels }) });
        if (json) await printJson(io, items.map(jobSummaryForm));
        else {
          await printTable(io, items, [
            ["ID", (job) => String(job.id)],
            ["NAME", (job) => job.name],
            ["STATE", (job) => job.isActive ? "active" : "paused"],
            ["SCHEDULE", (job) => formatSchedule(job.schedule)],
            ["ZONE", (job) => job.timezone],
            ["NEXT RUN", (job) => instantText(io, job.nextRun, config.displayTimezone)],
            ["LAST RUN", (job) => job.lastRun?.state.status ?? "-"],
          ]);
        }
        if (next !== null) await io.err(`There are more: --cursor ${next}\n`);
      })
    );

  commandOnOne("show", "show a job")
    .action((text: string, flags: CommonFlags) =>
      withSession(io, async (session) => {
        const { client } = session;
        await printJob(io, session, await client.getJob(await client.findJob(text)), flags);
      })
    );

  definitionFlags(
    commandOnOne("edit", "change the given fields of a job; --arg, --tag, --label and --env replace the whole list"),
  )
    .option("--no-args", "remove all arguments")
    .option("--no-tags", "remove all tags")
    .option("--no-labels", "remove all labels")
    .option("--no-env", "remove all environment variables")
    .option("--revision <n>", "refuse if the job has another revision by now", countFlag("--revision"))
    .action((text: string, flags: DefinitionFlags & { readonly revision?: number }) =>
      withSession(io, async (session) => {
        const { client } = session;
        const before = await client.getJob(await client.findJob(text));
        const definition = await changedDefinition(before, flags, session);
        const revision = flags.revision ?? before.revision;
        const job = await namingFlags(client.editJob(before.id, { revision, definition }));
        await printJob(io, session, job, flags);
      })
    );

  commandOnOne("pause", "pause a job and say how many of its runs wait; waiting runs still start")
    .option("--note <text>", "why")
    .option("--cancel-waiting", "cancel its waiting runs too, even if it is paused already")
    .action((text: string, { note, cancelWaiting = false, ...flags }: PauseFlags) =>
      withSession(io, async (session) => {
        const { client } = session;
        const pause = { note: parseNote(note ?? ""), cancelsWaiting: cancelWaiting };
        await printPaused(io, session, await client.pauseJob(await client.findJob(text), pause), flags);
      })
    );

  commandOnOne("resume", "resume a paused job; times during the pause do not run")
    .action((text: string, flags: CommonFlags) =>
      withSession(io, async (session) => {
        const { client } = session;
        await printJob(io, session, await client.resumeJob(await client.findJob(text)), flags);
      })
    );

  commandOnOne("delete", "delete a job; its waiting runs are cancelled, its running ones stopped")
    .action((text: string, flags: CommonFlags) =>
      withSession(io, async ({ client }) => {
        const id = await client.findJob(text);
        await client.deleteJob(id);
        if (flags.json) await printJson(io, { id, result: "deleted" });
        else await io.out(`Job ${id} is deleted\n`);
      })
    );

  commandOnOne("run", "run a job now")
    .option("--arg <text>", "argument instead of the job's arguments; repeat for more", gather)
    .option("--force", "run beside unfinished runs, whatever the job's overlap policy says")
    .option("--key <text>", "idempotency key: the same key makes one run, however often it is sent", keyFlag)
    .option("--wait", "follow the output and exit as the script does; 128 + n when signal number n ended it")
    .action((text: string, flags: RunFlags) =>
      withSession(io, async (session) => {
        const id = await session.client.findJob(text);
        const run = await startJob(session, id, flags);
        await warnWithoutWorker(io, session);
        if (flags.wait) exit(await followToTheEnd(io, session, run.id, flags));
        else if (flags.json) await printJson(io, runForm(run));
        else await io.out(`Run ${run.id} of job ${id} is waiting for a worker\n`);
      })
    );

  addHistoryCommands(jobs, io);
  addPastCommands(jobs, io);
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

async function printPaused(
  io: Io,
  session: Session,
  { job, waiting, cancelled }: PausedJob,
  flags: CommonFlags,
): Promise<void> {
  if (flags.json) return await printJson(io, { ...jobForm(job), waiting_runs: waiting, cancelled_runs: cancelled });
  await printJob(io, session, job, flags);
  const count = (runs: number) => runs === 1 ? "1 run" : `${runs} runs`;
  if (cancelled > 0) await io.out(`${count(cancelled)} that waited ${cancelled === 1 ? "is" : "are"} cancelled\n`);
  if (waiting === 0) return;
  const verb = waiting === 1 ? "waits and starts" : "wait and start";
  await io.err(`${count(waiting)} ${verb} all the same; to cancel: jobctl jobs pause ${job.id} --cancel-waiting\n`);
}
