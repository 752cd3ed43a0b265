import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { DatabaseSync } from "node:sqlite";
import { Health, WRITE_TRIED_MS } from "../../app/server/health.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import { DATABASES, openPostgresTestStore, type OpenTestStore, openTestStore } from "../support/store.ts";
import { openPortal, type TestPortal } from "./_portal.ts";

async function statusOf(portal: TestPortal, path = "/readyz"): Promise<number> {
  const response = await portal.asStranger(path);
  await response.body?.cancel();
  return response.status;
}

/** A portal, and what lets the time pass for which a try to write holds. */
async function openTimed(open: OpenTestStore): Promise<{ readonly portal: TestPortal; readonly skip: () => void }> {
  let now = Date.UTC(2026, 0, 1);
  const portal = await openPortal(open, () => epochMs(now));
  return { portal, skip: () => now += WRITE_TRIED_MS };
}

Deno.test("SQLite: the health check fails while another process keeps everybody from writing", async () => {
  const database = await openTestStore();
  const store = await openSqlite(database.path, { migrations, busyTimeoutMs: 20 });
  const { portal, skip } = await openTimed(() => Promise.resolve({ ...database, store }));
  await using _ = portal;
  assert.equal(await statusOf(portal), 200);
  using other = new DatabaseSync(database.path);
  other.exec("BEGIN IMMEDIATE");
  assert.equal(await statusOf(portal), 200, "a try holds for a while");
  skip();
  assert.equal(await statusOf(portal), 503);
  assert.equal(await statusOf(portal, "/healthz"), 503);
  assert.equal(await statusOf(portal, "/livez"), 200, "a restart would not help");
  other.exec("ROLLBACK");
  skip();
  assert.equal(await statusOf(portal), 200);
  await store.close();
});

Deno.test("PostgreSQL: the health check fails while the database is read-only", async () => {
  const database = await openPostgresTestStore();
  const { portal, skip } = await openTimed(() => Promise.resolve(database));
  await using _ = portal;
  const setReadOnly = async (value: "on" | "off") => {
    const [row] = await database.sql("SELECT current_database() AS name");
    await database.sql(
      `BEGIN READ WRITE; ALTER DATABASE "${row?.name}" SET default_transaction_read_only = ${value}; COMMIT`,
    );
    // Waits until each has ended, so that the portal's pool hears of all before it is asked again.
    await database.sql(
      "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
  };
  assert.equal(await statusOf(portal), 200);
  await setReadOnly("on");
  skip();
  assert.equal(await statusOf(portal), 503);
  assert.equal((await portal.get("/jobs")).status, 200, "what only reads goes on");
  await setReadOnly("off");
  skip();
  assert.equal(await statusOf(portal), 200);
});

for (const [name, open] of Object.entries(DATABASES)) {
  Deno.test(`${name}: the health check writes once in a while, however often it is asked`, async () => {
    const { portal, skip } = await openTimed(open);
    await using _ = portal;
    let writes = 0;
    const { tryWrite } = portal.store;
    Object.defineProperty(portal.store, "tryWrite", { value: () => (writes++, tryWrite()) });
    for (let i = 0; i < 20; i++) assert.equal(await statusOf(portal), 200);
    assert.equal(writes, 1);
    skip();
    await Promise.all([statusOf(portal), statusOf(portal), statusOf(portal, "/healthz")]);
    assert.equal(writes, 2);
  });
}

Deno.test("the health check begins no second write while one is under way", async () => {
  let [now, writes] = [0, 0];
  const slow = Promise.withResolvers<void>();
  const tryWrite = () => (writes++, slow.promise);
  const store = { scheduling: { nextDueAt: () => Promise.resolve(null) }, tryWrite };
  const health = new Health(store, { monotonic: () => now });
  const first = health.check();
  await Promise.resolve();
  now += 10 * WRITE_TRIED_MS;
  const second = health.check();
  slow.reject(new Error("locked"));
  await assert.rejects(first);
  await assert.rejects(second);
  assert.equal(writes, 1);
});
