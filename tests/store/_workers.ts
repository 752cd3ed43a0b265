import assert from "node:assert/strict";
import { Conflict, NotFound, WORKER_KEPT_MS } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import type { Check } from "./contract.ts";
import { A, at, B, enter, LEASE_MS } from "./_given.ts";

function beat(store: Store, seconds: number) {
  return store.queue.heartbeat({ workerId: A, held: [], status: "IDLE", leaseMs: LEASE_MS, now: at(seconds) });
}

/** What a worker says of itself between heartbeats, and what it is asked. */
export function workersContract(check: Check): void {
  check(
    "workers: a report moves the last sign of life, and one of a worker that is unknown or OFFLINE says so",
    async ({ store }) => {
      await enter(store, A);
      assert.deepEqual(await store.workers.report(A, at(10)), { known: true, drains: false });
      assert.deepEqual(await store.workers.report(B, at(10)), { known: false, drains: false });
      assert.equal((await store.workers.list())[0]?.lastHeartbeat, at(10));
      await store.scheduling.markOffline(at(10));
      assert.deepEqual(await store.workers.report(A, at(20)), { known: false, drains: false });
      assert.deepEqual((await store.workers.list()).map(({ status, endedAt }) => [status, endedAt]), [[
        "OFFLINE",
        null,
      ]]);
      assert.deepEqual(await beat(store, 20), { lost: [], known: true, drains: false });
      assert.equal((await store.workers.list())[0]?.status, "IDLE");
    },
  );

  check("workers: a request to drain stands until it is taken back, in each sign of life", async ({ store }) => {
    await enter(store, A);
    await store.workers.requestDrain(A, { drains: true, ...by(at(5)) });
    await store.workers.requestDrain(A, { drains: true, ...by(at(6)) });
    assert.equal((await store.workers.list())[0]?.drainRequestedAt, at(5), "since the first");
    assert.deepEqual(await store.workers.report(A, at(10)), { known: true, drains: true });
    assert.deepEqual(await beat(store, 11), { lost: [], known: true, drains: true });
    await enter(store, A, at(12));
    assert.deepEqual(await beat(store, 13), { lost: [], known: true, drains: true }, "registering again keeps it");
    await store.workers.requestDrain(A, { drains: false, ...by(at(14)) });
    assert.deepEqual(await store.workers.report(A, at(15)), { known: true, drains: false });
    const { items } = await store.audit.list({ limit: 10 });
    assert.deepEqual(items.map(({ action, subject: { kind, name } }) => [action, kind, name]), [
      ["workers.resume", "worker", A],
      ["workers.drain", "worker", A],
      ["workers.drain", "worker", A],
    ]);
  });

  check("workers: a request to a worker that ended, or that never was, is refused", async ({ store }) => {
    await enter(store, A);
    await store.workers.retire(A, at(5));
    assert.deepEqual((await store.workers.list()).map(({ endedAt }) => endedAt), [at(5)]);
    await assert.rejects(store.workers.requestDrain(A, { drains: true, ...by(at(6)) }), Conflict);
    await assert.rejects(store.workers.requestDrain(B, { drains: true, ...by(at(6)) }), NotFound);
    await enter(store, A, at(7));
    assert.deepEqual((await store.workers.list()).map(({ endedAt }) => endedAt), [null]);
  });

  check("workers: those that are gone are kept for a day", async ({ store }) => {
    await enter(store, A);
    await enter(store, B);
    await store.workers.retire(A, at(0));
    const day = WORKER_KEPT_MS / 1000;
    assert.equal(await store.workers.prune({ now: at(day), limit: 10 }), 0);
    assert.equal(await store.workers.prune({ now: at(day + 1), limit: 0 }), 0);
    assert.equal(await store.workers.prune({ now: at(day + 1), limit: 10 }), 1);
    assert.deepEqual((await store.workers.list()).map(({ workerId }) => workerId), [B], "not marked OFFLINE yet");
  });
}
