import type { Command } from "commander";
import { parseNote } from "@jobtrigger/shared/api";
import type { PausedJob } from "@jobtrigger/shared/store";
import { countFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { type OutputFlags, print, subject } from "../output/mod.ts";
import { type Session, withSession } from "../session.ts";
import { confirmed, type ConfirmFlags, yesOption } from "./confirm.ts";
import {
  changedDefinition,
  clonedDefinition,
  type DefinitionFlags,
  definitionFlags,
  emptyingFlags,
  namingFlags,
  newDefinition,
} from "./definition.ts";
import { addHistoryCommands } from "./history.ts";
import { nameOfJob, printChangedJob } from "./job_answer.ts";
import { jobCommand, jobsCommand, type LabelFlags, subjectOf } from "./job_command.ts";
import { printJob } from "./job_facts.ts";
import { addJobBulk, changeMany } from "./job_bulk.ts";
import { addJobList } from "./job_list.ts";
import { addJobRun } from "./job_run.ts";
import { addPastCommands } from "./past.ts";
import { addViewCommands } from "./views.ts";

interface PauseFlags extends OutputFlags, LabelFlags {
  readonly note?: string;
  readonly cancelWaiting?: boolean;
}

/** Adds `jobs …`. `exit` sets the process's exit code. */
export function addJobsCommands(program: Command, io: Io, exit: (code: number) => void): void {
  const jobs = program.command("jobs").description("create, look at and steer jobs");

  addCreation(jobs, io);
  addJobList(jobs, io);
  addShow(jobs, io);
  addEdit(jobs, io);
  addClone(jobs, io);
  addPause(jobs, io, exit);
  addResume(jobs, io, exit);
  addDeletion(jobs, io, exit);

  addJobRun(jobs, io, exit);
  addJobBulk(jobs, io, exit);
  addViewCommands(jobs, io);
  addHistoryCommands(jobs, io);
  addPastCommands(jobs, io);
}

function addCreation(jobs: Command, io: Io): void {
  definitionFlags(jobs.command("create").description("create a job"))
    .option("--paused", "it begins paused: nothing starts before it is resumed")
    .action(({ paused: isPaused = false, ...flags }: DefinitionFlags & { readonly paused?: boolean }) =>
      withSession(io, async (session) => {
        const definition = await newDefinition(flags, session);
        const job = await namingFlags(session.client.createJob(definition, { isPaused }));
        await printChangedJob(io, session, job, isPaused ? "created, paused" : "created", flags);
      })
    );
}

function addShow(jobs: Command, io: Io): void {
  jobCommand(jobs, "show", "show a job")
    .action((text: string, flags: OutputFlags) =>
      withSession(io, async (session) => {
        const { client } = session;
        await printJob(io, session, await client.getJob(await client.findJob(text)), flags);
      })
    );
}

function addEdit(jobs: Command, io: Io): void {
  emptyingFlags(definitionFlags(
    jobCommand(
      jobs,
      "edit",
      "change the given fields of a job; --arg, --tag, --label and --env replace the whole list",
    ),
  ))
    .option("--revision <n>", "refuse if the job has another revision by now", countFlag("--revision"))
    .action((text: string, flags: DefinitionFlags & { readonly revision?: number }) =>
      withSession(io, async (session) => {
        const { client } = session;
        const before = await client.getJob(await client.findJob(text));
        const definition = await changedDefinition(before, flags, session);
        const revision = flags.revision ?? before.revision;
        const job = await namingFlags(client.editJob(before.id, { revision, definition }));
        await printChangedJob(io, session, job, "edited", flags);
      })
    );
}

function addClone(jobs: Command, io: Io): void {
  emptyingFlags(definitionFlags(
    jobCommand(
      jobs,
      "clone",
      "create a job like another one, but for the given fields and the key; the copy begins paused",
    ),
  ))
    .option("--active", "the copy is not paused: it starts when its schedule says so")
    .action((text: string, { active: isActive = false, ...flags }: DefinitionFlags & { readonly active?: boolean }) =>
      withSession(io, async (session) => {
        const { client } = session;
        const original = await client.getJob(await client.findJob(text));
        const definition = await clonedDefinition(original, flags, session);
        const job = await namingFlags(client.createJob(definition, { isPaused: !isActive }));
        const what = `created from ${subject("job", original)}${isActive ? "" : ", paused"}`;
        await printChangedJob(io, session, job, what, flags);
      })
    );
}

function addPause(jobs: Command, io: Io, exit: (code: number) => void): void {
  jobsCommand(jobs, "pause", "pause a job, or all that match, and say how many runs wait; waiting runs still start")
    .option("--note <text>", "why")
    .option("--cancel-waiting", "cancel its waiting runs too, even if it is paused already")
    .action((words: readonly string[], { note, cancelWaiting = false, ...flags }: PauseFlags) =>
      withSession(io, async (session) => {
        const { client } = session;
        const pause = { note: parseNote(note ?? ""), cancelsWaiting: cancelWaiting };
        const named = subjectOf(words, flags);
        if (typeof named !== "string") {
          const request = { action: { kind: "pause", ...pause } as const, jobs: named };
          return await changeMany(io, session, request, flags) ? undefined : exit(1);
        }
        await printPaused(io, session, await client.pauseJob(await client.findJob(named), pause), flags);
      })
    );
}

function addResume(jobs: Command, io: Io, exit: (code: number) => void): void {
  jobsCommand(jobs, "resume", "resume a paused job, or all that match; times during the pause do not run")
    .action((words: readonly string[], flags: OutputFlags & LabelFlags) =>
      withSession(io, async (session) => {
        const { client } = session;
        const named = subjectOf(words, flags);
        if (typeof named !== "string") {
          return await changeMany(io, session, { action: { kind: "resume" }, jobs: named }, flags)
            ? undefined
            : exit(1);
        }
        const job = await client.resumeJob(await client.findJob(named));
        await printChangedJob(io, session, job, "resumed", flags);
      })
    );
}

function addDeletion(jobs: Command, io: Io, exit: (code: number) => void): void {
  jobCommand(jobs, "delete", "delete a job; its waiting runs are cancelled, its running ones stopped")
    .addOption(yesOption())
    .action((text: string, flags: OutputFlags & ConfirmFlags) =>
      withSession(io, async ({ client }) => {
        const job = await client.getJob(await client.findJob(text));
        if (!await confirmed(io, flags, `delete ${subject("job", job)}`)) return exit(1);
        await client.deleteJob(job.id);
        await print(io, flags, {
          form: () => ({ id: job.id, result: "deleted" }),
          names: [nameOfJob(job)],
          text: `${subject("job", job)} deleted`,
        });
      })
    );
}

async function printPaused(
  io: Io,
  session: Session,
  { job, waiting, cancelled }: PausedJob,
  flags: OutputFlags,
): Promise<void> {
  const count = (runs: number) => runs === 1 ? "1 waiting run" : `${runs} waiting runs`;
  const what = cancelled === 0 ? "paused" : `paused, ${count(cancelled)} cancelled`;
  await printChangedJob(io, session, job, what, flags, { waiting_runs: waiting, cancelled_runs: cancelled });
  // A program reads the number in the form.
  if (waiting === 0 || flags.json) return;
  const verb = waiting === 1 ? "1 run waits and starts" : `${waiting} runs wait and start`;
  await io.err(`${verb} all the same; to cancel: jobctl jobs pause ${job.id} --cancel-waiting\n`);
}
