import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { Invalid, type JobId } from "@jobtrigger/shared/domain";
import { parseJobInput } from "@jobtrigger/shared/api";
import { type CrontabJob, crontabScript, parseCrontab } from "@jobtrigger/shared/importing";
import { findImported, importJob, type OperationContext } from "@jobtrigger/shared/operations";
import type { Io } from "../io.ts";
import { oneLine, type OutputFlags, print, printTable } from "../output/mod.ts";
import { withDatabase } from "../session.ts";
import { writeScript, zoneOf } from "./import_script.ts";

/** What `import crontab` takes. */
interface CrontabFlags extends OutputFlags {
  readonly system?: boolean;
  readonly scripts?: string;
  readonly timezone?: string;
  readonly paused?: boolean;
  readonly dryRun?: boolean;
}

/** A line of the answer. */
interface ImportedLine {
  readonly line: number;
  readonly name: string;
  readonly schedule: string;
  readonly outcome: "created" | "present" | "planned" | "refused";
  /** Null: there is no job. */
  readonly id: JobId | null;
  readonly key: string | null;
  readonly notes: readonly string[];
}

/** Why an imported job waits. */
const NOTE = "It comes from a crontab: resume it when the line is gone there.";

/** Adds `import crontab` to `parent`. `exit` sets the process's exit code. */
export function addCrontabCommand(parent: Command, io: Io, exit: (code: number) => void): void {
  parent.command("crontab").description("take over the lines of a crontab; each command becomes a script file")
    .argument("<file>", 'the crontab; "-" reads standard input')
    .option("--scripts <directory>", "where the script files go: a script directory of the workers")
    .option("--system", "a user stands before each command, as in /etc/crontab and /etc/cron.d")
    .option("--timezone <zone>", "the zone of lines without CRON_TZ; default: this machine's")
    .option("--paused", "the jobs begin paused")
    .option("--dry-run", "say what would be done, and change nothing")
    .action((file: string, flags: CrontabFlags) =>
      withDatabase(io, "import", async (operating) => {
        const { jobs, problems } = parseCrontab(await readCrontab(io, file), { isSystem: flags.system === true });
        const timezone = zoneOf(flags.timezone);
        const lines: ImportedLine[] = problems.map(({ line, message }) => ({
          line,
          name: "",
          schedule: "",
          outcome: "refused",
          id: null,
          key: null,
          notes: [message],
        }));
        for (const job of jobs) {
          lines.push(await importLine(await operating(), { job, flags, timezone, origin: basename(file) }));
        }
        lines.sort((a, b) => a.line - b.line);
        await print(io, flags, {
          form: () => ({
            file,
            dryRun: flags.dryRun === true,
            jobs: lines.map(({ outcome: result, ...line }) => ({ ...line, result })),
          }),
          names: lines.flatMap(({ key }) => key ?? []),
          text: async () => {
            await printTable(io, flags, lines, [
              ["LINE", ({ line }) => String(line)],
              ["JOB", ({ id, name }) => `${id === null ? "" : `${id} `}${name}`],
              ["SCHEDULE", ({ schedule }) => schedule],
              ["RESULT", ({ outcome }) => outcome, { tone: ({ outcome }) => outcome === "refused" ? "bad" : "ok" }],
            ]);
            for (const { line, notes } of lines) {
              for (const note of notes) await io.out(`line ${line}: ${oneLine(note)}\n`);
            }
          },
        });
        if (lines.some(({ outcome }) => outcome === "refused")) exit(1);
      })
    );
}

async function importLine(
  context: OperationContext,
  { job, flags, timezone, origin }: {
    readonly job: CrontabJob;
    readonly flags: CrontabFlags;
    readonly timezone: string;
    readonly origin: string;
  },
): Promise<ImportedLine> {
  const key = keyOf(job);
  const script = `${key}.sh`;
  const schedule = `cron ${job.expression}`;
  const line = { line: job.line, name: job.name, schedule, id: null, key, notes: notesOf(job) };
  const refused = (...notes: readonly string[]): ImportedLine => ({
    ...line,
    outcome: "refused",
    notes: [...line.notes, ...notes],
  });
  const present = await findImported(context, key);
  if (present !== null) return { ...line, outcome: "present", id: present.id };
  const { scripts } = flags;
  if (scripts === undefined) return refused("its command becomes a script file: say where with --scripts DIRECTORY");
  try {
    const input = { name: job.name, key, labels: ["crontab"], script, schedule, timezone: job.timezone ?? timezone };
    const definition = await parseJobInput(input, { scriptsDirs: [], defaultTimezone: timezone });
    if (flags.dryRun === true) return { ...line, outcome: "planned" };
    const problem = await writeScript(join(scripts, script), crontabScript(job, origin));
    if (problem !== null) return refused(problem);
    const pausedNote = flags.paused === true ? NOTE : null;
    const made = await importJob(context, { definition: { ...definition, key }, pausedNote });
    return { ...line, outcome: "created", id: made.job.id };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return refused(...error.problems.map(({ field, message }) => `${field}: ${message}`));
  }
}

/** The same line has the same key, so that it is taken over once. */
function keyOf({ expression, command, stdin, user, timezone }: CrontabJob): string {
  const text = JSON.stringify([expression, command, stdin, user, timezone]);
  return `cron-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

function notesOf({ user, env }: CrontabJob): readonly string[] {
  return [
    ...user === null ? [] : [`it ran as ${user} there; here it runs as the worker's scripts do`],
    ...env["MAILTO"] === undefined || env["MAILTO"] === ""
      ? []
      : [`nobody mails its output to ${env["MAILTO"]} any more`],
  ];
}

async function readCrontab(io: Io, file: string): Promise<string> {
  if (file === "-") return await new Response(io.stdin).text();
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Invalid([{ field: "file", message: `cannot read ${file}: ${error.message}` }]);
  }
}
