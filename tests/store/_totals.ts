import assert from "node:assert/strict";
import { LATE_MS, type RunTotals } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import { finish } from "../support/attempts.ts";
import type { Check } from "./contract.ts";
import { A, at, claimOne, enter, given, manual, outcome } from "./_given.ts";

const NOTHING: Omit<RunTotals, "failing" | "failingSince"> = {
  running: 0,
  waiting: 0,
  waitingSince: null,
  failed: 0,
  late: 0,
  lateSince: null,
};

/** The numbers that say at a glance whether all is well. */
export function totalsContract(check: Check): void {
  const now = 3600;
  // Failing jobs are checked in `_failing.ts`.
  const totals = async (store: Store, visible?: readonly string[]) => {
    const query = { now: at(now), failedSince: at(100), ...(visible !== undefined && { visible }) };
    const { failing: _failing, failingSince: _since, ...rest } = await store.runs.totals(query);
    return rest;
  };

  check("totals: an empty database has none", async ({ store }) => {
    assert.deepEqual(await totals(store), NOTHING);
  });

  check(
    "totals: those that wait count from when they could run, not those that are to run later",
    async ({ store }) => {
      const job = await given(store, {}, null);
      await store.runs.runNow(manual(job, { now: at(30), force: true }));
      await store.runs.runNow(manual(job, { now: at(20), force: true }));
      await store.runs.runNow(manual(job, { now: at(now + 1), force: true }));
      assert.deepEqual(await totals(store), { ...NOTHING, waiting: 2, waitingSince: at(20) });
    },
  );

  check("totals: what runs counts, and what failed since the instant asked for", async ({ store }) => {
    const job = await given(store, {}, null);
    await enter(store, A);
    for (const [status, seconds] of [["FAILED", 50], ["FAILED", 100], ["TIMEOUT", 200], ["COMPLETED", 300]] as const) {
      await store.runs.runNow(manual(job, { now: at(0), force: true }));
      await finish(store, await claimOne(store, A, at(1)), {
        outcome: outcome(status),
        retryAt: null,
        now: at(seconds),
      });
    }
    const cancelled = await store.runs.runNow(manual(job, { now: at(0), force: true }));
    await store.runs.cancel(cancelled.id, by(at(200)));
    await store.runs.runNow(manual(job, { now: at(0), force: true }));
    await claimOne(store, A, at(1));
    assert.deepEqual(await totals(store), { ...NOTHING, running: 1, failed: 2 });
  });

  check("totals: a job is late when no scheduler has picked it up for a while", async ({ store }) => {
    const late = LATE_MS / 1000;
    await given(store, { name: "In time" }, at(now - late + 1));
    await given(store, { name: "Later" }, at(now + 1));
    await given(store, { name: "Late" }, at(now - late));
    await given(store, { name: "Later still" }, at(now - late - 60));
    assert.deepEqual(await totals(store), { ...NOTHING, late: 2, lateSince: at(now - late - 60) });
  });

  check("totals: somebody who sees some labels has the numbers of their jobs", async ({ store }) => {
    for (const [name, labels] of [["a", ["eu"]], ["b", ["eu", "us"]], ["c", []]] as const) {
      const job = await given(store, { name, labels }, at(0));
      await store.runs.runNow(manual(job, { now: at(10), force: true }));
    }
    const seen = async (visible: readonly string[]) => {
      const { waiting, late } = await totals(store, visible);
      return [waiting, late];
    };
    assert.deepEqual(await seen(["eu"]), [2, 2]);
    assert.deepEqual(await seen(["us", "eu"]), [2, 2]);
    assert.deepEqual(await seen(["us"]), [1, 1]);
    assert.deepEqual(await seen([]), [0, 0]);
  });
}
