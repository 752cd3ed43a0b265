/**
 * How the databases find the jobs of a label among many: by its index, never over all jobs.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { Lists } from "../../shared/store/lists.ts";
import { openPostgresTestStore, openTestStore } from "../support/store.ts";

/** One job in a hundred has the label. */
const JOBS = 20_000;

const COLUMNS =
  "id, name, script_path, script_args, schedule, timezone, policies, is_active, revision, created_at, updated_at, search_key";
const ROW = `i, 'Job ' || i, 'a.sh', '[]', '{"kind":"manual"}', 'UTC', '{}'`;

const SORTS = ["name", "nextRun", "id"] as const;

/** The list of the label's jobs in some order, its parameters written in. */
function listOf(lists: Lists, sort: typeof SORTS[number]): string {
  const { sql: text, parameters } = lists.jobs.page({ labels: [["eu"]], sort, limit: 50 });
  assert.deepEqual(parameters, ["eu", 51]);
  return text.replace(/\?|\$1/, "'eu'").replace(/\?|\$2/, "51");
}

Deno.test("SQLite: the jobs of a label are found by its index", async () => {
  await using test = await openTestStore();
  const rows = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${JOBS})`;
  await test.sql(`INSERT INTO scheduled_jobs (${COLUMNS}) ${rows} SELECT ${ROW}, 1, 1, 0, 0, 'job ' || i FROM n`);
  await test.sql("INSERT INTO job_labels (label, job_id) SELECT 'eu', id FROM scheduled_jobs WHERE id % 100 = 0");
  const lists = new Lists({
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    instant: (ms) => sql.val(ms),
    yes: sql.lit(1),
    hasLateral: false,
  });
  for (const sort of SORTS) {
    const plan = await test.sql(`EXPLAIN QUERY PLAN ${listOf(lists, sort)}`);
    const steps = plan.map(({ detail }) => String(detail));
    assert.deepEqual(steps.filter((step) => step.startsWith("SCAN")), [], steps.join("\n"));
    assert.ok(steps.some((step) => step.includes("SEARCH job_labels USING PRIMARY KEY (label=?")), steps.join("\n"));
  }
});

Deno.test("PostgreSQL: the jobs of a label are found by its index", async () => {
  await using test = await openPostgresTestStore();
  await test.sql(`
    INSERT INTO scheduled_jobs (${COLUMNS})
    SELECT ${
    ROW.replaceAll("'[]'", "'[]'::jsonb").replace(/'\{[^']*\}'/g, "$&::jsonb")
  }, true, 1, now(), now(), 'job ' || i
    FROM generate_series(1, ${JOBS}) AS i`);
  await test.sql("INSERT INTO job_labels (label, job_id) SELECT 'eu', id FROM scheduled_jobs WHERE id % 100 = 0");
  // As the store's own sessions have it.
  await test.sql("SELECT set_config('enable_seqscan', 'off', false)");
  await test.sql("VACUUM ANALYZE scheduled_jobs");
  await test.sql("VACUUM ANALYZE job_labels");
  const lists = new Lists({
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    instant: (ms) => sql.val(ms),
    yes: sql.lit(true),
    hasLateral: true,
  });
  for (const sort of SORTS) {
    const plan = await test.sql(`EXPLAIN ANALYZE ${listOf(lists, sort)}`);
    const steps = plan.map((row) => String(Object.values(row)[0]));
    // The jobs that were read are not many more than those that have the label.
    const read = steps.filter((step) => /on scheduled_jobs/.test(step)).map((step) => {
      const [, rows, loops] = /actual .*rows=([\d.]+) loops=(\d+)/.exec(step) ?? [];
      return Number(rows) * Number(loops);
    });
    assert.ok(Math.max(...read) <= JOBS / 50, steps.join("\n"));
  }
});
