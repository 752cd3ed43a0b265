/**
 * What a restore does to files of SQLite: it prepares one from a backup, and moves one away that stands in its place.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { Invalid } from "../../domain/errors.ts";
import type { Clock } from "../../time/clock.ts";
import type { Migration } from "../migration.ts";
import { unusable } from "../refusals.ts";
import { backUpSqlite } from "./backup.ts";
import { checkSqlite } from "./check.ts";
import { isBusy, resultCode, translate } from "./errors.ts";
import { companionsOf, statOf } from "./files.ts";
import { inspectPath } from "./inspect.ts";
import { walFits } from "./mark.ts";
import { openFile } from "./open.ts";

/** How long to wait for a lock that another process holds. */
const BUSY_TIMEOUT_MS = 1_000;
/** Result codes of a file that is damaged, or no database. */
const DAMAGED = [11, 26];
/** Checks of a backup that do not matter: the file is for its owner alone, and is brought up to date, in any case. */
const PASSED_OVER = ["mode", "schema"];

const countRow = z.object({ n: z.number() });

/** Options of {@linkcode prepareSqlite}. */
export interface PrepareOptions {
  /** The backup. It is only read. */
  readonly from: string;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
}

/**
 * Writes the content of a backup into the new file `part`, checks it, and brings it up to date. Answers how many runs were in
 * progress when the backup was taken.
 *
 * The counter of lease epochs goes on from the time in microseconds. The backup does not know the epochs that were given out
 * after it, and a worker that still holds one of those must not be able to write about a run that somebody else holds now.
 *
 * @throws {Invalid} with the field `from` when the backup cannot be used, with `to` when the part cannot be written.
 */
export async function prepareSqlite(part: string, { from, migrations, clock }: PrepareOptions): Promise<number> {
  try {
    const found = inspectPath(from, migrations);
    if (found === "missing") throw unusable(from, "there is no such file");
    if (found === "empty") throw unusable(from, "it holds no data of this program");
    await backUpSqlite(part, { path: from, migrations });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    // That the part cannot be written is not the backup's fault.
    throw new Invalid(
      error.problems.map((problem) => ({ ...problem, field: problem.field === "to" ? "to" : "from" })),
    );
  }
  const bad = checkSqlite(part, migrations).find(({ check, isOk }) => !isOk && !PASSED_OVER.includes(check));
  if (bad !== undefined) throw unusable(from, `it is damaged (${bad.check}: ${bad.detail})`, { field: "from" });
  await (await openFile({ path: part, clock, busyTimeoutMs: BUSY_TIMEOUT_MS }, { migrations })).close();
  using db = new DatabaseSync(part);
  db.prepare("PRAGMA journal_mode = DELETE").get();
  db.prepare("UPDATE lease_epoch SET last = max(last, ?)").run(BigInt(clock.now()) * 1000n);
  return countRow.parse(db.prepare("SELECT count(*) AS n FROM job_dispatch WHERE status = 'IN_PROGRESS'").get()).n;
}

/**
 * Gives the database at `path` the name `to`, its companions too. @throws {Invalid} when a process has it open.
 *
 * It is locked meanwhile, and its `-wal` is written into it first, so that it is whole under its new name. A damaged one and one
 * beside a `-wal` of another file are moved as they are.
 */
export function moveAway(path: string, to: string): void {
  using _locked = walFits(path) ? locked(path) : null;
  const { wal, shm } = companionsOf(path);
  for (const [file, suffix] of [[path, ""], [wal, "-wal"], [shm, "-shm"]] as const) {
    if (statOf(file) !== null) Deno.renameSync(file, `${to}${suffix}`);
  }
}

/** The database at `path`, which no other process has open or can open now; null: it is damaged. */
function locked(path: string): DatabaseSync | null {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Leaving WAL mode takes the lock that every process with an open database shares.
    db.prepare("PRAGMA journal_mode = DELETE").get();
    db.prepare("BEGIN EXCLUSIVE").run();
    return db;
  } catch (error) {
    db.close();
    if (DAMAGED.includes(resultCode(error) ?? 0)) return null;
    if (!isBusy(error)) throw translate(error, path);
    throw unusable(path, "a process has it open; stop all services and jobctl, then restore again", { cause: error });
  }
}
