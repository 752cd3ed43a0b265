/**
 * A database whose output was stored before the bytes and lines of its chunks were.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "@jobtrigger/shared/migrations";
import { dispatchId } from "../../shared/domain/mod.ts";
import { type Migrations, openStore } from "../../shared/store/mod.ts";
import { postgres, query } from "../support/postgres.ts";

const before: Migrations = { sqlite: migrations.sqlite.slice(0, 2), postgres: migrations.postgres.slice(0, 1) };
const TEXTS = ["one\ntw", "o\n", "時🕐\n\n"];

/** Fills the older database with an attempt that wrote TEXTS. */
const FILL = (at: string): string => `
  INSERT INTO scheduled_jobs (id, name, script_path, script_args, schedule, timezone, policies, is_active, revision,
    created_at, updated_at, search_key)
  VALUES (1, 'a', 'a.sh', '[]', '{"kind":"manual"}', 'UTC', '{}', ${at === "0" ? "1" : "true"}, 1, ${at}, ${at}, 'a');
  INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, job_revision,
    correlation_id, created_at)
  VALUES (7, 7, 1, ${at}, 'manual', 'PENDING', 0, ${at}, 1, '${crypto.randomUUID()}', ${at});
  ${
  TEXTS.map((data, seq) =>
    `INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data) VALUES (7, ${seq}, 'stdout', ${at}, '${data}');`
  ).join("\n")
}`;

const databases = {
  async SQLite() {
    const directory = await Deno.makeTempDir({ prefix: "jobtrigger-" });
    return {
      url: `sqlite:///${directory}/jobs.db`,
      fill() {
        const db = new DatabaseSync(`${directory}/jobs.db`);
        db.exec(FILL("0"));
        db.close();
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    };
  },
  async PostgreSQL() {
    const database = await (await postgres()).createDatabase();
    return { ...database, fill: () => query(database.url, `${FILL("now()")}`).then(() => {}) };
  },
};

for (const [name, create] of Object.entries(databases)) {
  Deno.test(`${name}: output from before keeps its text, and its bytes and lines are found`, async () => {
    await using database = await create();
    await (await openStore(database.url, { migrations: before, onMade: () => {} })).close();
    await database.fill();
    const { logs, close } = await opened(database.url);
    try {
      const id = dispatchId(7);
      const chunks = await logs.read(id, { fromSeq: 0, maxBytes: 1000 });
      assert.deepEqual(
        chunks.map(({ seq, stream, data }) => [seq, stream, data]),
        TEXTS.map((d, i) => [i, "stdout", d]),
      );
      assert.deepEqual(await logs.end(id), { seq: 3, offset: 17, line: 5 });
      assert.deepEqual(await logs.find(id, { line: 4 }), { seq: 2, offset: 8, line: 3 });
    } finally {
      await close();
    }
  });
}

async function opened(url: string) {
  const store = await openStore(url, { migrations });
  return { logs: store.logs, close: () => store.close() };
}
