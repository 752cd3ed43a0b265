import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { openPostgres } from "../../shared/store/postgres/mod.ts";
import { at, given, manual } from "../store/_given.ts";
import { PostgresProxy } from "../support/postgres_proxy.ts";
import { openPostgresTestStore } from "../support/store.ts";

Deno.test("PostgreSQL: of two schedulers that begin to count at once, one waits, and neither fails", async () => {
  await using direct = await openPostgresTestStore();
  const job = await given(direct.store);
  await direct.store.runs.runNow(manual(job, { now: at(0) }));
  await using proxy = new PostgresProxy(direct.url);
  const store = await openPostgres(proxy.url, { migrations });
  try {
    const held = proxy.hold(/INSERT INTO statistics_open/);
    const first = store.statistics.rollUp({ limit: 10 });
    const { release } = await held;
    await direct.store.statistics.rollUp({ limit: 10 });
    assert.equal((await direct.store.statistics.progress()).hasBegun, false, "it waits for the first");
    release();
    await first;
    await direct.store.statistics.rollUp({ limit: 10 });
    assert.deepEqual(await direct.store.statistics.progress(), {
      hasBegun: true,
      isFilled: true,
      uncountedSince: null,
    });
  } finally {
    await store.close();
  }
});
