import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { Connection } from "../../shared/store/postgres/connection.ts";
import { migrate } from "../../shared/store/postgres/migrate.ts";
import { postgres, query } from "../support/postgres.ts";

Deno.test("a step of the schema may take longer than any other statement", async () => {
  await using database = await (await postgres()).createDatabase();
  const db = new Connection({ url: database.url, max: 1, queryMs: 500 });
  try {
    await assert.rejects(db.all("SELECT pg_sleep(1)"), /timeout/);
    await migrate(db, [...migrations.postgres, { name: "9999_slow", sql: "SELECT pg_sleep(1)" }]);
  } finally {
    await db.close();
  }
  const [last] = await query(database.url, "SELECT max(name) AS name FROM schema_migrations");
  assert.equal(last?.["name"], "9999_slow");
});

Deno.test("a database of the Reflex system is refused and left as it is, whether or not it lists its own steps", async () => {
  await using database = await (await postgres()).createDatabase();
  const db = new Connection({ url: database.url, max: 1, queryMs: 5000 });
  const tables = async () =>
    await query(database.url, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname !~ '^(pg_|sql_)'");
  try {
    for (const made of ["scheduled_jobs (id serial, name text)", "alembic_version (version_num text)"]) {
      await query(database.url, `CREATE TABLE ${made}`);
      const before = await tables();
      await assert.rejects(
        migrate(db, migrations.postgres),
        /is a database of the Reflex system.*import reflex --from URL/,
      );
      assert.deepEqual(await tables(), before);
    }
  } finally {
    await db.close();
  }
});
