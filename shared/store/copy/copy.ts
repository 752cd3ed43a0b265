/**
 * Copies all that one database holds to another, of whichever kind each is.
 *
 * The source is read as it was at one moment, in one transaction; the target is written in one, so that it holds either all or
 * nothing. Before that transaction ends, the target is read back, and each table's checksum is compared with what was read
 * from the source. Ids stay, and the counters of ids and lease epochs go on where they were.
 *
 * @module
 */
import { type DatabaseTarget, parseDatabaseUrl } from "../../config/database_url.ts";
import { Invalid, StoreUnavailable } from "../../domain/errors.ts";
import { type Clock, systemClock } from "../../time/clock.ts";
import type { Migrations, OnMade } from "../migration.ts";
import { Checksum } from "./cells.ts";
import { planCopy } from "./plan.ts";
import { type CopiedTable, CopyFailed, type Side, type Target } from "./side.ts";
import { withSqliteSource, withSqliteTarget } from "./sqlite.ts";
import { assertQuiet } from "./quiet.ts";

/** Options of {@linkcode copyDatabase}. */
export interface CopyOptions {
  /** URL of the source, in all forms that `openStore` takes. */
  readonly from: string;
  /** The target; it must be empty. */
  readonly to: string;
  /** The schema, as `shared/migrations` has it. */
  readonly migrations: Migrations;
  /** Copy even if workers seem to be running on the source. */
  readonly force: boolean;
  /** Told the path of the target when that is a file and had to be made: naming it as the target is asking for it. */
  readonly onMade?: OnMade;
  /** Told how far it is, with each batch of rows. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** The time where the source is a file. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** How far a copy is. */
export interface CopyProgress {
  /** The table that it is at. */
  readonly table: string;
  /** Rows of that table that are written, or read back. */
  readonly rows: number;
  /** How many tables are done. */
  readonly done: number;
  /** How many tables there are. */
  readonly tables: number;
  /** Whether the target is read back, once all is written. */
  readonly isReadingBack: boolean;
}

/** The result for one table. */
export interface CopiedTableReport {
  /** Its name. */
  readonly table: string;
  /** Rows of the source. */
  readonly rows: number;
  /** Of the source's rows in canonical form; 32 hexadecimal digits. */
  readonly checksum: string;
  /** Whether the target holds the same. */
  readonly isSame: boolean;
}

/** The result of a copy. */
export interface CopyReport {
  /** One report for each table, in the order of copying. */
  readonly tables: readonly CopiedTableReport[];
  /** Whether every table is the same in the target. If not, the target is as empty as it was. */
  readonly isDone: boolean;
}

/** Ends the transaction of the target and keeps nothing. */
class Undo extends Error {
  readonly report: CopyReport;

  constructor(report: CopyReport) {
    super("The copy differs");
    this.report = report;
  }
}

/**
 * Copies one database to another, which has to be empty and is brought up to date first.
 *
 * @throws {Invalid} with the fields `from` and `to`, when a database cannot be used: the source is not ours, not up to date, or
 * in use by workers; the target is not ours or not empty.
 * @throws {CopyFailed} when the two do not have the same tables, or writing failed.
 * @throws {StoreUnavailable} when a database does not answer. Whatever is thrown, the target holds no rows.
 */
export async function copyDatabase(options: CopyOptions): Promise<CopyReport> {
  const { force } = options;
  try {
    return await withSource(options, async (source) => {
      if (!force) await assertQuiet(source);
      return await withTarget(options, async (target) => {
        const report = await copyTables(source, target, options.onProgress);
        if (!report.isDone) throw new Undo(report);
        return report;
      });
    });
  } catch (error) {
    if (error instanceof Undo) return error.report;
    throw error;
  }
}

async function copyTables(
  source: Side,
  target: Target,
  onProgress: CopyOptions["onProgress"] = () => {},
): Promise<CopyReport> {
  const plan = planCopy(await source.tables(), await target.tables());
  const written: { readonly table: CopiedTable; readonly sum: Checksum }[] = [];
  const report = (done: number, table: CopiedTable, isReadingBack: boolean) => ({ rows }: Checksum) =>
    onProgress({ table: table.name, rows, done, tables: plan.length, isReadingBack });
  for (const [done, table] of plan.entries()) {
    written.push({ table, sum: await copyTable(table, { source, target, onBatch: report(done, table, false) }) });
  }
  await target.moveOn(await source.counters());
  const tables: CopiedTableReport[] = [];
  for (const [done, { table, sum }] of written.entries()) {
    const found = await checksumOf(table, { side: target, onBatch: report(done, table, true) });
    const isSame = found.rows === sum.rows && String(found) === String(sum);
    tables.push({ table: table.name, rows: sum.rows, checksum: String(sum), isSame });
  }
  return { tables, isDone: tables.every(({ isSame }) => isSame) };
}

async function copyTable(
  table: CopiedTable,
  { source, target, onBatch }: {
    readonly source: Side;
    readonly target: Target;
    readonly onBatch: (sum: Checksum) => void;
  },
): Promise<Checksum> {
  const sum = new Checksum();
  for await (const rows of source.read(table)) {
    for (const row of rows) sum.add(row);
    try {
      await target.write(table, rows);
    } catch (error) {
      if (error instanceof StoreUnavailable || !(error instanceof Error)) throw error;
      throw new CopyFailed(`Cannot write ${table.name} to ${target.where}: ${error.message}; nothing was kept there`, {
        cause: error,
      });
    }
    onBatch(sum);
  }
  return sum;
}

async function checksumOf(
  table: CopiedTable,
  { side, onBatch }: { readonly side: Side; readonly onBatch: (sum: Checksum) => void },
): Promise<Checksum> {
  const sum = new Checksum();
  for await (const rows of side.read(table)) {
    for (const row of rows) sum.add(row);
    onBatch(sum);
  }
  return sum;
}

function withSource<Result>(options: CopyOptions, work: (source: Side) => Promise<Result>): Promise<Result> {
  const { migrations, clock = systemClock } = options;
  return named(
    "from",
    options.from,
    async (database) => {
      if (database.kind === "sqlite") {
        return await withSqliteSource({ path: database.path, migrations: migrations.sqlite, clock }, work);
      }
      const { withPostgresSource } = await import("./postgres.ts");
      return await withPostgresSource({ url: database.url, migrations: migrations.postgres }, work);
    },
  );
}

function withTarget<Result>(options: CopyOptions, work: (target: Target) => Promise<Result>): Promise<Result> {
  const { migrations, clock = systemClock, onMade = () => {} } = options;
  return named(
    "to",
    options.to,
    async (database) => {
      if (database.kind === "sqlite") {
        return await withSqliteTarget({ path: database.path, migrations: migrations.sqlite, clock, onMade }, work);
      }
      const { withPostgresTarget } = await import("./postgres.ts");
      return await withPostgresTarget({ url: database.url, migrations: migrations.postgres }, work);
    },
  );
}

/** Names the one of two databases that a message about DATABASE_URL means here. */
async function named<Result>(
  side: "from" | "to",
  url: string,
  work: (database: DatabaseTarget) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(parseDatabaseUrl(url));
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(
      error.problems.map((problem) => ({ ...problem, field: problem.field === "DATABASE_URL" ? side : problem.field })),
    );
  }
}
