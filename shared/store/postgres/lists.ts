import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import { Lists } from "../lists.ts";

/** The lists in the SQL of PostgreSQL. */
export const lists: Lists = new Lists({
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  instant: (ms) => sql`to_timestamp(${ms}::float8 / 1000)`,
  yes: sql.lit(true),
  hasLateral: true,
});
