import type { Command } from "commander";
import {
  Conflict,
  type Dispatch,
  Invalid,
  type Job,
  JOB_STATES,
  type JobId,
  type JobState,
} from "@jobtrigger/shared/domain";
import { parseArgs, parseNote, policySentences } from "@jobtrigger/shared/api";
import { createJob, deleteJob, editJob, getJob, pauseJob, resumeJob, runNow } from "@jobtrigger/shared/operations";
import { isShownTooLate } from "@jobtrigger/shared/policy";
import { describeSchedule, formatSchedule } from "@jobtrigger/shared/schedule";
import { choiceFlag, type CommonFlags, countFlag, gather, jobIdFlag, keyFlag } from "../flags.ts";
import { jobForm, jobSummaryForm, runForm } from "../forms.ts";
import type { Io } from "../io.ts";
import { instantText, printFacts, printJson, printTable } from "../output.ts";
import { type Session, withSession } from "../session.ts";
import type { PausedJob } from "@jobtrigger/shared/store";
import { changedDefinition, type DefinitionFlags, definitionFlags, newDefinition } from "./definition.ts";
import { addPastCommands } from "./past.ts";
import { followToTheEnd } from "./runs.ts";

interface ListFlags extends CommonFlags {
  readonly search?: string;
  readonly state?: JobState;
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
  const commandOnOne = (name: string, about: string) =>
    command(name, about).argument("<id>", "the job's id", jobIdFlag("id"));

  definitionFlags(command("create", "create a job"))
    .action((flags: DefinitionFlags) =>
      withSession(io, async (session) => {
        const definition = await newDefinition(flags, session);
        await printJob(io, session, await createJob(await session.operating(), definition), flags);
      })
    );

  command("list", "list jobs by name")
    .option("--search <text>", "part of the name or script path")
    .option("--state <state>", "active or paused", choiceFlag("--state", JOB_STATES))
    .option("--limit <n>", "at most this many, up to 200", countFlag("--limit", 200), 200)
    .option("--cursor <text>", "continue where a list ended")
    .action((flags: ListFlags) =>
      withSession(io, async ({ store, config }) => {
        const { json, ...query } = flags;
        const { items, next } = await store.jobs.list(query);
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
    .action((id: JobId, flags: CommonFlags) =>
      withSession(io, async (session) => printJob(io, session, await getJob(session.store, id), flags))
    );

  definitionFlags(commandOnOne("edit", "change what is given of a job; --arg, --tag and --env replace all there were"))
    .option("--no-args", "take all arguments away")
    .option("--no-tags", "take all tags away")
    .option("--no-env", "take all environment variables away")
    .option("--revision <n>", "refuse if the job is not at this revision any more", countFlag("--revision"))
    .action((id: JobId, flags: DefinitionFlags & { readonly revision?: number }) =>
      withSession(io, async (session) => {
        const before = await getJob(session.store, id);
        const definition = await changedDefinition(before, flags, session);
        const revision = flags.revision ?? before.revision;
        const job = await editJob(await session.operating(), { id, revision, definition });
        await printJob(io, session, job, flags);
      })
    );

  commandOnOne("pause", "pause a job and say how many of its runs wait; they start all the same")
    .option("--note <text>", "why")
    .option("--cancel-waiting", "cancel its waiting runs with the pause, also when it is paused already")
    .action((id: JobId, { note, cancelWaiting = false, ...flags }: PauseFlags) =>
      withSession(io, async (session) => {
        const pause = { id, note: parseNote(note ?? ""), cancelsWaiting: cancelWaiting };
        await printPaused(io, session, await pauseJob(await session.operating(), pause), flags);
      })
    );

  commandOnOne("resume", "resume a paused job; nothing is made up for")
    .action((id: JobId, flags: CommonFlags) =>
      withSession(io, async (session) => {
        await printJob(io, session, await resumeJob(await session.operating(), { id }), flags);
      })
    );

  commandOnOne("delete", "delete a job; its waiting runs are cancelled, its running ones stopped")
    .action((id: JobId, flags: CommonFlags) =>
      withSession(io, async ({ operating }) => {
        await deleteJob(await operating(), { id });
        if (flags.json) await printJson(io, { id, result: "deleted" });
        else await io.out(`Job ${id} is deleted\n`);
      })
    );

  commandOnOne("run", "run a job now")
    .option("--arg <text>", "argument in place of the job's; repeat for more", gather)
    .option("--force", "beside earlier runs that have not ended, whatever the job's overlap policy says")
    .option("--key <text>", "idempotency key: the same key makes one run, however often it is sent", keyFlag)
    .option("--wait", "follow the output and exit as the script does; 128 + n when signal number n ended it")
    .action((id: JobId, flags: RunFlags) =>
      withSession(io, async (session) => {
        const run = await startJob(session, id, flags);
        await warnWithoutWorker(io, session);
        if (flags.wait) exit(await followToTheEnd(io, session, run.id, flags));
        else if (flags.json) await printJson(io, runForm(run));
        else await io.out(`Run ${run.id} of job ${id} is waiting for a worker\n`);
      })
    );

  addPastCommands(jobs, io);
}

/** @throws {Conflict} that names the flag by which it runs all the same. */
async function startJob({ operating }: Session, id: JobId, { arg, force = false, key }: RunFlags): Promise<Dispatch> {
  const args = arg === undefined ? null : parsed("--arg", () => parseArgs(arg));
  try {
    return await runNow(await operating(), { id, args, force, idempotencyKey: key ?? null });
  } catch (error) {
    if (!(error instanceof Conflict) || force) throw error;
    throw new Conflict(`${error.message}; with --force it runs beside what has not ended`);
  }
}

/** A value of a flag. What is wrong with it is said of the flag. */
function parsed<Value>(flag: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(error.problems.map((problem) => ({ ...problem, field: flag })));
  }
}

async function warnWithoutWorker(io: Io, { store }: Session): Promise<void> {
  const workers = await store.workers.list();
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

async function printJob(io: Io, { config, now }: Session, job: Job, { json }: CommonFlags): Promise<void> {
  if (json) return await printJson(io, jobForm(job));
  const { env, dst } = job.policies;
  const zone = config.displayTimezone;
  const sentences = policySentences(job.policies, { timezone: job.timezone, defaults: true, schedule: job.schedule });
  await printFacts(io, [
    ["id", String(job.id)],
    ["name", job.name],
    ["script", job.scriptPath],
    ["arguments", job.scriptArgs.length === 0 ? null : JSON.stringify(job.scriptArgs)],
    ["schedule", formatSchedule(job.schedule)],
    ["means", describeSchedule(job.schedule, job.timezone)],
    ["zone", job.timezone],
    ["clock changes", `gap: ${dst.gap}, fold: ${dst.fold}`],
    ["state", job.isActive ? "active" : `paused${job.pausedNote === null ? "" : `: ${job.pausedNote}`}`],
    ["next run", job.nextRun === null ? "never" : instantText(io, job.nextRun, zone)],
    ["note", isShownTooLate(job, await now()) ? "Next run is later than the schedule says: jobctl jobs why" : null],
    ...sentences.map(({ field, sentence, isWarning }): [string, string] => [
      field.replaceAll("_", " "),
      isWarning ? `Note: ${sentence}` : sentence,
    ]),
    ["environment", Object.keys(env).length === 0 ? null : Object.keys(env).join(" ")],
    ["revision", `${job.revision}, ${instantText(io, job.updatedAt, zone)}`],
  ]);
}
