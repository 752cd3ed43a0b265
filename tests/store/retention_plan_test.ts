/**
 * How the databases look for old history while there is much that is young: by indexes, never over a whole table.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  OLD_OCCURRENCES as POSTGRES,
  SURPLUS_OCCURRENCES as POSTGRES_SURPLUS,
} from "../../shared/store/postgres/retention.ts";
import {
  OLD_OCCURRENCES as SQLITE,
  SURPLUS_OCCURRENCES as SQLITE_SURPLUS,
} from "../../shared/store/sqlite/retention.ts";
import { openPostgresTestStore, openTestStore } from "../support/store.ts";
import { given } from "./_given.ts";

/** Rows of history: one in a hundred is old, one in ten failed. */
const ROWS = 20_000;

const COLUMNS =
  "id, job_id, root_id, scheduled_for, trigger, status, retry_count, available_at, completed_at, job_revision, " +
  "correlation_id, created_at";

Deno.test("SQLite: old and surplus occurrences are found by indexes", async () => {
  await using test = await openTestStore();
  await given(test.store);
  const rows = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})`;
  await test.sql(`
    INSERT INTO job_dispatch (${COLUMNS})
    ${rows} SELECT i, 1, i, i, 'manual', iif(i % 10 = 0, 'FAILED', 'COMPLETED'), 0, i, i, 1, i, i FROM n`);
  await test.sql(`
    INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, duration_ms, log_bytes, truncated)
    ${rows} SELECT i, 1, i, iif(i % 10 = 0, 'FAILURE', 'SUCCESS'), 0, 0, 0 FROM n`);
  const old = SQLITE.replaceAll(":before", String(ROWS / 100)).replace(":limit", "200");
  const surplus = SQLITE_SURPLUS.replace(":jobId", "1").replaceAll(":cutoff", String(ROWS / 100)).replace(
    ":limit",
    "200",
  );
  for (const sql of [old, surplus]) {
    const plan = await test.sql(`EXPLAIN QUERY PLAN ${sql}`);
    const steps = plan.map(({ detail }) => String(detail));
    assert.deepEqual(steps.filter((step) => /^SCAN (?!CONSTANT ROW)/.test(step)), [], steps.join("\n"));
  }
});

Deno.test("PostgreSQL: old and surplus occurrences are found by indexes", async () => {
  await using test = await openPostgresTestStore();
  await given(test.store);
  const time = "to_timestamp(1000000000 + i)";
  await test.sql(`
    INSERT INTO job_dispatch (${COLUMNS})
    SELECT i, 1, i, ${time}, 'manual', CASE WHEN i % 10 = 0 THEN 'FAILED' ELSE 'COMPLETED' END, 0, ${time}, ${time}, 1, i, ${time}
    FROM generate_series(1, ${ROWS}) AS i`);
  await test.sql(`
    INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, duration_ms, log_bytes, truncated)
    SELECT i, 1, ${time}, CASE WHEN i % 10 = 0 THEN 'FAILURE' ELSE 'SUCCESS' END, 0, 0, false
    FROM generate_series(1, ${ROWS}) AS i`);
  await test.sql("VACUUM ANALYZE job_dispatch");
  await test.sql("VACUUM ANALYZE job_execution_logs");
  const before = `to_timestamp(${1_000_000_000 + ROWS / 100})`;
  const old = POSTGRES.text.replaceAll("$1", before).replaceAll("$2", "200");
  const surplus = POSTGRES_SURPLUS.text.replaceAll("$1", "1").replaceAll("$2", String(ROWS / 100)).replaceAll(
    "$3",
    "200",
  );
  for (const sql of [old, surplus]) {
    const plan = await test.sql(`EXPLAIN ${sql}`);
    const steps = plan.map((row) => String(Object.values(row)[0]));
    const scans = steps.filter((step) => /Seq Scan on job_(dispatch|execution_logs)/.test(step));
    assert.deepEqual(scans, [], steps.join("\n"));
  }
});
