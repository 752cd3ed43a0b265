import assert from "node:assert/strict";
import { ListenedChanges } from "../../shared/store/postgres/changes.ts";
import { Connection } from "../../shared/store/postgres/connection.ts";
import { HeldClock } from "../support/held_clock.ts";
import { eventually } from "../support/process.ts";
import { PostgresProxy } from "../support/postgres_proxy.ts";
import { openPostgresTestStore } from "../support/store.ts";

/** Longer than any test waits, so that polls cannot help. */
const POLL_MS = 3_600_000;
const TEST_EVERY_MS = 30_000;
const TEST_WITHIN_MS = 5_000;

Deno.test("a listener checks its connection, and replaces one that has gone silent", async () => {
  await using direct = await openPostgresTestStore();
  await using proxy = new PostgresProxy(direct.url);
  const db = new Connection({ url: proxy.url, max: 2 });
  const clock = new HeldClock();
  const changes = new ListenedChanges(db, { clock, pollMs: POLL_MS });
  const isHearing = (expected: boolean) =>
    eventually({ changes }, () => Promise.resolve(changes.isHearing === expected));
  const tells = async () => {
    const version = changes.version("queue");
    await direct.sql("SELECT pg_notify('job_trigger', 'queue')");
    await eventually({ changes }, () => Promise.resolve(changes.version("queue") > version));
  };
  try {
    await isHearing(true);
    await tells();
    assert.equal(proxy.silence(/^LISTEN/), 1);
    const another = proxy.grows(/^LISTEN/, 1);
    await clock.pass(TEST_EVERY_MS);
    await clock.pass(TEST_WITHIN_MS);
    // The server does not answer its last message either.
    await clock.pass(TEST_WITHIN_MS);
    // It pauses for a moment before it connects again.
    await clock.pass(1, 1000);
    await another;
    await isHearing(true);
    await tells();
  } finally {
    clock.letGo();
    await changes.close();
    await db.close();
  }
});
