import { sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { Lists } from "../lists.ts";

/** The lists in the SQL of SQLite. */
export const lists: Lists = new Lists({
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  instant: (ms) => sql.val(ms),
  yes: sql.lit(1),
  hasLateral: false,
});
