import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { Invalid } from "../../shared/domain/mod.ts";
import { openStore, type Store } from "../../shared/store/mod.ts";
import { postgres, query } from "../support/postgres.ts";
import { A, at, claimOne, dispatch, enter, given, LEASE_MS, manual, outcome } from "./_given.ts";
import { by } from "../support/actor.ts";

/** The grants of `docs/postgresql.md` for services that run as another role than the owner. */
const GRANTS = [
  "GRANT USAGE ON SCHEMA public TO",
  "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO",
  "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO",
];

/** A database that is its owner's, and a role that owns nothing; `url` is the role's. */
async function withRole(
  work: (role: { readonly url: string; readonly owner: string; readonly name: string }) => Promise<void>,
) {
  await using database = await (await postgres()).createDatabase();
  const name = `role_${crypto.randomUUID().replaceAll("-", "")}`;
  await query(database.url, `CREATE ROLE ${name} LOGIN`);
  try {
    const url = new URL(database.url);
    url.username = name;
    await work({ url: url.href, owner: database.url, name });
  } finally {
    await query(database.url, `DROP OWNED BY ${name}`);
    await query(database.url, `DROP ROLE ${name}`);
  }
}

Deno.test("services run as a role that may read and write rows and nothing else", () =>
  withRole(async ({ url, owner, name }) => {
    await (await openStore(owner, { migrations })).close();
    for (const grant of GRANTS) await query(owner, `${grant} ${name}`);
    const store = await openStore(url, { migrations });
    try {
      await doEverything(store);
    } finally {
      await store.close();
    }
  }));

async function doEverything(store: Store): Promise<void> {
  const position = await store.events.register("alerts");
  await enter(store, A);
  const job = await given(store);
  assert.equal((await dispatch(store, at(61))).runs.length, 1);
  const held = await claimOne(store, A, at(62));
  await store.queue.markStarted([{ ...held, startedAt: at(62), timeoutAt: at(99) }]);
  const chunks = [{ seq: 0, stream: "stdout" as const, at: at(63), data: "x" }];
  assert.deepEqual(await store.queue.appendLogs([{ ...held, chunks }]), []);
  await store.queue.heartbeat({ workerId: A, held: [held], status: "BUSY", leaseMs: LEASE_MS, now: at(64) });
  const end = { ...held, outcome: outcome("FAILED"), startedAt: at(62), endedAt: at(65), retryAt: at(70) };
  assert.deepEqual(await store.queue.finish([end]), []);
  await store.runs.runNow(manual(job, { force: true, now: at(66) }));
  await claimOne(store, A, at(80));
  assert.equal(
    (await store.scheduling.rescue({ now: at(9000), overdueMs: 1, limit: 10, retryAt: () => null })).length,
    1,
  );
  await store.jobs.remove(job.id, { ...by(at(9001)) });
  const to = (await store.events.read({ after: position, limit: 10 })).at(-1)?.id ?? position;
  assert.equal(await store.events.commit("alerts", { from: position, to }), true);
  assert.ok(await store.events.prune({ before: at(0), limit: 10 }) > 0);
  await store.events.forget("alerts");
  assert.ok(await store.scheduling.prune({ before: at(99_999), limit: 10 }) > 0);
}

Deno.test("a role that may not make tables gets a message that names one that may", () =>
  withRole(async ({ url }) => {
    await assert.rejects(openStore(url, { migrations }), (error) => {
      assert.ok(error instanceof Invalid);
      assert.match(error.message, /its schema is not up to date, and this role may not change it; run migrate as/);
      return true;
    });
  }));
