import { by } from "../support/actor.ts";
import assert from "node:assert/strict";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { openPostgresTestStore } from "../support/store.ts";
import { finish } from "../support/attempts.ts";
import { A, at, B, claimOne, enter, given, LEASE_MS, manual, outcome } from "./_given.ts";

/** Resolves when a session of the database waits for another's lock; rejects when `work` is over before that. */
async function waitsForLock(client: pg.Client, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  work.finally(() => isOver = true).catch(() => {});
  for (;;) {
    const { rows } = await client.query(
      "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()",
    );
    if (rows.length > 0) return;
    assert.ok(!isOver, "it waited for no lock");
  }
}

Deno.test("a heartbeat locks its worker after its runs, as reports do: they never deadlock", async () => {
  await using test = await openPostgresTestStore();
  const { store } = test;
  await enter(store, A);
  const run = await store.runs.runNow(manual(await given(store), { now: at(1) }));
  const claim = await claimOne(store, A, at(2));
  const other = new pg.Client({ connectionString: test.url });
  await other.connect();
  try {
    await other.query("BEGIN");
    await other.query("SELECT 1 FROM job_dispatch WHERE id = $1 FOR UPDATE", [run.id]);
    const beat = store.queue.heartbeat({ workerId: A, held: [claim], status: "BUSY", leaseMs: LEASE_MS, now: at(3) });
    await waitsForLock(other, beat);
    // A report that has locked the run counts it in the worker's row next.
    await other.query("SELECT 1 FROM worker_registration WHERE worker_id = $1 FOR UPDATE NOWAIT", [A]);
    await other.query("COMMIT");
    assert.deepEqual(await beat, { lost: [], known: true, drains: false });
  } finally {
    await other.end();
  }
});

Deno.test("a session that begins while its user's password is being changed waits, and does not begin", async () => {
  await using test = await openPostgresTestStore();
  const { store } = test;
  const nobody = { role: null, grants: [], isService: false, externalId: null };
  const { id: userId } = await store.users.create({ ...nobody, name: "alice", passwordHash: "old" }, by(at(0)));
  const other = new pg.Client({ connectionString: test.url });
  await other.connect();
  try {
    await other.query("BEGIN");
    await other.query("UPDATE users SET password_hash = 'new' WHERE id = $1", [userId]);
    await other.query("DELETE FROM sessions WHERE user_id = $1", [userId]);
    const place = { method: "password", address: "192.0.2.1", userAgent: "" } as const;
    const begun = store.sessions.begin(
      { userId, secretHash: "a".repeat(64), ...place, passwordHash: "old" },
      by(at(1)),
    );
    await waitsForLock(other, begun);
    await other.query("COMMIT");
    assert.equal(await begun, null);
    assert.deepEqual(await store.sessions.list(userId, at(2)), []);
  } finally {
    await other.end();
  }
});

/** The second of two runs of a job fails while the report of the first's success, or the other way round, has begun and waits. */
async function failsBesideSuccess(
  { failsFirst, wasFailing }: { readonly failsFirst: boolean; readonly wasFailing: boolean },
): Promise<{ readonly atOnce: number; readonly counted: number }> {
  await using test = await openPostgresTestStore();
  const { store } = test;
  await enter(store, A);
  await enter(store, B);
  await store.statistics.rollUp({ limit: 100 });
  const job = await given(store, {}, null);
  const run = async (worker: typeof A, seconds: number) => {
    await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
    return await claimOne(store, worker, at(seconds));
  };
  const failed = { outcome: outcome("FAILED"), retryAt: null, now: at(9) };
  if (wasFailing) await finish(store, await run(A, 0), failed);
  const [older, newer] = [await run(failsFirst ? B : A, 1), await run(failsFirst ? A : B, 2)];
  const [succeeding, failing] = failsFirst ? [newer, older] : [older, newer];
  const other = new pg.Client({ connectionString: test.url });
  await other.connect();
  try {
    // The report has judged which jobs fail when it counts its end in the worker's row.
    await other.query("BEGIN");
    await other.query("SELECT 1 FROM worker_registration WHERE worker_id = $1 FOR UPDATE", [A]);
    const success = finish(store, succeeding, { outcome: outcome("COMPLETED"), retryAt: null, now: at(10) });
    await waitsForLock(other, success);
    const failure = finish(store, failing, failed);
    if (!wasFailing) await failure;
    await other.query("COMMIT");
    await Promise.all([success, failure]);
  } finally {
    await other.end();
  }
  const count = async () => (await store.jobs.failing({ limit: 10 })).length;
  const atOnce = await count();
  await store.statistics.rollUp({ limit: 100 });
  return { atOnce, counted: await count() };
}

Deno.test("a failure written while a newer success is being written makes a job fail until both are counted", async () => {
  assert.deepEqual(await failsBesideSuccess({ failsFirst: true, wasFailing: false }), { atOnce: 1, counted: 0 });
});

Deno.test("a success that ends the failing of a job while a newer run fails does not hide that", async () => {
  assert.deepEqual(await failsBesideSuccess({ failsFirst: false, wasFailing: true }), { atOnce: 1, counted: 1 });
});
