import { DatabaseSync } from "node:sqlite";
import { basename } from "node:path";
import { z } from "zod";
import { Invalid, StoreUnavailable } from "../../domain/errors.ts";
import { type Finding, schemaFinding } from "../finding.ts";
import type { Migration } from "../migration.ts";
import { translate } from "./errors.ts";
import { companionsOf, statOf } from "./files.ts";
import { inspectTables, lostWal } from "./inspect.ts";
import { unusable } from "../refusals.ts";
import { walFits } from "./mark.ts";

/** How long to wait for a lock that another process holds. */
const BUSY_TIMEOUT_MS = 5_000;
/** Most problems of a kind that are named. */
const NAMED = 5;

const integrityRows = z.array(z.object({ integrity_check: z.string() }));
const foreignKeyRows = z.array(z.object({ table: z.string(), rowid: z.number().nullable(), parent: z.string() }));

/** Looks whether the database at `path` is whole. @throws {Invalid} when there is none, or it is not ours. */
export function checkSqlite(path: string, migrations: readonly Migration[]): readonly Finding[] {
  const file = statOf(path);
  if (file === null) throw unusable(path, "there is no such file; name another");
  const files = [modeFinding(file), walFinding(path)];
  // SQLite would replay a -wal that does not fit.
  if (files.some(({ check, isOk }) => check === "wal" && !isOk)) return files;
  return [...files, ...contentFindings(path, migrations)];
}

function modeFinding({ mode }: Deno.FileInfo): Finding {
  const found = (mode ?? 0) & 0o777;
  const isOk = Deno.build.os === "windows" || (found & 0o007) === 0;
  const text = found.toString(8).padStart(4, "0");
  return { check: "mode", isOk, detail: isOk ? text : `${text}: others may read or write the file; chmod 600` };
}

function walFinding(path: string): Finding {
  // To open the file would make a -wal beside the one that others still write to.
  const lost = lostWal(path);
  if (lost !== null) return { check: "wal", isOk: false, detail: lost };
  const { wal } = companionsOf(path);
  const size = statOf(wal)?.size ?? 0;
  const isOk = size === 0 || walFits(path);
  const detail = !isOk
    ? `${basename(wal)} was not written on this file: move it away, or put the file back that it belongs to`
    : size === 0
    ? "empty: the file alone holds everything"
    : `${size} bytes are in ${basename(wal)} alone: a copy needs both files`;
  return { check: "wal", isOk, detail };
}

function contentFindings(path: string, migrations: readonly Migration[]): readonly Finding[] {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    const integrity = integrityRows.parse(db.prepare("PRAGMA integrity_check").all()).map((row) => row.integrity_check);
    const orphans = foreignKeyRows.parse(db.prepare("PRAGMA foreign_key_check").all());
    return [
      finding("integrity", integrity.filter((line) => line !== "ok")),
      finding(
        "foreign keys",
        orphans.map(({ table, rowid, parent }) => `row ${rowid} of ${table} refers to no ${parent}`),
      ),
      schemaFinding(inspectTables(db, path, migrations), migrations),
    ];
  } catch (error) {
    if (error instanceof Invalid) throw error;
    const reason = translate(error, path);
    if (!(reason instanceof StoreUnavailable)) throw error;
    return [{ check: "integrity", isOk: false, detail: `${reason.message}; restore a backup` }];
  } finally {
    db?.close();
  }
}

function finding(check: string, problems: readonly string[]): Finding {
  const more = problems.length > NAMED ? `; and ${problems.length - NAMED} more` : "";
  const detail = problems.length === 0 ? "ok" : `${problems.slice(0, NAMED).join("; ")}${more}; restore a backup`;
  return { check, isOk: problems.length === 0, detail };
}
