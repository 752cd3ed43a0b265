import { unusable } from "./refusals.ts";

/** One step of the schema. */
export interface Migration {
  /** The name of its file without the ending, such as `0001_core`. */
  readonly name: string;
  /** Its statements. */
  readonly sql: string;
}

/** The steps of each database, in order. */
export interface Migrations {
  /** Those of SQLite. */
  readonly sqlite: readonly Migration[];
  /** Those of PostgreSQL. */
  readonly postgres: readonly Migration[];
}

/** Called with the path or URL of a database that was made. */
export type OnMade = (where: string) => void;

/**
 * Checks that this program has all steps that a database has `applied`.
 * @throws {Invalid} naming one that it does not have: a newer version of the program made the database.
 */
export function assertNotNewer(
  where: string,
  applied: ReadonlySet<string>,
  migrations: readonly Migration[],
): void {
  const unknown = [...applied].find((name) => !migrations.some((migration) => migration.name === name));
  if (unknown === undefined) return;
  throw unusable(
    where,
    `it was made by a newer version of this program (it has step ${unknown}); upgrade the program, or restore a backup from before`,
  );
}
