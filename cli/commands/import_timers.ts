import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { parseJobInput } from "@jobtrigger/shared/api";
import { Invalid, type JobId } from "@jobtrigger/shared/domain";
import { type PlannedTimer, planTimer, serviceOf, type TimerProblem } from "@jobtrigger/shared/importing";
import { findImported, importJob, type OperationContext } from "@jobtrigger/shared/operations";
import type { Io } from "../io.ts";
import { oneLine, type OutputFlags, print, printTable } from "../output/mod.ts";
import { withDatabase } from "../session.ts";
import { writeScript, zoneOf } from "./import_script.ts";

/** What `import systemd-timers` takes. */
interface TimersFlags extends OutputFlags {
  readonly scripts?: string;
  readonly timezone?: string;
  readonly paused?: boolean;
  readonly dryRun?: boolean;
}

/** A time of a timer in the answer. */
interface ImportedTimer {
  readonly unit: string;
  readonly name: string;
  readonly schedule: string;
  readonly outcome: "created" | "present" | "planned" | "refused";
  /** Null: there is no job. */
  readonly id: JobId | null;
  readonly key: string | null;
  readonly notes: readonly string[];
}

/** Why an imported job waits. */
const NOTE = "It comes from a timer of systemd: resume it when the timer is disabled there.";

/** Adds `import systemd-timers` to `parent`. `exit` sets the process's exit code. */
export function addTimersCommand(parent: Command, io: Io, exit: (code: number) => void): void {
  parent.command("systemd-timers")
    .description("take over timers of systemd; what each of their services starts becomes a script file")
    .argument("<path...>", "timers, or directories of units such as /etc/systemd/system")
    .option("--scripts <directory>", "where the script files go: a script directory of the workers")
    .option("--timezone <zone>", "the zone of times without one; default: this machine's")
    .option("--paused", "the jobs begin paused")
    .option("--dry-run", "say what would be done, and change nothing")
    .action((paths: readonly string[], flags: TimersFlags) =>
      withDatabase(io, "import", async (operating) => {
        const timezone = zoneOf(flags.timezone);
        const timers: ImportedTimer[] = [];
        for (const path of await timerFiles(paths)) {
          for (const planned of await planOf(path)) {
            timers.push(await importTimer(await operating(), { planned, flags, timezone }));
          }
        }
        await print(io, flags, {
          form: () => ({
            dryRun: flags.dryRun === true,
            jobs: timers.map(({ outcome: result, ...timer }) => ({ ...timer, result })),
          }),
          names: timers.flatMap(({ key }) => key ?? []),
          text: async () => {
            await printTable(io, flags, timers, [
              ["TIMER", ({ unit }) => unit],
              ["JOB", ({ id, name }) => `${id === null ? "" : `${id} `}${name}`],
              ["SCHEDULE", ({ schedule }) => schedule],
              ["RESULT", ({ outcome }) => outcome, { tone: ({ outcome }) => outcome === "refused" ? "bad" : "ok" }],
            ]);
            for (const { unit, notes } of timers) {
              for (const note of notes) await io.out(`${oneLine(unit)}: ${oneLine(note)}\n`);
            }
          },
        });
        if (timers.some(({ outcome }) => outcome === "refused")) exit(1);
      })
    );
}

async function importTimer(
  context: OperationContext,
  { planned, flags, timezone }: {
    readonly planned: PlannedTimer | TimerProblem;
    readonly flags: TimersFlags;
    readonly timezone: string;
  },
): Promise<ImportedTimer> {
  const { unit, nth } = planned;
  if ("message" in planned) {
    return { unit, name: "", schedule: "", outcome: "refused", id: null, key: null, notes: [planned.message] };
  }
  const { name, schedule, misfire, spread, timeout } = planned;
  const key = keyOf(unit, nth);
  const script = `${key}.sh`;
  const line = { unit, name, schedule, id: null, key, notes: planned.notes };
  const refused = (...reasons: readonly string[]): ImportedTimer => ({
    ...line,
    outcome: "refused",
    notes: [...reasons, ...line.notes],
  });
  const present = await findImported(context, key);
  if (present !== null) return { ...line, outcome: "present", id: present.id };
  const { scripts } = flags;
  if (scripts === undefined) return refused("its command becomes a script file: say where with --scripts DIRECTORY");
  try {
    const typed = { name, key, labels: ["systemd"], script, schedule, timezone: planned.timezone ?? timezone };
    const input = { ...typed, misfire, spread, ...(timeout !== null && { timeout }) };
    const definition = await parseJobInput(input, { scriptsDirs: [], defaultTimezone: timezone });
    if (flags.dryRun === true) return { ...line, outcome: "planned" };
    const problem = await writeScript(join(scripts, script), planned.script);
    if (problem !== null) return refused(problem);
    const pausedNote = flags.paused === true ? NOTE : null;
    const made = await importJob(context, { definition: { ...definition, key }, pausedNote });
    return { ...line, outcome: "created", id: made.job.id };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return refused(...error.problems.map(({ field, message }) => `${field}: ${message}`));
  }
}

/** The same time of a timer has the same key, so that it is taken over once. */
function keyOf(unit: string, nth: number): string {
  const plain = unit.toLowerCase().replace(/[^a-z0-9._-]+/g, "-").slice(0, 40);
  const mark = plain === unit ? "" : `-${createHash("sha256").update(unit).digest("hex").slice(0, 6)}`;
  return `timer-${plain}${mark}${nth === 1 ? "" : `-${nth}`}`;
}

/** The timers that `paths` name, directories by the timers in them. */
async function timerFiles(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      if (!(await Deno.stat(path)).isDirectory) {
        files.push(path);
        continue;
      }
      const names = (await Array.fromAsync(Deno.readDir(path))).filter(({ isDirectory }) => !isDirectory);
      // A template, `backup@.timer`, runs only by the names of its instances.
      files.push(
        ...names.map(({ name }) => name).filter((name) => /[^@]\.timer$/.test(name)).toSorted().map((name) =>
          join(path, name)
        ),
      );
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new Invalid([{ field: "path", message: `cannot read ${path}: ${error.message}` }]);
    }
  }
  return files;
}

async function planOf(path: string): Promise<readonly (PlannedTimer | TimerProblem)[]> {
  const unit = basename(path).replace(/\.timer$/, "");
  const timer = await readUnit(path);
  if (timer === null) return [{ unit, nth: 1, message: `${path} cannot be read` }];
  const serviceName = serviceOf(unit, timer);
  const folder = dirname(path);
  const service = await readUnit(join(folder, serviceName)) ??
    await readUnit(join(folder, serviceName.replace(/@.*(?=\.service$)/, "@")));
  return planTimer({ unit, timer, service, serviceName });
}

/** A unit's file with its drop-ins after it; null: it cannot be read. */
async function readUnit(path: string): Promise<string | null> {
  try {
    const texts = [await Deno.readTextFile(path)];
    const dropIns = await Array.fromAsync(Deno.readDir(`${path}.d`)).catch(() => []);
    for (const name of dropIns.map(({ name }) => name).filter((name) => name.endsWith(".conf")).toSorted()) {
      texts.push(await Deno.readTextFile(join(`${path}.d`, name)));
    }
    return texts.join("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}
