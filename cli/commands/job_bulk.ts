import type { Command } from "commander";
import { BULK_KINDS, type BulkAction, type BulkJob, type BulkKind, Invalid } from "@jobtrigger/shared/domain";
import { BULK_DONE_WORDS, bulkJobForm, narrowedBy, parseNote, readJobFilter, readLabels } from "@jobtrigger/shared/api";
import type { ShownBulk } from "@jobtrigger/shared/api/schemas";
import { gather, keyFlag, labelFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import type { BulkRequest } from "@jobtrigger/shared/operations";
import { type OutputFlags, print, ProgressLine } from "../output/mod.ts";
import { type Session, withSession } from "../session.ts";
import { confirmed, type ConfirmFlags, yesOption } from "./confirm.ts";

/** So many refused jobs are read at once. */
const REFUSED_ROWS = 200;

interface BulkFlags extends OutputFlags, ConfirmFlags {
  readonly label?: readonly (readonly string[])[];
  readonly all?: boolean;
  readonly note?: string;
  readonly cancelWaiting?: boolean;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly key?: string;
}

/** Adds `jobs bulk`. */
export function addJobBulk(jobs: Command, io: Io, exit: (code: number) => void): void {
  const command = jobs.command("bulk")
    .description(`${BULK_KINDS.slice(0, -1).join(", ")} or ${BULK_KINDS.at(-1)} all jobs that match`)
    .argument("<action>", BULK_KINDS.join(", "))
    .argument("[filter...]", "such as label:nightly; a comma means or: docs/filters.md")
    .option("--label <label>", "jobs with this label, or with one of a,b; repeat for several", labelFlag)
    .option("--all", "every job: needed where nothing narrows")
    .option("--note <text>", "of pause: why")
    .option("--cancel-waiting", "of pause: cancel their waiting runs too")
    .option("--add <label>", "of label: a label that they get; repeat for several", gather)
    .option("--remove <label>", "of label: a label that they lose; repeat for several", gather)
    .option("--key <text>", "the same key changes the jobs once, however often it is sent", keyFlag)
    .addOption(yesOption());
  command.action((action: string, words: readonly string[], flags: BulkFlags) =>
    withSession(io, async (session) => {
      const request = { action: actionOf(kindOf(action), flags), jobs: jobsOf(words, flags) };
      if (request.action.kind === "delete" && !await isWanted(io, session, request, flags)) return exit(1);
      if (!await changeMany(io, session, { ...request, key: flags.key }, flags)) exit(1);
    })
  );
}

/** Changes many jobs and prints what became of them: how many are done, and each that was refused. False: not all are done. */
export async function changeMany(
  io: Io,
  session: Session,
  { key = crypto.randomUUID(), ...request }: Omit<BulkRequest, "key"> & { readonly key?: string | undefined },
  flags: OutputFlags,
): Promise<boolean> {
  const change = await withProgress(io, (onProgress) => session.client.changeJobs({ key, ...request }, onProgress));
  const refused = change.refused === 0 ? [] : await refusedOf(session, change.id);
  await print(io, flags, {
    form: () => ({
      id: change.id,
      action: change.kind,
      total: change.total,
      done: change.done,
      refused: refused.map(bulkJobForm),
    }),
    text: progress(change),
  });
  for (const { jobId, jobName, message } of flags.json ? [] : refused) {
    await io.err(`job ${jobId} ${JSON.stringify(jobName)}: ${message ?? "refused"}\n`);
  }
  return change.refused === 0 && change.finishedAt !== null;
}

function kindOf(text: string): BulkKind {
  const kind = BULK_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new Invalid([{
    field: "action",
    message: `found ${JSON.stringify(text)}, expected one of ${BULK_KINDS.join(", ")}`,
  }]);
}

function actionOf(kind: BulkKind, { note, cancelWaiting = false, add = [], remove = [] }: BulkFlags): BulkAction {
  switch (kind) {
    case "pause":
      return { kind, note: parseNote(note ?? ""), cancelsWaiting: cancelWaiting };
    case "label":
      if (add.length + remove.length === 0) {
        throw new Invalid([{ field: "--add", message: "is missing: expected --add or --remove with a label" }]);
      }
      return { kind, add: labelsOf(add, "--add"), remove: labelsOf(remove, "--remove") };
    case "run":
    case "resume":
    case "delete":
      return { kind };
  }
}

function labelsOf(texts: readonly string[], field: string): readonly string[] {
  return texts.length === 0 ? [] : readLabels(texts.join(","), field);
}

function jobsOf(words: readonly string[], { label: labels, all = false }: BulkFlags): ReturnType<typeof readJobFilter> {
  const jobs = narrowedBy(readJobFilter(words.join(" ")), labels === undefined ? {} : { labels });
  if (Object.keys(jobs).length > 0 || all) return jobs;
  throw new Invalid([{ field: "filter", message: "is missing: name jobs by a filter or a label, or all by --all" }]);
}

/** Asks before jobs are deleted, with their number. */
async function isWanted(
  io: Io,
  { client }: Session,
  { jobs }: { readonly jobs: ReturnType<typeof readJobFilter> },
  flags: ConfirmFlags,
): Promise<boolean> {
  const { items, next } = await client.listJobs({ ...jobs, now: await client.now(), limit: REFUSED_ROWS });
  const count = next === null ? `${items.length}` : `more than ${items.length}`;
  return await confirmed(io, flags, `delete ${count} ${items.length === 1 && next === null ? "job" : "jobs"}`);
}

async function refusedOf({ client }: Session, id: number): Promise<readonly BulkJob[]> {
  return await client.listBulkJobs(id, { isRefused: true, limit: REFUSED_ROWS });
}

async function withProgress(
  io: Io,
  work: (onProgress: (change: ShownBulk) => void) => Promise<ShownBulk>,
): Promise<ShownBulk> {
  await using line = new ProgressLine(io);
  return await work((change) => line.show(progress(change)));
}

function progress({ kind, total, done, refused }: ShownBulk): string {
  return `${done} of ${total} jobs ${BULK_DONE_WORDS[kind]}${refused === 0 ? "" : `, ${refused} refused`}`;
}
