import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { fileFault, Invalid, whyNot } from "@jobtrigger/shared/domain";
import { type PlannedTimer, planTimer, serviceOf, type TimerProblem } from "@jobtrigger/shared/importing";
import type { Io } from "../io.ts";
import { withDatabase } from "../session.ts";
import {
  type Entry,
  type EntryFlags,
  type ImportedEntry,
  importEntry,
  printEntries,
  unreadable,
  withEntryOptions,
  zoneOf,
} from "./import_entries.ts";

/** What became of a time of a timer. */
interface ImportedTimer extends ImportedEntry {
  readonly unit: string;
}

/** Adds `import systemd-timers` to `parent`. `exit` sets the process's exit code. */
export function addTimersCommand(parent: Command, io: Io, exit: (code: number) => void): void {
  const command = parent.command("systemd-timers")
    .description("take over timers of systemd; what each of their services starts becomes a script file")
    .argument("<path...>", "timers, or directories of units such as /etc/systemd/system");
  withEntryOptions(command, "times without one").action((paths: readonly string[], flags: EntryFlags) =>
    withDatabase(io, "import", async (operating) => {
      const timezone = zoneOf(flags);
      const entries: ImportedTimer[] = [];
      for (const path of await timerFiles(paths)) {
        for (const planned of await planOf(path)) {
          const { unit } = planned;
          entries.push({
            unit,
            ..."message" in planned
              ? unreadable(planned.message)
              : await importEntry(await operating(), entryOf(planned, timezone), flags),
          });
        }
      }
      await printEntries(io, flags, { entries, heading: "timer", name: ({ unit }) => unit });
      if (entries.some(({ outcome }) => outcome === "refused")) exit(1);
    })
  );
}

function entryOf(planned: PlannedTimer, timezone: string): Entry {
  const { unit, nth, name, schedule, misfire, spread, timeout } = planned;
  return {
    key: keyOf(unit, nth),
    input: {
      name,
      labels: ["systemd"],
      schedule,
      timezone: planned.timezone ?? timezone,
      misfire,
      spread,
      ...(timeout !== null && { timeout }),
    },
    script: planned.script,
    pausedNote: "It comes from a timer of systemd: resume it when the timer is disabled there.",
    notes: planned.notes,
  };
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
      throw new Invalid([{ field: "path", message: `cannot read ${path}: ${whyNot(error)}` }]);
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
    if (fileFault(error) !== null) return null;
    throw error;
  }
}
