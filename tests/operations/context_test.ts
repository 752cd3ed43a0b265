import assert from "node:assert/strict";
import { dispatchId } from "../../shared/domain/mod.ts";
import {
  backfillJob,
  cancelRun,
  createJob,
  deleteJob,
  getRun,
  type GuardedStore,
  pauseJob,
  resumeJob,
  runNow,
} from "../../shared/operations/mod.ts";
import { DATABASES } from "../support/store.ts";
import { operating } from "../support/operating.ts";
import { at, MINUTELY } from "../store/_given.ts";

/** The methods that a room of the guarded store offers. */
type Offered<Room extends keyof GuardedStore> = keyof GuardedStore[Room];

// These lines compile only while the guarded store offers exactly so much.
const jobs: Readonly<Record<Offered<"jobs">, true>> = {
  get: true,
  list: true,
  failing: true,
  recent: true,
  labels: true,
  find: true,
  plannedStarts: true,
  revisions: true,
  page: true,
  count: true,
};
const workers: Readonly<Record<Offered<"workers">, true>> = { list: true };
const runs: Readonly<Record<Offered<"runs">, true>> = {
  get: true,
  execution: true,
  list: true,
  totals: true,
  queue: true,
  taggedGroups: true,
  attempts: true,
  ledger: true,
  occurrences: true,
  bars: true,
  barBounds: true,
  waiting: true,
  unfinished: true,
  holders: true,
};
const users: Readonly<Record<Offered<"users">, true>> = {
  get: true,
  findByName: true,
  findByExternal: true,
  list: true,
  hasAdmin: true,
};
const sessions: Readonly<Record<Offered<"sessions">, true>> = { find: true, list: true };
const audit: Readonly<Record<Offered<"audit">, true>> = { list: true, verify: true };
const tokens: Readonly<Record<Offered<"tokens">, true>> = { get: true, find: true, findAny: true, list: true };
const rooms: Readonly<Record<Exclude<keyof GuardedStore, symbol>, object>> = {
  jobs,
  workers,
  services: { list: true },
  runs,
  logs: { read: true, end: true, find: true },
  statistics: { progress: true, series: true, ofJobs: true, ofHosts: true, ranked: true },
  users,
  sessions,
  tokens,
  webhooks: { get: true, list: true },
  alerts: { channels: true, rules: true, incidents: true, incident: true, deliveries: true },
  audit,
  changes: { version: true, after: true },
  diagnostics: { facts: true, sizes: true },
  now: {},
  close: {},
};

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: every change goes through an operation, and a guarded store reads what they wrote`, async () => {
    await using test = await open();
    const by = (seconds: number) => operating(test.store, at(seconds));
    assert.deepEqual(
      Object.keys(by(0).store).toSorted().filter((name) => name in rooms),
      Object.keys(rooms).toSorted(),
    );

    const { id } = await createJob(by(0), MINUTELY);
    assert.equal((await by(1).store.jobs.get(id))?.name, MINUTELY.name);
    const run = await runNow(by(1), { id, args: null, force: false, idempotencyKey: null });
    assert.deepEqual([run.trigger, run.createdAt], ["manual", at(1)]);
    assert.equal(await cancelRun(by(2), { id: run.id }), "cancelled");
    assert.equal((await getRun(by(2).store, run.id)).state.status, "CANCELLED");
    const plan = { times: [at(-60), at(-30)], atOnce: 1 };
    assert.equal(await backfillJob(by(3), { id, key: "once-only", plan }), 2);
    assert.equal(await backfillJob(by(4), { id, key: "once-only", plan }), 0);
    const { cancelled } = await pauseJob(by(5), { id, note: null, cancelsWaiting: true });
    assert.equal(cancelled, 2);
    assert.equal((await resumeJob(by(6), { id })).isActive, true);
    await deleteJob(by(7), { id });
    assert.equal(await by(8).store.jobs.get(id), null);
    await assert.rejects(getRun(by(8).store, dispatchId(999)), /There is no run 999/);
  });
}
