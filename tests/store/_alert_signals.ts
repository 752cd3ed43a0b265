import assert from "node:assert/strict";
import type { AlertRule, AlertRuleDefinition, ChannelKind, Job } from "../../shared/domain/mod.ts";
import type { Claim, Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import { finish, markStarted } from "../support/attempts.ts";
import { A, at, claimOne, enter, given, manual, outcome, T0 } from "./_given.ts";
import type { Check } from "./contract.ts";

const SECOND_MS = 1000;

async function rule(
  store: Store,
  condition: AlertRuleDefinition["condition"],
  kinds: readonly ChannelKind[] = ["ping", "slack"],
): Promise<AlertRule> {
  const channelIds = [];
  for (const kind of kinds) {
    const about = { name: kind, kind, address: "https://hc.example/…", from: null, to: [], token: null };
    channelIds.push((await store.alerts.createChannel({ ...about, url: "https://hc.example/uuid" }, by(T0))).id);
  }
  const definition = { name: "Monitor", condition, scope: { kind: "all" }, channelIds } as const;
  return await store.alerts.createRule({ ...definition, remindSeconds: null, quiet: null }, by(T0));
}

async function start(store: Store, job: Job, seconds: number): Promise<Claim> {
  await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
  const held = await claimOne(store, A, at(seconds));
  await markStarted(store, held, { now: at(seconds), timeoutAt: at(seconds + 900) });
  return held;
}

async function end(store: Store, held: Claim, seconds: number): Promise<void> {
  await finish(store, held, { outcome: outcome("COMPLETED"), retryAt: null, now: at(seconds) });
  while (await store.alerts.takeEvents({ now: at(seconds), limit: 100 }) > 0);
}

/** What was decided to be said, oldest first. */
async function said(store: Store): Promise<readonly string[]> {
  const { items } = await store.alerts.deliveries({ limit: 100 });
  return items.map(({ channelName, notice }) => `${channelName}: ${notice.title}`).toReversed();
}

const claim = (store: Store, seconds: number) =>
  store.alerts.claimDeliveries({ now: at(seconds), limit: 9, claimMs: 60 * SECOND_MS });

/** What monitors outside are called for. */
export function alertSignalsContract(check: Check): void {
  check("the start of a run is said once to pings alone, however many notifiers see it", async ({ store, another }) => {
    await enter(store, A);
    const job = await given(store, { name: "Backup" }, null);
    await start(store, job, -10);
    await store.alerts.takeEvents({ now: at(-9), limit: 1 });
    await rule(store, { kind: "every_run", limit: 0 });
    const held = await start(store, job, 1);
    assert.deepEqual(await store.alerts.started({ after: at(2), limit: 9 }), []);
    const runs = await store.alerts.started({ after: at(-60), limit: 9 });
    assert.deepEqual(runs.map(({ jobName, startedAt }) => [jobName, startedAt]), [["Backup", at(-10)], [
      "Backup",
      at(1),
    ]]);
    const other = await another();
    const sent = await Promise.all([store, other].map((one) => one.alerts.sendStarts(runs, at(2))));
    assert.deepEqual(sent.toSorted(), [0, 1]);
    assert.deepEqual(await said(store), ["ping: Job Backup started"]);
    await end(store, held, 3);
    assert.deepEqual((await said(store)).slice(1), ["ping: Job Backup succeeded", "slack: Job Backup succeeded"]);
    // A notifier that saw the run before it ended is late.
    assert.equal(await store.alerts.sendStarts(runs, at(4)), 0);
  });

  check(
    "the end of a run is not carried before its start has been, and no start is said after its end",
    async ({ store }) => {
      await enter(store, A);
      const job = await given(store, { name: "Backup" }, null);
      await rule(store, { kind: "every_run", limit: 0 }, ["ping"]);
      const held = await start(store, job, 1);
      await store.alerts.sendStarts(await store.alerts.started({ after: T0, limit: 9 }), at(1));
      const [begun] = await claim(store, 1);
      await end(store, held, 2);
      assert.deepEqual([await claim(store, 3), await store.alerts.nextAt()], [[], at(61)]);
      const ref = { id: begun!.delivery.id, attempts: 1 };
      await store.alerts.finishDelivery(ref, { isDelivered: true }, at(4));
      assert.equal(await store.alerts.nextAt(), at(2));
      assert.deepEqual((await claim(store, 4)).map(({ delivery }) => delivery.notice.title), ["Job Backup succeeded"]);
      const short = await start(store, job, 5);
      const runs = await store.alerts.started({ after: at(5), limit: 9 });
      await end(store, short, 6);
      assert.deepEqual([runs.length, await store.alerts.sendStarts(runs, at(7))], [1, 0]);
    },
  );

  check("a heartbeat is said once in each period, in place of the one before", async ({ store, another }) => {
    const made = await rule(store, { kind: "heartbeat", limit: 60 });
    const other = await another();
    const beats = async (seconds: number) => {
      const sent = await Promise.all([store, other].map((one) => one.alerts.sendBeats([made], at(seconds))));
      return sent.reduce((sum, count) => sum + count, 0);
    };
    assert.deepEqual([await beats(0), await beats(59), await beats(60)], [2, 0, 2]);
    // Those of the first period have not ended yet.
    assert.equal((await said(store)).length, 4);
    for (const { delivery: { id, attempts } } of await claim(store, 61)) {
      await store.alerts.finishDelivery({ id, attempts }, { isDelivered: true }, at(62));
    }
    assert.equal(await beats(120), 2);
    const { items } = await store.alerts.deliveries({ limit: 9 });
    assert.deepEqual(items.map(({ createdAt, isDelivered }) => [createdAt, isDelivered]), [
      [at(120), null],
      [at(120), null],
      [at(0), true],
      [at(0), true],
    ]);
    assert.equal(new Set(items.map(({ publicId }) => publicId)).size, 4);
    assert.deepEqual(items[0]?.notice.signal, "heartbeat");
    await store.alerts.switchChannel(made.channelIds[0]!, false, by(at(121)));
    assert.equal(await beats(180), 1);
  });

  check("a test of a rule goes to each channel that is enabled, and is audited", async ({ store }) => {
    const made = await rule(store, { kind: "failures", limit: 1 }, ["ping", "slack", "ntfy"]);
    await store.alerts.switchChannel(made.channelIds[0]!, false, by(at(1)));
    await store.alerts.removeChannel(made.channelIds[2]!, by(at(1)));
    const sent = await store.alerts.testRule(made.id, { title: "Test", text: "It works." }, by(at(2)));
    assert.deepEqual(sent.map(({ channelName, kind }) => [channelName, kind]), [["slack", "test"]]);
    const { items } = await store.audit.list({ limit: 1 });
    assert.deepEqual(items.map(({ action, subject }) => [action, subject?.name]), [["alerts.test", "Monitor"]]);
  });
}
