import { z } from "zod";
import { type Finding, schemaFinding } from "../finding.ts";
import type { Migration } from "../migration.ts";
import { Connection } from "./connection.ts";
import { inspect } from "./migrate.ts";

const names = z.array(z.object({ name: z.string() }));

/** Indexes that a broken-off build has left unusable, and constraints that were never checked on the rows there are. */
const INVALID = {
  indexes: `
    SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid ORDER BY 1`,
  constraints: `
    SELECT conname AS name FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND NOT convalidated ORDER BY 1`,
};

/** Looks for faults that the server does not notice itself. @throws {Invalid} when the database is not ours. */
export async function checkPostgres(url: string, migrations: readonly Migration[]): Promise<readonly Finding[]> {
  const db = new Connection({ url, max: 1 });
  try {
    const findings = [schemaFinding(await inspect(db, db, migrations), migrations)];
    for (const [check, sql] of Object.entries(INVALID)) {
      const invalid = names.parse(await db.all(sql)).map(({ name }) => name);
      const detail = invalid.length === 0 ? "ok" : `not valid: ${invalid.join(", ")}`;
      findings.push({ check, isOk: invalid.length === 0, detail });
    }
    return findings;
  } finally {
    await db.close();
  }
}
