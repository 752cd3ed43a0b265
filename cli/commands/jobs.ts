import type { Command } from "commander";
import { Invalid, type Job, type JobId } from "@jobtrigger/shared/domain";
import { createJob, editJob, getJob, type JobInput, parseJobInput, pauseJob, resumeJob } from "@jobtrigger/shared/jobs";
import { describeSchedule, formatSchedule } from "@jobtrigger/shared/schedule";
import { isoUtc } from "@jobtrigger/shared/time";
import { countFlag, gather, gatherPair, jobIdFlag } from "../flags.ts";
import { jobForm, jobSummaryForm, runForm } from "../forms.ts";
import type { Io } from "../io.ts";
import { instantText, printFacts, printJson, printTable } from "../output.ts";
import { type Session, withSession } from "../session.ts";
import { followToTheEnd } from "./runs.ts";

/** What `create` and `edit` take; what is not given is undefined. */
interface DefinitionFlags {
  readonly name?: string;
  readonly script?: string;
  readonly arg?: readonly string[];
  /** False for `--no-args`. */
  readonly args?: boolean;
  readonly schedule?: string;
  readonly timezone?: string;
  readonly timeout?: string;
  readonly maxRetries?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly dstGap?: string;
  readonly dstFold?: string;
  readonly json?: boolean;
}

/** Adds `jobs …`. */
export function addJobsCommands(program: Command, io: Io, exit: (code: number) => void): void {
  const jobs = program.command("jobs").description("create, look at and steer jobs");

  definitionFlags(jobs.command("create").description("create a job"))
    .action((flags: DefinitionFlags) =>
      withSession(io, async (session) => {
        const definition = await parseJobInput(inputOf(flags), inputContext(session));
        await printJob(io, session, await createJob(session.store, definition, await session.now()), flags.json);
      })
    );

  jobs.command("list").description("list jobs by name")
    .option("--search <text>", "part of the name or script path")
    .option("--state <state>", "active or paused")
    .option("--limit <n>", "at most this many", countFlag(200), 200)
    .option("--cursor <text>", "continue where a list ended")
    .option("--json", "print JSON")
    .action((flags: { search?: string; state?: string; limit: number; cursor?: string; json?: boolean }) =>
      withSession(io, async ({ store, config }) => {
        const { items, next } = await store.jobs.list({
          limit: flags.limit,
          ...(flags.search === undefined ? {} : { search: flags.search }),
          ...(flags.cursor === undefined ? {} : { cursor: flags.cursor }),
          ...(flags.state === undefined ? {} : { state: stateOf(flags.state) }),
        });
        if (flags.json) await printJson(io, items.map(jobSummaryForm));
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

  jobs.command("show").description("show a job").argument("<id>", "the job's id", jobIdFlag)
    .option("--json", "print JSON")
    .action((id: JobId, flags: { json?: boolean }) =>
      withSession(io, async (session) => printJob(io, session, await getJob(session.store, id), flags.json))
    );

  definitionFlags(
    jobs.command("edit").description("change what is given of a job").argument("<id>", "the job's id", jobIdFlag),
  )
    .option("--no-args", "take all arguments away")
    .option("--revision <n>", "refuse if the job is not at this revision any more", countFlag(Number.MAX_SAFE_INTEGER))
    .action((id: JobId, flags: DefinitionFlags & { revision?: number }) =>
      withSession(io, async (session) => {
        const before = await getJob(session.store, id);
        const definition = await parseJobInput({ ...inputOfJob(before), ...inputOf(flags) }, inputContext(session));
        const revision = flags.revision ?? before.revision;
        const job = await editJob(session.store, id, { revision, definition, now: await session.now() });
        await printJob(io, session, job, flags.json);
      })
    );

  jobs.command("pause").description("pause a job").argument("<id>", "the job's id", jobIdFlag)
    .option("--note <text>", "why").option("--json", "print JSON")
    .action((id: JobId, flags: { note?: string; json?: boolean }) =>
      withSession(io, async (session) => {
        const job = await pauseJob(session.store, id, flags.note ?? null, await session.now());
        await printJob(io, session, job, flags.json);
      })
    );

  jobs.command("resume").description("resume a paused job").argument("<id>", "the job's id", jobIdFlag)
    .option("--json", "print JSON")
    .action((id: JobId, flags: { json?: boolean }) =>
      withSession(
        io,
        async (session) => printJob(io, session, await resumeJob(session.store, id, await session.now()), flags.json),
      )
    );

  jobs.command("delete").description("delete a job; its waiting runs are cancelled, its running ones stopped")
    .argument("<id>", "the job's id", jobIdFlag)
    .action((id: JobId) =>
      withSession(io, async ({ store, now }) => {
        await store.jobs.remove(id, await now());
      })
    );

  jobs.command("run").description("run a job now").argument("<id>", "the job's id", jobIdFlag)
    .option("--arg <text>", "argument in place of the job's; repeat for more", gather)
    .option("--force", "even when an earlier run has not ended")
    .option("--key <text>", "idempotency key: the same key makes one run, however often it is sent")
    .option("--wait", "follow the output and exit as the script does")
    .option("--json", "print JSON")
    .action((id: JobId, flags: { arg?: string[]; force?: boolean; key?: string; wait?: boolean; json?: boolean }) =>
      withSession(io, async (session) => {
        const run = await session.store.runs.runNow({
          jobId: id,
          trigger: "manual",
          args: flags.arg ?? null,
          force: flags.force ?? false,
          idempotencyKey: flags.key ?? null,
          now: await session.now(),
        });
        if (flags.wait) return exit(await followToTheEnd(io, session, run.id, flags.json ?? false));
        if (flags.json) await printJson(io, runForm(run));
        else await io.out(`Run ${run.id} of job ${id} is waiting for a worker\n`);
      })
    );
}

function definitionFlags(command: Command): Command {
  return command
    .option("--name <text>", "what people call it")
    .option("--script <path>", "the script, relative to a script directory")
    .option("--arg <text>", "an argument of the script; repeat for more", gather)
    .option("--schedule <text>", '"daily at 09:00", "every 5m", "cron */5 * * * *", "manual" …')
    .option("--timezone <zone>", "IANA zone of the schedule's times")
    .option("--timeout <seconds>", 'time limit; "" for the worker\'s')
    .option("--max-retries <n>", 'retries; "" for the configured number')
    .option("--env <NAME=value>", "environment variable of the script; repeat for more", gatherPair)
    .option("--dst-gap <policy>", "a time that clocks skip: after or skip")
    .option("--dst-fold <policy>", "a time that comes twice: first, second or both")
    .option("--json", "print JSON");
}

/** Only what was given, so that an edit leaves the rest alone. */
function inputOf(flags: DefinitionFlags): JobInput {
  const dst = {
    ...(flags.dstGap === undefined ? {} : { gap: flags.dstGap }),
    ...(flags.dstFold === undefined ? {} : { fold: flags.dstFold }),
  };
  const given: JobInput = {
    name: flags.name,
    script: flags.script,
    args: flags.args === false ? [] : flags.arg,
    schedule: flags.schedule,
    timezone: flags.timezone,
    timeout: flags.timeout,
    max_retries: flags.maxRetries,
    env: flags.env,
    dst: Object.keys(dst).length === 0 ? undefined : dst,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function inputOfJob(job: Job): JobInput {
  return {
    name: job.name,
    script: job.scriptPath,
    args: job.scriptArgs,
    schedule: job.schedule,
    timezone: job.timezone,
    timeout: job.policies.timeoutSeconds,
    max_retries: job.policies.maxRetries,
    env: job.policies.env,
    dst: job.policies.dst,
  };
}

function inputContext(
  { config }: Session,
): { readonly scriptsDirs: readonly string[]; readonly defaultTimezone: string } {
  return { scriptsDirs: config.scriptsDirs, defaultTimezone: config.displayTimezone };
}

function stateOf(text: string): "active" | "paused" {
  if (text === "active" || text === "paused") return text;
  throw new Invalid([{ field: "--state", message: `found "${text}", expected active or paused` }]);
}

async function printJob(io: Io, { config }: Session, job: Job, json: boolean | undefined): Promise<void> {
  if (json) return await printJson(io, jobForm(job));
  const { timeoutSeconds, maxRetries, env } = job.policies;
  await printFacts(io, [
    ["id", String(job.id)],
    ["name", job.name],
    ["script", job.scriptPath],
    ["arguments", job.scriptArgs.length === 0 ? null : JSON.stringify(job.scriptArgs)],
    ["schedule", formatSchedule(job.schedule)],
    ["means", describeSchedule(job.schedule, job.timezone)],
    ["zone", job.timezone],
    ["state", job.isActive ? "active" : `paused${job.pausedNote === null ? "" : `: ${job.pausedNote}`}`],
    ["next run", job.nextRun === null ? "never" : instantText(io, job.nextRun, config.displayTimezone)],
    ["timeout", timeoutSeconds === null ? "the worker's" : `${timeoutSeconds} s`],
    ["retries", maxRetries === null ? "as configured" : String(maxRetries)],
    ["environment", Object.keys(env).length === 0 ? null : Object.keys(env).join(" ")],
    ["revision", `${job.revision}, ${isoUtc(job.updatedAt)}`],
  ]);
}
