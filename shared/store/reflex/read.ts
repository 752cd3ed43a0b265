/**
 * Reads a database of the Reflex system, on SQLite or PostgreSQL.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { parseDatabaseUrl } from "../../config/database_url.ts";
import { Invalid } from "../../domain/errors.ts";
import { whyNot } from "../../domain/system_error.ts";
import { unusable } from "../refusals.ts";
import { resultCode, translate } from "../sqlite/errors.ts";
import { statOf } from "../sqlite/files.ts";
import { type ReflexSource, reflexSource, type TextSource } from "./source.ts";

/** How long to wait for a lock that the old system holds. */
const BUSY_TIMEOUT_MS = 10_000;
/** How long the target may take between two questions. */
const IDLE_MS = 600_000;

/** SQLITE_CANTOPEN, SQLITE_CORRUPT and SQLITE_NOTADB (https://sqlite.org/rescode.html). */
const NO_DATABASE: readonly number[] = [14, 11, 26];

const textRow = z.record(z.string(), z.string().nullable());
const nameRow = z.object({ name: z.string() });

/**
 * Runs `work` on the old database as it is now, whatever the old system writes meanwhile. It is opened for reading only.
 * @throws {Invalid} of the field `from` when it is not a database of the Reflex system.
 */
export async function readReflex<Result>(
  url: string,
  work: (source: ReflexSource) => Promise<Result>,
): Promise<Result> {
  const target = parseFrom(url);
  return target.kind === "sqlite" ? await withFile(target.path, work) : await withServer(target.url, work);
}

async function withFile<Result>(path: string, work: (source: ReflexSource) => Promise<Result>): Promise<Result> {
  const problem = problemOf(path);
  if (problem !== null) throw unusable(path, problem, { field: "from" });
  let db: DatabaseSync | null = null;
  try {
    const opened = db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    opened.prepare("BEGIN").run();
    return await reading({
      where: path,
      columns: (table) =>
        Promise.resolve(
          opened.prepare("SELECT name FROM pragma_table_info(?)").all(table).map((row) => nameRow.parse(row).name),
        ),
      all: (sql, parameters = []) =>
        Promise.resolve(opened.prepare(sql).all(...parameters).map((row) => textRow.parse(row))),
    }, work);
  } catch (error) {
    throw NO_DATABASE.includes(resultCode(error) ?? 0)
      ? unusable(path, "it is not a SQLite database, or it is damaged", { field: "from", cause: error })
      : translate(error, path);
  } finally {
    db?.close();
  }
}

async function withServer<Result>(url: string, work: (source: ReflexSource) => Promise<Result>): Promise<Result> {
  // Only who reads from PostgreSQL loads its driver.
  const { Connection } = await import("../postgres/connection.ts");
  const connection = new Connection({ url, max: 1 });
  try {
    return await connection.transaction(async (session) => {
      await session.all("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      await session.all("SET LOCAL TimeZone = 'UTC'");
      return await reading({
        where: connection.where,
        columns: async (table) => {
          const rows = await session.all(
            "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
            [table],
          );
          return rows.map((row) => nameRow.parse(row).name);
        },
        all: async (sql, parameters = []) => {
          let index = 0;
          const numbered = sql.replaceAll("?", () => `$${++index}`);
          return (await session.all(numbered, parameters)).map((row) => textRow.parse(row));
        },
      }, work);
    }, { idleMs: IDLE_MS });
  } finally {
    await connection.close();
  }
}

async function reading<Result>(source: TextSource, work: (source: ReflexSource) => Promise<Result>): Promise<Result> {
  const reflex = await reflexSource(source);
  if (reflex !== null) return await work(reflex);
  throw unusable(source.where, "it has no table scheduled_jobs of the Reflex system", { field: "from" });
}

function problemOf(path: string): string | null {
  try {
    const found = statOf(path);
    if (found === null) return "there is no such file";
    return found.isDirectory ? "it is a directory; name a file in it" : null;
  } catch (error) {
    return whyNot(error);
  }
}

/** Problems of the URL are of the field `from`. */
function parseFrom(url: string): ReturnType<typeof parseDatabaseUrl> {
  try {
    return parseDatabaseUrl(url);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(error.problems.map((problem) => ({ ...problem, field: "from" })));
  }
}
