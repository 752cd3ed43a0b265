import type { Command } from "commander";
import { Invalid } from "@jobtrigger/shared/domain";
import {
  backupDatabase,
  checkDatabase,
  copyDatabase,
  CopyFailed,
  type CopyProgress,
  type CopyReport,
  type OnMade,
  restoreDatabase,
  type RestoreReport,
} from "@jobtrigger/shared/store";
import { migrations } from "@jobtrigger/shared/migrations";
import type { Io } from "../io.ts";
import { databaseTarget } from "../client/target.ts";
import { oneLine, type OutputFlags, print, printTable, ProgressLine } from "../output/mod.ts";
import { migrateDatabase } from "../session.ts";

/** What `database copy` takes. */
interface CopyFlags extends OutputFlags {
  readonly from: string;
  readonly to: string;
  readonly force?: boolean;
}

/** What `database backup` takes. */
interface BackupFlags extends OutputFlags {
  readonly to: string;
}

/** What `database restore` takes. */
interface RestoreFlags extends OutputFlags {
  readonly from: string;
  readonly replace?: boolean;
}

/** Adds `database …`. `exitWith` sets the exit code of jobctl. */
export function addDatabaseCommands(program: Command, io: Io, exitWith: (code: number) => void): void {
  const database = program.command("database").description("work on whole databases");

  addCopy(database, io, exitWith);
  addMigration(database, io);
  addBackup(database, io, exitWith);
  addRestore(database, io, exitWith);
  addCheck(database, io, exitWith);
}

/** Does `work`. A copy that fails is reported in one line, with the exit code 1. @throws {Invalid} with the names of the flags */
async function copying(io: Io, exitWith: (code: number) => void, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Invalid) throw withFlags(error);
    if (!(error instanceof CopyFailed)) throw error;
    await io.err(`jobctl: ${oneLine(error.message)}\n`);
    exitWith(1);
  }
}

function addCopy(database: Command, io: Io, exitWith: (code: number) => void): void {
  database.command("copy").description("copy everything from one database to another, empty one")
    .requiredOption("--from <url>", "the database to copy")
    .requiredOption("--to <url>", "the empty database to fill; it is migrated first")
    .option("--force", "copy even if workers run on the source; their later writes are not copied")
    .action(async ({ from, to, force = false, ...flags }: CopyFlags) => {
      await copying(io, exitWith, async () => {
        const made: string[] = [];
        const onMade: OnMade = (path) => void made.push(path);
        const report = await withProgress(
          io,
          (onProgress) => copyDatabase({ from, to, force, migrations, onMade, onProgress }),
        );
        for (const path of made) await io.err(`jobctl: Made a new database at ${path}\n`);
        await print(io, flags, { form: () => copyForm(report), text: () => printReport(io, flags, report) });
        if (report.isDone) return;
        await io.err("jobctl: The copy differs from the source; nothing was kept in the target\n");
        exitWith(1);
      });
    });
}

function addMigration(database: Command, io: Io): void {
  database.command("migrate").description("make the database that DATABASE_URL names, or bring it up to date")
    .action(async (flags: OutputFlags) => {
      const made: string[] = [];
      const onMade: OnMade = (path) => void made.push(path);
      await migrateDatabase(io, "database migrate", onMade);
      await print(io, flags, {
        form: () => ({ made: made[0] ?? null }),
        text: made.length === 0 ? "The database is up to date" : `Made a new database at ${made[0]}`,
      });
    });
}

function addBackup(database: Command, io: Io, exitWith: (code: number) => void): void {
  database.command("backup").description(
    "write a consistent copy of the database to a new SQLite file; services may go on",
  )
    .requiredOption("--to <file>", "the file to make")
    .action(async ({ to, ...flags }: BackupFlags) => {
      const { databaseUrl } = databaseTarget(io.env, "database backup");
      await copying(io, exitWith, async () => {
        const bytes = await withProgress(
          io,
          (onProgress) => backupDatabase({ url: databaseUrl, to, migrations, onProgress }),
        );
        await print(io, flags, { form: () => ({ file: to, bytes }), text: `Wrote ${to}: ${bytes} bytes` });
      });
    });
}

function addRestore(database: Command, io: Io, exitWith: (code: number) => void): void {
  database.command("restore").description("make the database what a backup holds; all services are stopped meanwhile")
    .requiredOption("--from <file>", "the backup; it is only read")
    .option("--replace", "a file that is there already is moved aside, and kept")
    .action(async ({ from, replace = false, ...flags }: RestoreFlags) => {
      const { databaseUrl } = databaseTarget(io.env, "database restore");
      await copying(io, exitWith, async () => {
        const report = await withProgress(io, (onProgress) =>
          restoreDatabase({
            url: databaseUrl,
            from,
            isReplacing: replace,
            migrations,
            clock: io.clock,
            onProgress,
          }));
        await print(io, flags, {
          form: () => ({ from, kept: report.kept, in_progress: report.inProgress }),
          text: () => io.out(restoredLines(from, report).map((line) => `${oneLine(line)}\n`).join("")),
        });
      });
    });
}

function addCheck(database: Command, io: Io, exitWith: (code: number) => void): void {
  database.command("check").description("check the database; the exit code is 1 when a check fails")
    .action(async (flags: OutputFlags) => {
      const findings = await checkDatabase(databaseTarget(io.env, "database check").databaseUrl, { migrations });
      const isOk = findings.every((finding) => finding.isOk);
      await print(io, flags, {
        form: () => ({ ok: isOk, checks: findings.map(({ check, isOk, detail }) => ({ check, ok: isOk, detail })) }),
        text: () =>
          printTable(io, flags, findings, [
            ["CHECK", ({ check }) => check],
            ["OK", ({ isOk }) => isOk ? "yes" : "no", { tone: ({ isOk }) => isOk ? "ok" : "bad" }],
            ["DETAIL", ({ detail }) => detail],
          ]),
      });
      if (!isOk) exitWith(1);
    });
}

function restoredLines(from: string, { kept, inProgress }: RestoreReport): readonly string[] {
  const runs = inProgress === 1 ? "1 run was" : `${inProgress} runs were`;
  return [
    `Restored the database from ${from}`,
    ...kept === null ? [] : [`What was there is now ${kept}`],
    ...inProgress === 0 ? [] : [
      `${runs} in progress then: the scheduler ends each as TIMEOUT once its lease has expired, and its retry follows`,
    ],
  ];
}

function printReport(io: Io, flags: OutputFlags, { tables }: CopyReport): Promise<void> {
  return printTable(io, flags, tables, [
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

/** Says on a terminal how far a copy is while it goes on. */
async function withProgress<Result>(
  io: Io,
  work: (onProgress: (progress: CopyProgress) => void) => Promise<Result>,
): Promise<Result> {
  await using line = new ProgressLine(io);
  return await work(({ table, rows, done, tables, isReadingBack }) =>
    line.show(`${isReadingBack ? "Checking" : "Copying"} ${table}: ${rows} rows; ${done} of ${tables} tables done`)
  );
}

/** Problems of URLs are named by their flag, others by their variable. */
function withFlags({ problems }: Invalid): Invalid {
  return new Invalid(
    problems.map((problem) => ({
      ...problem,
      field: problem.field === "DATABASE_URL" ? problem.field : `--${problem.field}`,
    })),
  );
}
