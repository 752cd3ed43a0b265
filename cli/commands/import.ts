import type { Command } from "commander";
import { type EpochMs, Invalid, type JobDefinition, type JobId, type Problem } from "@jobtrigger/shared/domain";
import { parseJobInput } from "@jobtrigger/shared/api";
import {
  type PlannedJob,
  type PlannedRun,
  planReflexJob,
  planReflexRuns,
  withReflexOutput,
} from "@jobtrigger/shared/importing";
import { findImported, importJob, importRuns, type OperationContext } from "@jobtrigger/shared/operations";
import { formatSchedule, nextRuns } from "@jobtrigger/shared/schedule";
import { resolveScript } from "@jobtrigger/shared/scripts";
import { type ReflexSource, withReflex } from "@jobtrigger/shared/store";
import { isoUtc } from "@jobtrigger/shared/time";
import type { Io } from "../io.ts";
import { instantText, oneLine, type OutputFlags, print, printTable, ProgressLine } from "../output/mod.ts";
import { withDatabase } from "../session.ts";
import { addCrontabCommand } from "./import_crontab.ts";
import { addTimersCommand } from "./import_timers.ts";

/** What `import reflex` takes. */
interface ReflexFlags extends OutputFlags {
  readonly from: string;
  readonly dryRun?: boolean;
  readonly history: boolean;
}

/** What becomes of a job: it is made, it was there, it would be made, or it cannot be. */
type Outcome = "created" | "present" | "planned" | "refused";

/** A line of the answer. */
interface ImportedJob {
  readonly planned: PlannedJob;
  readonly outcome: Outcome;
  /** Null: it is not made. */
  readonly id: JobId | null;
  /** When it would run next if it is active; null: never. */
  readonly next: EpochMs | null;
  /** How many runs were, or would be, taken over. */
  readonly runs: number;
  /** How many rows of its history stay behind. */
  readonly left: number;
  readonly notes: readonly string[];
}

/** Runs that one transaction takes over. */
const BATCH = 50;

/** Adds `import …`. `exit` sets the process's exit code. */
export function addImportCommands(program: Command, io: Io, exit: (code: number) => void): void {
  const parent = program.command("import").description("take over jobs of another system");
  addCrontabCommand(parent, io, exit);
  addTimersCommand(parent, io, exit);
  parent.command("reflex").description("take over jobs and history of the Reflex system; its database is only read")
    .requiredOption("--from <url>", "the old database: sqlite:///reflex.db or postgresql://user@host/name")
    .option("--dry-run", "say what would be done, and change nothing")
    .option("--no-history", "take over the jobs alone")
    .action((flags: ReflexFlags) =>
      withDatabase(io, "import", async (operating, { scriptsDirs, displayTimezone }) => {
        const jobs = await withFlag(() =>
          withReflex(flags.from, async (source) => {
            const imported: ImportedJob[] = [];
            await using line = new ProgressLine(io);
            const jobs = await source.jobs();
            for (const [index, old] of jobs.entries()) {
              line.show(`Importing job ${index + 1} of ${jobs.length}: ${oneLine(old.name)}`);
              const planned = planReflexJob(old);
              imported.push(await importOne({ source, planned, flags, scriptsDirs, context: await operating() }));
            }
            return imported;
          })
        );
        await print(io, flags, {
          form: () => ({ from: flags.from, dryRun: flags.dryRun === true, jobs: jobs.map(formOf) }),
          names: jobs.flatMap(({ planned }) => planned.definition.key ?? []),
          text: async () => {
            await printTable(io, flags, jobs, [
              ["OLD", ({ planned }) => String(planned.old.id)],
              ["JOB", ({ planned, id }) => `${id === null ? "" : `${id} `}${planned.definition.name}`],
              ["SCHEDULE", ({ planned }) => formatSchedule(planned.definition.schedule)],
              ["NEXT RUN", (job) => nextText(job, (at) => instantText(io, at, displayTimezone))],
              ["RUNS", ({ runs }) => String(runs)],
              ["RESULT", ({ outcome }) => outcome, { tone: ({ outcome }) => outcome === "refused" ? "bad" : "ok" }],
            ]);
            for (const { planned, notes } of jobs) {
              for (const note of notes) {
                await io.out(`${planned.old.id} ${oneLine(planned.definition.name)}: ${note}\n`);
              }
            }
          },
        });
        if (jobs.some(({ outcome }) => outcome === "refused")) exit(1);
      })
    );
}

async function importOne(
  { source, planned, flags, scriptsDirs, context }: {
    readonly source: ReflexSource;
    readonly planned: PlannedJob;
    readonly flags: ReflexFlags;
    readonly scriptsDirs: readonly string[];
    readonly context: OperationContext;
  },
): Promise<ImportedJob> {
  const { old, pausedNote } = planned;
  const history = flags.history
    ? planReflexRuns(await source.logs(old.id), await source.dispatches(old.id))
    : { runs: [], left: 0 };
  const { definition, problems } = await checked(planned.definition);
  const notes = [
    ...planned.notes,
    ...await scriptNotes(planned.definition.scriptPath, scriptsDirs),
    ...history.left > 0 ? [`${history.left} rows of its history stay there: they have not ended`] : [],
  ];
  const line = { planned, id: null, next: null, runs: 0, left: history.left, notes };
  if (definition === null) {
    const found = problems.map(({ field, message }) => `${field}: ${message}`);
    return { ...line, outcome: "refused", notes: [...notes, ...found] };
  }
  const { key } = definition;
  const next = pausedNote !== null ? null : nextRuns(
    definition.schedule,
    { timezone: definition.timezone, after: context.now, dst: definition.policies.dst },
    1,
  )
    .at(0) ?? null;
  if (flags.dryRun === true) {
    const present = await findImported(context, key);
    const outcome = present === null ? "planned" : "present";
    return { ...line, outcome, id: present?.id ?? null, next, runs: history.runs.length };
  }
  const { job, isNew } = await importJob(context, { definition, pausedNote });
  const runs = await takeOver(context, { source, jobId: job.id, runs: history.runs });
  return { ...line, outcome: isNew ? "created" : "present", id: job.id, next: job.nextRun, runs };
}

/** Reads the outputs of some runs at a time, and takes the runs over. Answers how many the job did not have. */
async function takeOver(
  context: OperationContext,
  { source, jobId, runs }: {
    readonly source: ReflexSource;
    readonly jobId: JobId;
    readonly runs: readonly PlannedRun[];
  },
): Promise<number> {
  let written = 0;
  for (let from = 0; from < runs.length; from += BATCH) {
    const batch = [];
    for (const { run, logId } of runs.slice(from, from + BATCH)) {
      batch.push(logId === null ? run : withReflexOutput(run, await source.output(logId)));
    }
    written += await importRuns(context, { jobId, runs: batch });
  }
  return written;
}

/** The definition as it would be had somebody typed it; null where a value cannot be taken. */
async function checked(
  definition: PlannedJob["definition"],
): Promise<
  { readonly definition: (JobDefinition & { readonly key: string }) | null; readonly problems: readonly Problem[] }
> {
  const { name, key, labels, scriptPath: script, schedule, timezone } = definition;
  try {
    const typed = { name, key, labels, script, schedule, timezone };
    const parsed = await parseJobInput(typed, { scriptsDirs: [], defaultTimezone: timezone });
    return { definition: { ...parsed, key }, problems: [] };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { definition: null, problems: error.problems };
  }
}

/** That the script is not in a script directory of this machine. */
async function scriptNotes(path: string, scriptsDirs: readonly string[]): Promise<readonly string[]> {
  if (path === "" || scriptsDirs.length === 0) return [];
  const found = await resolveScript(scriptsDirs, path);
  return found.ok ? [] : [`its script is not there yet: ${found.message}`];
}

function nextText({ planned, next }: ImportedJob, instant: (at: EpochMs) => string): string {
  if (planned.pausedNote !== null) return "paused";
  return next === null ? "" : instant(next);
}

function formOf({ planned, outcome, id, next, runs, left, notes }: ImportedJob) {
  const { old, definition, pausedNote } = planned;
  return {
    old_id: old.id,
    id,
    key: definition.key,
    name: definition.name,
    schedule: formatSchedule(definition.schedule),
    timezone: definition.timezone,
    paused: pausedNote,
    next_run: next === null ? null : isoUtc(next),
    runs,
    left,
    result: outcome,
    notes,
  };
}

/** Problems of the URL are named by their flag. */
async function withFlag<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(
      error.problems.map((problem) => ({ ...problem, field: problem.field === "from" ? "--from" : problem.field })),
    );
  }
}
