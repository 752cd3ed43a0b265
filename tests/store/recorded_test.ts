/**
 * A database whose jobs are older than the history of jobs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "@jobtrigger/shared/migrations";
import { DEFAULT_POLICIES, definitionOf, jobId } from "../../shared/domain/mod.ts";
import { type Migrations, openStore } from "../../shared/store/mod.ts";
import { postgres, query } from "../support/postgres.ts";
import { at } from "./_given.ts";

const isBefore = ({ name }: { readonly name: string }) => name < "0011";
const before: Migrations = {
  sqlite: migrations.sqlite.filter(isBefore),
  postgres: migrations.postgres.filter(isBefore),
};

/** One job at its fourth revision, and one that was deleted. */
const fill = (instant: string, [yes, no]: readonly [string, string]): string => `
  INSERT INTO scheduled_jobs (id, name, script_path, script_args, schedule, timezone, policies, is_active, revision,
    created_at, updated_at, search_key, deleted_at)
  VALUES
    (1, 'It''s "old" 🚀', 'a.sh', '["x", "\\u0007"]', '{"kind":"daily","time":"09:00"}', 'Asia/Hong_Kong',
      '{"env":{"A":"1"},"priority":3}', ${yes}, 4, ${instant}, ${instant}, 'a', NULL),
    (2, 'Gone', 'b.sh', '[]', '{"kind":"manual"}', 'UTC', '{}', ${no}, 2, ${instant}, ${instant}, 'b', ${instant})`;

const databases = {
  async SQLite() {
    const directory = await Deno.makeTempDir({ prefix: "jobtrigger-" });
    return {
      url: `sqlite:///${directory}/jobs.db`,
      fill() {
        const db = new DatabaseSync(`${directory}/jobs.db`);
        db.exec(fill(String(at(5)), ["1", "0"]));
        db.close();
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    };
  },
  async PostgreSQL() {
    const database = await (await postgres()).createDatabase();
    const instant = `to_timestamp(${at(5) / 1000})`;
    return { ...database, fill: () => query(database.url, fill(instant, ["true", "false"])).then(() => {}) };
  },
};

for (const [name, create] of Object.entries(databases)) {
  Deno.test(`${name}: a job from before has its definition as its first revision, of nobody known`, async () => {
    await using database = await create();
    await (await openStore(database.url, { migrations: before, onMade: () => {} })).close();
    await database.fill();
    const { jobs, close } = await openStore(database.url, { migrations });
    try {
      const job = await jobs.get(jobId(1));
      assert.ok(job !== null);
      assert.deepEqual([job.key, job.managedBy, job.labels], [null, null, []]);
      const definition = {
        name: `It's "old" 🚀`,
        key: null,
        labels: [],
        scriptPath: "a.sh",
        scriptArgs: ["x", "\u0007"],
        schedule: { kind: "daily", time: "09:00" },
        timezone: "Asia/Hong_Kong",
        policies: { ...DEFAULT_POLICIES, env: { A: "1" }, priority: 3 },
      };
      assert.deepEqual(definitionOf(job), definition);
      const change = { action: "recorded" };
      const recorded = { revision: 4, at: at(5), actor: null, change, definition, damage: null };
      assert.deepEqual(await jobs.revisions(job.id, { limit: 10 }), [{ jobId: job.id, ...recorded }]);
      assert.equal((await jobs.revisions(jobId(2), { limit: 10 }))[0]?.definition?.name, "Gone");
    } finally {
      await close();
    }
  });
}
