import type { Command } from "commander";
import { Invalid } from "@jobtrigger/shared/domain";
import { copyDatabase, CopyFailed, type CopyReport } from "@jobtrigger/shared/store";
import { migrations } from "migrations";
import type { CommonFlags } from "../flags.ts";
import type { Io } from "../io.ts";
import { oneLine, printJson, printTable } from "../output.ts";

/** What `database copy` takes. */
interface CopyFlags extends CommonFlags {
  readonly from: string;
  readonly to: string;
  readonly force?: boolean;
}

/** Adds `database …`. `exitWith` sets the exit code of jobctl. */
export function addDatabaseCommands(program: Command, io: Io, exitWith: (code: number) => void): void {
  const database = program.command("database").description("work on whole databases");

  database.command("copy").description("copy everything from one database to another, empty one")
    .requiredOption("--from <url>", "the database to copy")
    .requiredOption("--to <url>", "the database to fill; it is made ready first")
    .option("--force", "copy even if workers run on the source; what they write meanwhile is not copied")
    .action(async ({ from, to, force = false, json }: CopyFlags) => {
      try {
        const report = await copyDatabase({ from, to, force, migrations });
        await (json ? printJson(io, copyForm(report)) : printReport(io, report));
        if (report.isDone) return;
        await io.err("jobctl: The copy differs from the source; nothing was kept in the target\n");
      } catch (error) {
        if (error instanceof Invalid) throw withFlags(error);
        if (!(error instanceof CopyFailed)) throw error;
        await io.err(`jobctl: ${oneLine(error.message)}\n`);
      }
      exitWith(1);
    });
}

function printReport(io: Io, { tables }: CopyReport): Promise<void> {
  return printTable(io, tables, [
    ["TABLE", ({ table }) => table],
    ["ROWS", ({ rows }) => String(rows)],
    ["CHECKSUM", ({ checksum }) => checksum],
    ["OK", ({ isSame }) => isSame ? "yes" : "no"],
  ]);
}

function copyForm({ tables, isDone }: CopyReport) {
  return {
    ok: isDone,
    tables: tables.map(({ table, rows, checksum, isSame }) => ({ table, rows, checksum, ok: isSame })),
  };
}

function withFlags({ problems }: Invalid): Invalid {
  return new Invalid(problems.map(({ field, message }) => ({ field: `--${field}`, message })));
}
