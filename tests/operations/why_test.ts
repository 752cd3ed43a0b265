import assert from "node:assert/strict";
import { DEFAULT_POLICIES, type EpochMs, epochMs, type Job, type Policies, workerId } from "../../shared/domain/mod.ts";
import { accessOf, FULL_ACCESS } from "../../shared/access/mod.ts";
import { createJob, pauseJob, resumeJob, whyAt, whyNow, whyWaits } from "../../shared/operations/mod.ts";
import { decideDue } from "../../shared/policy/mod.ts";
import { parseScheduleText } from "../../shared/schedule/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES } from "../support/store.ts";
import { by } from "../support/actor.ts";

const W = workerId("w1");
const hour = (n: number, minutes = 0): EpochMs => epochMs(Date.UTC(2026, 10, 24, n, minutes));
const span = (at: EpochMs) => ({ from: at, until: epochMs(at + 59_999) });

function hourly(store: Store, policies: Partial<Policies> = {}): Promise<Job> {
  return createJob(operating(store, hour(0, 30)), {
    name: "Backup",
    key: null,
    labels: [],
    scriptPath: "backup.sh",
    scriptArgs: [],
    schedule: parseScheduleText("hourly at :00"),
    timezone: "UTC",
    policies: { ...DEFAULT_POLICIES, ...policies },
  });
}

async function pass(store: Store, now: EpochMs): Promise<void> {
  await store.scheduling.dispatchDue({ now, limit: 10, lockMs: 1000, decide: (due) => decideDue({ ...due, now }) });
}

async function enter(store: Store, now: EpochMs, tags: readonly string[] = []): Promise<void> {
  const facts = { hostname: "h", platform: "p", processId: 1, version: "0", concurrency: 4 };
  await store.workers.register({ workerId: W, tags, ...facts }, now);
}

const claim = (store: Store, now: EpochMs) =>
  store.queue.claim({ workerId: W, tags: new Set(), limit: 1, leaseMs: 60_000, now });

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: a job says why it did or did not run at a time`, async () => {
    await using test = await open();
    const { store } = test;
    const job = await hourly(store);
    await enter(store, hour(1));
    await pass(store, hour(1));
    await claim(store, hour(1));
    await pass(store, hour(2));
    await pass(store, hour(5, 30));
    const current = async () => await store.jobs.get(job.id) ?? job;
    const ask = async (at: EpochMs) =>
      await whyAt(store, await current(), span(at), { now: hour(6), zone: "UTC", access: FULL_ACCESS });
    assert.deepEqual(await ask(hour(1)), [
      "Run 1 is for 2026-11-24 01:00:00 UTC: it was dispatched on time. Worker w1 has it since 2026-11-24 01:00:00 UTC.",
    ]);
    assert.deepEqual(await ask(hour(2)), [
      "It did not run at 2026-11-24 02:00:00 UTC: an earlier run had not ended, and the job's overlap policy had no room for another.",
    ]);
    assert.deepEqual(await ask(hour(4)), [
      "It did not run at 2026-11-24 04:00:00 UTC: no scheduler was there in time, and the job's misfire policy did not make " +
      "up for it. The same holds for 2 times in all, 2026-11-24 03:00:00 UTC to 2026-11-24 04:00:00 UTC.",
    ]);
    const backfill = { id: "again", atOnce: 2 };
    await store.runs.backfill({ jobId: job.id, times: [hour(3), hour(4)], backfill, ...by(hour(5, 45)) });
    assert.deepEqual((await ask(hour(4))).slice(1), [
      "Run 3 is for 2026-11-24 04:00:00 UTC: it was backfilled, 2 at once (backfill again of 2026-11-24 05:45:00 UTC). " +
      "It is about to be claimed.",
    ]);
    assert.deepEqual(await ask(hour(2, 20)), [
      "Its schedule has no time then; the time before is 2026-11-24 02:00:00 UTC, the next is 2026-11-24 03:00:00 UTC.",
    ]);
  });

  Deno.test(`${database}: times while a job was paused are in the ledger when it is resumed, each once`, async () => {
    await using test = await open();
    const { store } = test;
    const { id } = await hourly(store);
    await pauseJob(operating(store, hour(1, 30)), { id, note: "moving" });
    const paused = await store.jobs.get(id);
    assert.ok(paused !== null);
    const context = { now: hour(4, 10), zone: "UTC", access: FULL_ACCESS };
    assert.deepEqual(await whyAt(store, paused, span(hour(3)), context), [
      "It did not run at 2026-11-24 03:00:00 UTC: the job is paused (moving).",
    ]);
    await resumeJob(operating(store, hour(4, 10)), { id });
    const entries = (await store.runs.ledger(id, 10)).map(({ reason, firstAt, lastAt, count }) => [
      reason,
      firstAt,
      lastAt,
      count,
    ]);
    assert.deepEqual(
      entries,
      [["paused", hour(2), hour(4), 3], ["missed", hour(1), hour(1), 1]],
    );
    const resumed = await store.jobs.get(id);
    assert.ok(resumed !== null);
    assert.deepEqual(await whyAt(store, resumed, span(hour(3)), context), [
      "It did not run at 2026-11-24 03:00:00 UTC: the job was paused. The same holds for 3 times in all, " +
      "2026-11-24 02:00:00 UTC to 2026-11-24 04:00:00 UTC.",
    ]);
  });

  Deno.test(`${database}: a run says what it waits for`, async () => {
    await using test = await open();
    const { store } = test;
    const context = { now: hour(1), zone: "UTC", access: FULL_ACCESS };
    const run = async (policies: Partial<Policies>) => {
      const { id } = await hourly(store, policies);
      return await store.runs.runNow({
        jobId: id,
        trigger: "manual",
        args: null,
        force: true,
        idempotencyKey: null,
        ...by(hour(1)),
      });
    };
    const keyed = { concurrency: { key: "backup", limit: 1 } };
    const holder = await run(keyed);
    assert.equal(await whyWaits(store, holder, context), "It waits: no worker is online.");
    await enter(store, hour(1), ["eu"]);
    assert.equal(await whyWaits(store, holder, context), "It is about to be claimed.");
    await claim(store, hour(1));
    assert.equal(
      await whyWaits(store, await run(keyed), context),
      `It waits: key backup is full (limit 1, held by run ${holder.id}).`,
    );
    const grants = [{ label: "finance", role: "viewer" }] as const;
    const foreign = { ...context, access: accessOf({ role: null, grants, isDisabled: false }) };
    assert.equal(
      await whyWaits(store, await run(keyed), foreign),
      "It waits: key backup is full (limit 1, held by 1 run of other jobs).",
      "who may not see a job does not hear the numbers of its runs",
    );
    assert.equal(await whyWaits(store, await run({ tags: ["gpu"] }), context), "It waits: no worker has tag gpu.");
    const queued = await hourly(store, { overlap: "queue_all" });
    await pass(store, hour(1));
    await pass(store, hour(2));
    const [first, second, next] = await whyNow(store, queued, context);
    assert.match(
      first ?? "",
      /^Run \d+ is for 2026-11-24 01:00:00 UTC: it was dispatched on time\. It is about to be claimed\.$/,
    );
    assert.match(second ?? "", /the overlap policy queue_all let it wait for them\. It waits for its time/);
    assert.match(next ?? "", /^It runs next at|^It is due since/);
  });
}
