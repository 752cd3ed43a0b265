import type { Command } from "commander";
import { type JobRevision, NotFound } from "@jobtrigger/shared/domain";
import { type FieldChange, type FieldContent, type RevisionEntry, revisionForm } from "@jobtrigger/shared/api";
import { countFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { instantText, type OutputFlags, print, printTable } from "../output/mod.ts";
import { type Session, withSession } from "../session.ts";
import { jobCommand } from "./job_command.ts";
import { printChangedJob } from "./job_answer.ts";

interface HistoryFlags extends OutputFlags {
  readonly limit: number;
  readonly before?: number;
}

interface RollbackFlags extends OutputFlags {
  readonly to: number;
  readonly revision?: number;
}

/** Adds `jobs history`, `jobs rollback` and `jobs undo`. */
export function addHistoryCommands(jobs: Command, io: Io): void {
  jobCommand(
    jobs,
    "history",
    "list the changes of a job with author and time, newest first; also of a deleted job, by its id",
  )
    .option("--limit <n>", "at most this many, up to 200", countFlag("--limit", 200), 50)
    .option("--before <n>", "only revisions before this one", countFlag("--before"))
    .action((text: string, flags: HistoryFlags) =>
      withSession(io, async (session) => {
        const entries = await historyOf(session, text, flags);
        await print(io, flags, {
          form: () => entries.map(revisionForm),
          names: entries.map(({ revision }) => String(revision.revision)),
          text: () =>
            printTable(io, flags, entries, [
              ["REVISION", ({ revision }) => String(revision.revision)],
              ["WHEN", ({ revision }) => instantText(io, revision.at, session.config.displayTimezone)],
              ["WHO", ({ revision }) => revision.actor?.name ?? "-", { shrinks: true }],
              ["WHAT", ({ revision }) => actionText(revision), { shrinks: true }],
              ["CHANGES", changesText, { shrinks: true }],
            ]),
        });
      })
    );

  jobCommand(jobs, "rollback", "restore the definition of an earlier revision; the next run is computed from now")
    .requiredOption("--to <n>", "the revision to restore", countFlag("--to"))
    .option("--revision <n>", "refuse if the job has another revision by now", countFlag("--revision"))
    .action((text: string, flags: RollbackFlags) =>
      withSession(io, async (session) => {
        const { client } = session;
        const before = await client.getJob(await client.findJob(text));
        const revision = flags.revision ?? before.revision;
        const job = await client.rollBackJob(before.id, { revision, to: flags.to });
        await printChangedJob(io, session, job, `rolled back to revision ${flags.to}`, flags);
      })
    );

  jobCommand(jobs, "undo", "restore the definition that a job had before its newest revision")
    .option("--revision <n>", "refuse if the job has another revision by now", countFlag("--revision"))
    .action((text: string, flags: Pick<RollbackFlags, "revision"> & OutputFlags) =>
      withSession(io, async (session) => {
        const { client } = session;
        const before = await client.getJob(await client.findJob(text));
        const revision = flags.revision ?? before.revision;
        if (revision < 2) throw new NotFound(`Job ${before.id} has no revision before its first`);
        const job = await client.rollBackJob(before.id, { revision, to: revision - 1 });
        await printChangedJob(io, session, job, `rolled back to revision ${revision - 1}`, flags);
      })
    );
}

/** @throws {NotFound} when nothing is known of the job. */
async function historyOf(
  { client }: Session,
  text: string,
  { limit, before }: HistoryFlags,
): Promise<readonly RevisionEntry[]> {
  const id = await client.findJob(text);
  const entries = await client.listRevisions(id, { limit, ...(before !== undefined && { before }) });
  if (entries.length === 0 && before === undefined) throw new NotFound(`There is no job ${id}`);
  return entries;
}

function actionText({ change }: JobRevision): string {
  switch (change.action) {
    case "recorded":
      return "recorded: it was there before its history was kept";
    case "rolled_back":
      return `rolled back to ${change.to}`;
    case "paused":
      return change.note === null ? "paused" : `paused: ${change.note}`;
    case "created":
    case "edited":
    case "resumed":
    case "deleted":
      return change.action;
  }
}

function changesText({ revision: { damage }, changes }: RevisionEntry): string {
  return damage === null ? (changes ?? []).map(changeText).join("; ") : `damaged: ${damage}`;
}

function changeText({ field, before, after }: FieldChange): string {
  return `${field}: ${contentText(before)} → ${contentText(after)}`;
}

function contentText(content: FieldContent): string {
  if (content === null) return "-";
  return typeof content === "object" ? JSON.stringify(content) : String(content);
}
