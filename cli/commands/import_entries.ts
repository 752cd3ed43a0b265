/**
 * What the imports of crontabs and of systemd's timers share: each command that they start becomes a script file and a job that
 * runs it. The same entry has the same key, so that it is taken over once.
 *
 * @module
 */
import { join } from "node:path";
import type { Command } from "commander";
import { type JobInput, parseJobInput } from "@jobtrigger/shared/api";
import { Invalid, type JobId } from "@jobtrigger/shared/domain";
import { findImported, importJob, type OperationContext } from "@jobtrigger/shared/operations";
import { parseTimezone } from "@jobtrigger/shared/schedule";
import { flagged } from "../flags.ts";
import type { Io } from "../io.ts";
import { oneLine, type OutputFlags, print, printTable } from "../output/mod.ts";
import { writeScript } from "./write_script.ts";

/** The flags that both imports take. */
export interface EntryFlags extends OutputFlags {
  readonly scripts?: string;
  readonly timezone?: string;
  readonly paused?: boolean;
  readonly dryRun?: boolean;
}

/** What an entry becomes. */
export interface Entry {
  readonly key: string;
  /** What people would type for the job, without its key and its script. */
  readonly input: JobInput & { readonly name: string; readonly schedule: string; readonly timezone: string };
  /** The contents of the script file. */
  readonly script: string;
  /** Why the job waits if it begins paused. */
  readonly pausedNote: string;
  /** What does not come along. */
  readonly notes: readonly string[];
}

/** What became of an entry. */
export interface ImportedEntry {
  readonly name: string;
  readonly schedule: string;
  readonly outcome: "created" | "present" | "planned" | "refused";
  /** Null: there is no job. */
  readonly id: JobId | null;
  /** Null: the entry cannot be read. */
  readonly key: string | null;
  readonly notes: readonly string[];
}

/** Adds the options of {@linkcode EntryFlags}; `zoned` says which times `--timezone` is for. */
export function withEntryOptions(command: Command, zoned: string): Command {
  return command
    .option("--scripts <directory>", "where the script files go: a script directory of the workers")
    .option("--timezone <zone>", `the zone of ${zoned}; default: this machine's`)
    .option("--paused", "the jobs begin paused")
    .option("--dry-run", "say what would be done, and change nothing");
}

/** The zone that `--timezone` names, else this machine's. @throws {Invalid} for no zone */
export function zoneOf({ timezone }: EntryFlags): string {
  return flagged("--timezone", () => parseTimezone(timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone));
}

/** An entry that cannot be read. */
export function unreadable(message: string): ImportedEntry {
  return { name: "", schedule: "", outcome: "refused", id: null, key: null, notes: [message] };
}

/** Writes the script of `entry` and makes its job, unless there is one already. */
export async function importEntry(
  context: OperationContext,
  { key, input, script, pausedNote, notes }: Entry,
  flags: EntryFlags,
): Promise<ImportedEntry> {
  const entry = { name: input.name, schedule: input.schedule, id: null, key, notes };
  const refused = (...reasons: readonly string[]): ImportedEntry => ({
    ...entry,
    outcome: "refused",
    notes: [...reasons, ...notes],
  });
  const present = await findImported(context, key);
  if (present !== null) return { ...entry, outcome: "present", id: present.id };
  if (flags.scripts === undefined || flags.scripts.trim() === "") {
    return refused("its command becomes a script file: say where with --scripts DIRECTORY");
  }
  try {
    const file = `${key}.sh`;
    const typed = { ...input, key, script: file };
    const definition = await parseJobInput(typed, { scriptsDirs: [], defaultTimezone: input.timezone });
    if (flags.dryRun === true) return { ...entry, outcome: "planned" };
    const problem = await writeScript(join(flags.scripts, file), script);
    if (problem !== null) return refused(problem);
    const { job } = await importJob(context, {
      definition: { ...definition, key },
      pausedNote: flags.paused === true ? pausedNote : null,
    });
    return { ...entry, outcome: "created", id: job.id };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return refused(...error.problems.map(({ field, message }) => `${field}: ${message}`));
  }
}

/** Prints what became of `entries`, a row each. `heading` and `name` say which entry of its origin a row is about. */
export async function printEntries<E extends ImportedEntry>(
  io: Io,
  flags: EntryFlags,
  { entries, form, heading, name }: {
    readonly entries: readonly E[];
    /** What stands before the entries in `--json`. */
    readonly form?: Readonly<Record<string, string>>;
    readonly heading: string;
    readonly name: (entry: E) => string;
  },
): Promise<void> {
  await print(io, flags, {
    form: () => ({
      ...form,
      dryRun: flags.dryRun === true,
      jobs: entries.map(({ outcome: result, ...entry }) => ({ ...entry, result })),
    }),
    names: entries.flatMap(({ key }) => key ?? []),
    text: async () => {
      await printTable(io, flags, entries, [
        [heading.toUpperCase(), name],
        ["JOB", (entry) => `${entry.id === null ? "" : `${entry.id} `}${entry.name}`],
        ["SCHEDULE", ({ schedule }) => schedule],
        ["RESULT", ({ outcome }) => outcome, { tone: ({ outcome }) => outcome === "refused" ? "bad" : "ok" }],
      ]);
      for (const entry of entries) {
        for (const note of entry.notes) await io.out(`${heading} ${oneLine(name(entry))}: ${oneLine(note)}\n`);
      }
    },
  });
}
