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
