import assert from "node:assert/strict";
import {
  type AlertRule,
  type AlertRuleDefinition,
  alertRuleId,
  type ChannelId,
  channelId,
  Conflict,
  epochMs,
  incidentId,
  Invalid,
  type Job,
  NotFound,
} from "../../shared/domain/mod.ts";
import type { LookFinding, NewChannel, Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import { finish, markStarted } from "../support/attempts.ts";
import { A, at, claim, claimOne, enter, given, manual, outcome, T0 } from "./_given.ts";
import type { Check } from "./contract.ts";

const CLAIM_MS = 60_000;

function channelOf(name: string, changed: Partial<NewChannel> = {}): NewChannel {
  const url = "https://hooks.example/do-not-show";
  return { name, kind: "slack", address: "https://hooks.example/…", from: null, to: [], url, token: null, ...changed };
}

async function channel(store: Store, name = "ops"): Promise<ChannelId> {
  return (await store.alerts.createChannel(channelOf(name), by(T0))).id;
}

function definitionOf(channelIds: readonly ChannelId[], changed: Partial<AlertRuleDefinition> = {}) {
  const condition = { kind: "failures", limit: 1 } as const;
  return {
    name: "Rule",
    condition,
    scope: { kind: "all" },
    channelIds,
    remindSeconds: null,
    quiet: null,
    ...changed,
  } as const;
}

async function rule(store: Store, changed: Partial<AlertRuleDefinition> = {}): Promise<AlertRule> {
  const channels = await store.alerts.channels();
  return await store.alerts.createRule(definitionOf(channels.map(({ id }) => id), changed), by(T0));
}

async function ends(store: Store, job: Job, how: "COMPLETED" | "FAILED", seconds: number, isRetried = false) {
  await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
  const held = await claimOne(store, A, at(seconds));
  await finish(store, held, {
    outcome: outcome(how),
    retryAt: isRetried ? at(seconds + 1000) : null,
    now: at(seconds),
  });
}

async function takeAll(store: Store, seconds: number): Promise<void> {
  while (await store.alerts.takeEvents({ now: at(seconds), limit: 100 }) > 0);
}

/** What was decided to be said, oldest first. */
async function said(store: Store): Promise<readonly string[]> {
  const { items } = await store.alerts.deliveries({ limit: 100 });
  return items.map(({ kind, notice }) => `${kind}: ${notice.title}`).toReversed();
}

async function open(store: Store): Promise<readonly (readonly [string | null, number])[]> {
  const { items } = await store.alerts.incidents({ state: "open", limit: 100 });
  return items.map(({ jobName, count }) => [jobName, count]);
}

function found(job: Job, since: number, changed: Partial<LookFinding> = {}): LookFinding {
  const message = "It runs for too long.";
  return { jobId: job.id, jobName: job.name, isBroken: true, message, at: at(since), isEvent: false, ...changed };
}

/** Alerts. */
export function alertsContract(check: Check): void {
  check("an alert rule opens one incident for each job, counts, and recovers, each said once", async ({ store }) => {
    await enter(store, A);
    const [backup, report] = [
      await given(store, { name: "Backup" }, null),
      await given(store, { name: "Report" }, null),
    ];
    await channel(store);
    await rule(store, { name: "Two failures", condition: { kind: "failures", limit: 2 } });
    await ends(store, backup, "FAILED", 1);
    await ends(store, report, "FAILED", 2);
    await takeAll(store, 3);
    assert.deepEqual([await open(store), await said(store)], [[], []]);
    await ends(store, backup, "FAILED", 4);
    await ends(store, backup, "FAILED", 5);
    await takeAll(store, 6);
    assert.deepEqual(await open(store), [["Backup", 2]]);
    await ends(store, report, "COMPLETED", 7);
    await ends(store, backup, "COMPLETED", 8);
    await ends(store, backup, "FAILED", 9);
    await takeAll(store, 10);
    assert.deepEqual(await open(store), []);
    assert.deepEqual(await said(store), [
      "opened: Alert: job Backup: Two failures",
      "recovered: Recovered: job Backup: Two failures",
    ]);
    const [closed] = (await store.alerts.incidents({ state: "closed", limit: 5 })).items;
    assert.deepEqual([closed?.openedAt, closed?.closedAt, closed?.lastAt], [at(4), at(10), at(5)]);
  });

  check("of two notifiers that read the same events one decides", async ({ store, another }) => {
    await enter(store, A);
    const job = await given(store, {}, null);
    await channel(store);
    await rule(store);
    for (let index = 0; index < 20; index++) await ends(store, job, index % 2 === 0 ? "FAILED" : "COMPLETED", index);
    const other = await another();
    for (let isDone = false; !isDone;) {
      const passes = [store, other].map((one) => one.alerts.takeEvents({ now: at(60), limit: 3 }));
      isDone = (await Promise.all(passes)).every((taken) => taken === 0);
    }
    await takeAll(store, 61);
    const kinds = (await said(store)).map((text) => text.split(":")[0]);
    assert.deepEqual(kinds, Array.from({ length: 20 }, (_, index) => index % 2 === 0 ? "opened" : "recovered"));
  });

  check("rules cover a label or a job, and a run that ends is said to those who asked for each", async ({ store }) => {
    await enter(store, A);
    const tagged = await given(store, { name: "Tagged", labels: ["nightly"] }, null);
    const plain = await given(store, { name: "Plain" }, null);
    await channel(store);
    await rule(store, { name: "Nightly", scope: { kind: "label", label: "nightly" } });
    await rule(store, {
      name: "Each",
      condition: { kind: "every_run", limit: 0 },
      scope: { kind: "job", jobId: plain.id },
    });
    await ends(store, tagged, "FAILED", 1);
    await ends(store, plain, "FAILED", 2, true);
    await ends(store, plain, "FAILED", 3);
    await takeAll(store, 4);
    assert.deepEqual(await said(store), ["opened: Alert: job Tagged: Nightly", "run: Job Plain failed"]);
  });

  check("what the clock finds opens an incident once, and what it finds no more ends it", async ({ store }) => {
    const job = await given(store, { name: "Long" }, null);
    await channel(store);
    const made = await rule(store, { name: "Long runs", condition: { kind: "runs_over", limit: 60 } });
    for (const seconds of [1, 2]) {
      await store.alerts.settle([{ rule: made, findings: [found(job, 0)], isWhole: true }], at(seconds));
    }
    assert.deepEqual(await open(store), [["Long", 1]]);
    await store.alerts.settle([{ rule: made, findings: [], isWhole: false }], at(3));
    assert.deepEqual(await open(store), [["Long", 1]]);
    await store.alerts.settle([{ rule: made, findings: [], isWhole: true }], at(4));
    assert.deepEqual(await open(store), []);
    assert.deepEqual(await said(store), [
      "opened: Alert: job Long: Long runs",
      "recovered: Recovered: job Long: Long runs",
    ]);
  });

  check(
    "a reminder comes when it is due, until somebody acknowledges; a snooze is silent and then said once",
    async ({ store }) => {
      const job = await given(store, {}, null);
      await channel(store);
      const made = await rule(store, { condition: { kind: "runs_over", limit: 60 }, remindSeconds: 600 });
      await store.alerts.settle([{ rule: made, findings: [found(job, 0)], isWhole: true }], at(0));
      const [incident] = (await store.alerts.incidents({ limit: 5 })).items;
      const id = incident?.id ?? incidentId(1);
      const wake = (seconds: number) => store.alerts.wake({ now: at(seconds), limit: 10 });
      assert.deepEqual([await wake(599), await wake(600), await wake(601)], [0, 1, 0]);
      await store.alerts.snooze(id, at(4000), by(at(700)));
      assert.deepEqual([await wake(3999), await wake(4000), await wake(4001)], [0, 1, 0]);
      const taken = await store.alerts.acknowledge(id, by(at(4100)));
      assert.deepEqual([taken.acknowledgedBy, taken.acknowledgedAt, taken.nextAt], ["test", at(4100), null]);
      assert.deepEqual(await store.alerts.acknowledge(id, by(at(4200))), taken);
      assert.equal(await wake(9000), 0);
      assert.deepEqual((await said(store)).map((text) => text.split(":")[0]), ["opened", "reminder", "reminder"]);
      await store.alerts.settle([{ rule: made, findings: [], isWhole: true }], at(9001));
      await assert.rejects(store.alerts.acknowledge(id, by(at(9002))), Conflict);
      await assert.rejects(store.alerts.snooze(incidentId(999), at(9003), by(at(9002))), NotFound);
    },
  );

  check(
    "a rule that is changed, switched off or removed, and a job that is deleted, end incidents silently",
    async ({ store }) => {
      const job = await given(store, {}, null);
      await channel(store);
      const limit = (seconds: number) => ({ condition: { kind: "runs_over", limit: seconds } } as const);
      const open = async (made: AlertRule) => {
        await store.alerts.settle([{ rule: made, findings: [found(job, 0)], isWhole: true }], at(1));
        return (await store.alerts.incidents({ state: "open", limit: 5 })).items.length;
      };
      const made = await rule(store, limit(60));
      assert.equal(await open(made), 1);
      const renamed = await store.alerts.updateRule(made.id, { definition: { ...made, name: "Other" } }, by(at(2)));
      assert.equal(await open(renamed), 1);
      const changed = await store.alerts.updateRule(made.id, { definition: { ...made, ...limit(90) } }, by(at(3)));
      assert.equal((await store.alerts.incidents({ state: "open", limit: 5 })).items.length, 0);
      assert.equal(await open(changed), 1);
      await store.alerts.updateRule(made.id, { isEnabled: false }, by(at(4)));
      assert.equal((await store.alerts.incidents({ state: "open", limit: 5 })).items.length, 0);
      assert.equal(await open(await store.alerts.updateRule(made.id, { isEnabled: true }, by(at(5)))), 1);
      await store.jobs.remove(job.id, by(at(6)));
      assert.equal(await store.alerts.wake({ now: at(7), limit: 10 }), 1);
      await store.alerts.removeRule(made.id, by(at(8)));
      assert.deepEqual(await store.alerts.rules(), []);
      assert.equal((await store.alerts.incidents({ state: "open", limit: 5 })).items.length, 0);
      await assert.rejects(store.alerts.removeRule(made.id, by(at(9))), NotFound);
      assert.deepEqual((await said(store)).map((text) => text.split(":")[0]), ["opened", "opened", "opened"]);
    },
  );

  check("a notice leads to the run that its incident was opened for, and a recovery to its own", async ({ store }) => {
    await enter(store, A);
    const job = await given(store, { name: "Backup" }, null);
    await channel(store);
    await rule(store, { remindSeconds: 60 });
    await rule(store, { condition: { kind: "every_run", limit: 0 } });
    await ends(store, job, "FAILED", 1);
    await takeAll(store, 2);
    assert.equal(await store.alerts.wake({ now: at(62), limit: 5 }), 1);
    await ends(store, job, "COMPLETED", 63);
    await takeAll(store, 64);
    const [succeeded, failed] = (await store.runs.list({ jobId: job.id, limit: 5 })).items;
    const claims = await store.alerts.claimDeliveries({ now: at(70), limit: 9, claimMs: CLAIM_MS });
    const led = claims.map(({ delivery, correlationId }) => [delivery.kind, correlationId]);
    assert.deepEqual(led, [
      ["opened", failed?.correlationId],
      ["run", failed?.correlationId],
      ["reminder", failed?.correlationId],
      ["recovered", succeeded?.correlationId],
      ["run", succeeded?.correlationId],
    ]);
    await store.alerts.testChannel(await channel(store, "other"), { title: "Test", text: "It works." }, by(at(71)));
    const [test] = await store.alerts.claimDeliveries({ now: at(72), limit: 9, claimMs: CLAIM_MS });
    assert.deepEqual([test?.delivery.kind, test?.correlationId], ["test", null]);
  });

  check(
    "a delivery is claimed by one, tried again with the same id, and a late report changes nothing",
    async ({ store, another }) => {
      const to = await channel(store);
      const sent = await store.alerts.testChannel(to, { title: "Test", text: "It works." }, by(T0));
      const pass = (seconds: number) => ({ now: at(seconds), limit: 5, claimMs: CLAIM_MS });
      const other = await another();
      const claims = (await Promise.all([store, other].map((one) => one.alerts.claimDeliveries(pass(0))))).flat();
      assert.deepEqual(claims.map(({ delivery, channel }) => [delivery.publicId, delivery.attempts, channel?.url]), [
        [sent.publicId, 1, "https://hooks.example/do-not-show"],
      ]);
      assert.deepEqual(await store.alerts.claimDeliveries(pass(59)), []);
      assert.equal(await store.alerts.nextAt(), at(60));
      const [again] = await store.alerts.claimDeliveries(pass(60));
      assert.deepEqual([again?.delivery.publicId, again?.delivery.attempts], [sent.publicId, 2]);
      const late = await store.alerts.finishDelivery({ id: sent.id, attempts: 1 }, { isDelivered: true }, at(61));
      const failed = { isDelivered: false, error: "It answered 500", retryAt: at(100) } as const;
      const reported = await store.alerts.finishDelivery({ id: sent.id, attempts: 2 }, failed, at(62));
      assert.deepEqual([late, reported, await store.alerts.claimDeliveries(pass(99))], [false, true, []]);
      await store.alerts.claimDeliveries(pass(100));
      assert.equal(
        await store.alerts.finishDelivery({ id: sent.id, attempts: 3 }, { isDelivered: true }, at(101)),
        true,
      );
      const [done] = (await store.alerts.deliveries({ limit: 5 })).items;
      assert.deepEqual([done?.isDelivered, done?.endedAt, done?.nextAt, done?.error], [true, at(101), null, null]);
      assert.equal(await store.alerts.nextAt(), null);
      assert.equal(await store.alerts.prune({ before: at(101), limit: 5 }), 0);
      assert.equal(await store.alerts.prune({ before: at(102), limit: 5 }), 1);
    },
  );

  check("channels keep their secrets from all but who sends, are switched, and are audited", async ({ store }) => {
    const email = channelOf("mail", {
      kind: "email",
      from: "jobs@example.com",
      to: ["a@example.com"],
      token: "do-not-show",
    });
    const made = await store.alerts.createChannel(email, by(T0));
    assert.deepEqual([made.from, made.to, made.isEnabled], ["jobs@example.com", ["a@example.com"], true]);
    await assert.rejects(store.alerts.createChannel(email, by(T0)), Invalid);
    await store.alerts.testChannel(made.id, { title: "Test", text: "" }, by(at(1)));
    assert.equal((await store.alerts.switchChannel(made.id, false, by(at(2)))).isEnabled, false);
    const [claimed] = await store.alerts.claimDeliveries({ now: at(3), limit: 5, claimMs: CLAIM_MS });
    assert.equal(claimed?.channel, null);
    await store.alerts.removeChannel(made.id, by(at(4)));
    await assert.rejects(store.alerts.testChannel(channelId(99), { title: "", text: "" }, by(at(5))), NotFound);
    const { items } = await store.audit.list({ limit: 50, subject: { kind: "channel" } });
    assert.deepEqual(items.map(({ action }) => action).toReversed(), [
      "alerts.channels.create",
      "alerts.channels.test",
      "alerts.channels",
      "alerts.channels.delete",
    ]);
    assert.doesNotMatch(JSON.stringify([items, await store.alerts.channels()]), /do-not-show/);
  });

  check("lists of incidents show only what may be seen, page by page", async ({ store }) => {
    const jobs = [];
    for (const label of ["eu", "us", "eu"]) jobs.push(await given(store, { name: label, labels: [label] }, null));
    const made = await rule(store, { condition: { kind: "runs_over", limit: 60 } });
    const system = { ...found(jobs[0] ?? await given(store), 0), jobId: null, jobName: null };
    await store.alerts.settle(
      [{ rule: made, findings: [...jobs.map((job) => found(job, 0)), system], isWhole: true }],
      at(1),
    );
    const names = async (query: Parameters<typeof store.alerts.incidents>[0]) =>
      (await store.alerts.incidents(query)).items.map(({ jobName }) => jobName);
    assert.deepEqual(await names({ limit: 9 }), [null, "eu", "us", "eu"]);
    assert.deepEqual(await names({ limit: 9, visible: ["eu"] }), ["eu", "eu"]);
    assert.deepEqual(await names({ limit: 9, visible: [] }), []);
    const first = await store.alerts.incidents({ limit: 3, state: "open" });
    assert.deepEqual(await names({ limit: 3, state: "open", ...(first.next !== null && { cursor: first.next }) }), [
      "eu",
    ]);
    const [job] = jobs;
    assert.deepEqual(job && await names({ limit: 9, jobId: job.id }), ["eu"]);
    assert.equal(await store.alerts.incident(incidentId(9999)), null);
  });

  check("a look finds runs that run or wait for too long, and jobs without a success", async ({ store }) => {
    await enter(store, A);
    const [long, idle, late] = [
      await given(store, { name: "Long", labels: ["eu"] }, null),
      await given(store, { name: "Idle" }, null),
      await given(store, { name: "Late" }, at(30)),
    ];
    await store.runs.runNow(manual(long));
    const [held] = await claim(store, A, at(1));
    if (held !== undefined) await markStarted(store, held, { now: at(1), timeoutAt: at(900) });
    await store.runs.runNow(manual(idle, { now: at(10) }));
    const all = { kind: "all" } as const;
    const names = async (query: Parameters<typeof store.alerts.watch>[0]) =>
      (await store.alerts.watch(query)).map(({ jobName, since }) => [jobName, (since - T0) / 1000]);
    assert.deepEqual(await names({ what: "running", before: at(1), scope: all, limit: 9 }), []);
    assert.deepEqual(await names({ what: "running", before: at(2), scope: all, limit: 9 }), [["Long", 1]]);
    assert.deepEqual(
      await names({ what: "running", before: at(2), scope: { kind: "label", label: "us" }, limit: 9 }),
      [],
    );
    assert.deepEqual(await names({ what: "waiting", before: at(60), scope: all, limit: 9 }), [["Idle", 10], [
      "Late",
      30,
    ]]);
    assert.deepEqual(
      await names({ what: "waiting", before: at(60), scope: { kind: "job", jobId: late.id }, limit: 9 }),
      [["Late", 30]],
    );
    await rule(store, { condition: { kind: "no_success", limit: 60 } });
    if (held !== undefined) await finish(store, held, { outcome: outcome("COMPLETED"), retryAt: null, now: at(50) });
    await takeAll(store, 51);
    assert.deepEqual(await names({ what: "no_success", before: at(50), scope: all, limit: 9 }), [["Idle", 0], [
      "Late",
      0,
    ]]);
    assert.deepEqual(await names({ what: "no_success", before: at(51), scope: all, limit: 1 }), [["Long", 50]]);
    const made = await store.alerts.rules();
    await store.alerts.settle(made.map((rule) => ({ rule, findings: [found(long, 40)], isWhole: false })), at(52));
    assert.deepEqual(await open(store), []);
  });

  check("rules that are not there are not changed", async ({ store }) => {
    await assert.rejects(store.alerts.updateRule(alertRuleId(7), { isEnabled: false }, by(epochMs(T0))), NotFound);
    await assert.rejects(store.alerts.switchChannel(channelId(7), false, by(T0)), NotFound);
    await assert.rejects(store.alerts.removeChannel(channelId(7), by(T0)), NotFound);
  });
}
