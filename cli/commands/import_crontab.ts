import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Command } from "commander";
import { Invalid, whyNot } from "@jobtrigger/shared/domain";
import { type CrontabJob, crontabScript, parseCrontab } from "@jobtrigger/shared/importing";
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

/** What `import crontab` takes. */
interface CrontabFlags extends EntryFlags {
  readonly system?: boolean;
}

/** What became of a line. */
interface ImportedLine extends ImportedEntry {
  readonly line: number;
}

/** Adds `import crontab` to `parent`. `exit` sets the process's exit code. */
export function addCrontabCommand(parent: Command, io: Io, exit: (code: number) => void): void {
  const command = parent.command("crontab")
    .description("take over the lines of a crontab; each command becomes a script file")
    .argument("<file>", 'the crontab; "-" reads standard input')
    .option("--system", "a user stands before each command, as in /etc/crontab and /etc/cron.d");
  withEntryOptions(command, "lines without CRON_TZ").action((file: string, flags: CrontabFlags) =>
    withDatabase(io, "import", async (operating) => {
      const { jobs, problems } = parseCrontab(await readCrontab(io, file), { isSystem: flags.system === true });
      const timezone = zoneOf(flags);
      const lines: ImportedLine[] = problems.map(({ line, message }) => ({ line, ...unreadable(message) }));
      for (const job of jobs) {
        const entry = entryOf(job, { timezone, origin: basename(file) });
        lines.push({ line: job.line, ...await importEntry(await operating(), entry, flags) });
      }
      const entries = lines.toSorted((a, b) => a.line - b.line);
      await printEntries(io, flags, { entries, form: { file }, heading: "line", name: ({ line }) => String(line) });
      if (entries.some(({ outcome }) => outcome === "refused")) exit(1);
    })
  );
}

function entryOf(
  job: CrontabJob,
  { timezone, origin }: { readonly timezone: string; readonly origin: string },
): Entry {
  return {
    key: keyOf(job),
    input: {
      name: job.name,
      labels: ["crontab"],
      schedule: `cron ${job.expression}`,
      timezone: job.timezone ?? timezone,
    },
    script: crontabScript(job, origin),
    pausedNote: "It comes from a crontab: resume it when the line is gone there.",
    notes: notesOf(job),
  };
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
    throw new Invalid([{ field: "file", message: `cannot read ${file}: ${whyNot(error)}` }]);
  }
}
