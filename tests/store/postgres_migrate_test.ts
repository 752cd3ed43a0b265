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
