/**
 * What a notifier finds by the clock, at the minute that a test names, on both databases.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { AlertRuleDefinition, AlertScope, EpochMs, Job, WorkerId } from "../../shared/domain/mod.ts";
import { identifyService, type Store } from "../../shared/store/mod.ts";
import { Looks } from "../../services/notifier/looks.ts";
import { Signals } from "../../services/notifier/signals.ts";
import { by } from "../support/actor.ts";
import { finish, markStarted } from "../support/attempts.ts";
import { DATABASES, type TestStore } from "../support/store.ts";
import { A, at, B, claimOne, enter, given, manual, outcome, T0 } from "../store/_given.ts";

const MB = 1_000_000;

/** Fills a table with some 5 MB, on both databases. */
const BALLAST = `
  WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
  INSERT INTO ballast SELECT '${"x".repeat(1000)}' FROM numbers`;

/** A notifier whose clock a test owns. */
class Judge {
  readonly store: Store;
  readonly #looks: Looks;
  readonly #signals: Signals;

  constructor(store: Store, freeBytes: (() => Promise<number>) | null = null) {
    this.store = store;
    this.#looks = new Looks({ store, freeBytes });
    this.#signals = new Signals(store);
  }

  /** Makes a rule that says what it finds to one channel. */
  async rule(condition: AlertRuleDefinition["condition"], scope: AlertScope = { kind: "all" }): Promise<void> {
    const { alerts } = this.store;
    const url = "https://hooks.example/secret";
    const about = { name: condition.kind, kind: "ping", address: url, url, from: null, to: [], token: null } as const;
    const { id } = await alerts.createChannel(about, by(T0));
    const definition = { name: "Rule", condition, scope, channelIds: [id], remindSeconds: null, quiet: null };
    await alerts.createRule(definition, by(T0));
  }

  /** One pass at some seconds. Answers what has been said since the pass before. */
  async pass(seconds: number): Promise<readonly string[]> {
    const { alerts } = this.store;
    const now = at(seconds);
    const [last] = (await alerts.deliveries({ limit: 1 })).items;
    const rules = await alerts.rules();
    await this.#signals.starts(rules, now);
    while (await alerts.takeEvents({ now, limit: 100 }) > 0);
    await alerts.settle(await this.#looks.take(rules, now), now);
    await this.#signals.beats(rules, now);
    const { items } = await alerts.deliveries({ limit: 50 });
    return items.filter(({ id }) => id > (last?.id ?? 0)).map(({ kind, notice, incidentId }) =>
      incidentId === null ? notice.title : `${kind}: ${notice.text}`
    ).toReversed();
  }
}

async function start(store: Store, job: Job, seconds: number) {
  await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
  const held = await claimOne(store, A, at(seconds));
  await markStarted(store, held, { now: at(seconds), timeoutAt: at(seconds + 90_000) });
  return held;
}

for (const [database, open] of Object.entries(DATABASES)) {
  const judging = (name: string, test: (judge: Judge, opened: TestStore) => Promise<void>) =>
    Deno.test(`${database}: ${name}`, async () => {
      await using opened = await open();
      await test(new Judge(opened.store), opened);
    });

  judging("no_worker says once that no online worker has a job's tags, and its end when one comes", async (judge) => {
    const { store } = judge;
    await judge.rule({ kind: "no_worker", limit: 120 });
    await enter(store, A);
    const job = await given(store, { name: "On a GPU" }, null);
    await given(store, { name: "Anywhere" }, null);
    const policies = { ...job.policies, tags: ["gpu"] };
    const tagged = await given(store, { name: "Tagged", policies }, null);
    await store.runs.runNow(manual(tagged, { now: at(0) }));
    await store.workers.report(A, at(119));
    assert.deepEqual(await judge.pass(120), []);
    assert.deepEqual(await judge.pass(121), [
      "opened: It has waited 2 minutes 1 second, and no online worker may run it.",
    ]);
    assert.deepEqual(await judge.pass(126), []);
    await enterTagged(store, B, at(130), ["gpu"]);
    assert.match((await judge.pass(131)).join(), /^recovered: It was open for 2 minutes 11 seconds\./);
    assert.deepEqual(await judge.pass(136), []);
  });

  judging(
    "runs_over_median says once that a run takes longer than its share of the median of 5 runs",
    async (judge) => {
      const { store } = judge;
      await enter(store, A);
      await judge.rule({ kind: "runs_over_median", limit: 300 });
      const job = await given(store, { name: "Report" }, null);
      // Four runs of 10 s say nothing about what is usual.
      const past = async (seconds: number) => {
        const held = await start(store, job, seconds);
        const ended = { ...outcome("COMPLETED"), durationMs: 10_000 };
        await finish(store, held, { outcome: ended, retryAt: null, now: at(seconds + 10) });
        while (await store.statistics.rollUp({ limit: 500 }) > 0);
      };
      for (const seconds of [0, 20, 40, 60]) await past(seconds);
      const fourth = await start(store, job, 100);
      assert.deepEqual(await judge.pass(200), []);
      await finish(store, fourth, {
        outcome: { ...outcome("COMPLETED"), durationMs: 10_000 },
        retryAt: null,
        now: at(201),
      });
      while (await store.statistics.rollUp({ limit: 500 }) > 0);
      const held = await start(store, job, 300);
      // Durations are kept in classes, so the median is known to some percent.
      assert.deepEqual(await judge.pass(325), []);
      const [said = "", ...more] = await judge.pass(340);
      assert.match(said, /^opened: A run has taken 40 seconds; half of its runs take less than (9|10|11) seconds\.$/);
      assert.deepEqual([more, await judge.pass(345)], [[], []]);
      await finish(store, held, { outcome: outcome("COMPLETED"), retryAt: null, now: at(350) });
      assert.match((await judge.pass(351)).join(), /^recovered: It was open for 51 seconds\./);
    },
  );

  judging("outbox_behind says once that the oldest event is too old, and its end when it is counted", async (judge) => {
    const { store } = judge;
    await enter(store, A);
    await judge.rule({ kind: "outbox_behind", limit: 60 });
    const job = await given(store, {}, null);
    const held = await start(store, job, 5);
    await finish(store, held, { outcome: outcome("COMPLETED"), retryAt: null, now: at(10) });
    assert.deepEqual(await judge.pass(70), []);
    assert.deepEqual(await judge.pass(71), [
      "opened: The oldest event that nobody has counted is 1 minute 1 second old.",
    ]);
    assert.deepEqual(await judge.pass(80), []);
    while (await store.statistics.rollUp({ limit: 500 }) > 0);
    assert.match((await judge.pass(81)).join(), /^recovered: It was open for 10 seconds\./);
  });

  judging(
    "a heartbeat is said while a scheduler and a worker are there, once a minute, and not otherwise",
    async (judge) => {
      const { store } = judge;
      await judge.rule({ kind: "heartbeat", limit: 60 });
      const scheduler = identifyService("scheduler");
      await enter(store, A);
      assert.deepEqual(await judge.pass(0), []);
      await store.services.report(scheduler, at(1));
      assert.deepEqual(await judge.pass(2), ["The installation is well"]);
      assert.deepEqual(await judge.pass(20), []);
      await store.services.report(scheduler, at(60));
      await store.workers.report(A, at(60));
      assert.deepEqual(await judge.pass(61), ["The installation is well"]);
      await store.services.report(scheduler, at(121));
      // The worker has been silent.
      assert.deepEqual(await judge.pass(122), []);
      await store.workers.report(A, at(125));
      assert.deepEqual(await judge.pass(126), ["The installation is well"]);
      await store.workers.report(A, at(181));
      // The scheduler has been silent.
      assert.deepEqual(await judge.pass(182), []);
    },
  );

  judging(
    "runs_over says once that a run takes too long, at the second after its limit, and its end",
    async (judge) => {
      const { store } = judge;
      await enter(store, A);
      await judge.rule({ kind: "runs_over", limit: 60 });
      const held = await start(store, await given(store, {}, null), 10);
      assert.deepEqual(await judge.pass(70), []);
      assert.deepEqual(await judge.pass(71), ["opened: A run has taken 1 minute 1 second."]);
      assert.deepEqual(await judge.pass(80), []);
      await finish(store, held, { outcome: outcome("FAILED"), retryAt: null, now: at(90) });
      assert.match((await judge.pass(91)).join(), /^recovered: It was open for 1 minute 21 seconds\./);
      assert.deepEqual(await judge.pass(96), []);
    },
  );

  judging("not_started says once that a run is due and has not started, and its end when it starts", async (judge) => {
    const { store } = judge;
    await enter(store, A);
    await judge.rule({ kind: "not_started", limit: 30 });
    const job = await given(store, {}, null);
    await store.runs.runNow(manual(job, { now: at(5) }));
    assert.deepEqual(await judge.pass(35), []);
    assert.deepEqual(await judge.pass(36), ["opened: It was due and has not started for 31 seconds."]);
    assert.deepEqual(await judge.pass(41), []);
    await markStarted(store, await claimOne(store, A, at(45)), { now: at(45), timeoutAt: at(600) });
    assert.match((await judge.pass(46)).join(), /^recovered: It was open for 41 seconds\./);
    assert.deepEqual(await judge.pass(51), []);
  });

  judging("no_success says once that no run has succeeded for too long, and its end at a success", async (judge) => {
    const { store } = judge;
    await enter(store, A);
    const job = await given(store, {}, null);
    await judge.rule({ kind: "no_success", limit: 3600 }, { kind: "job", jobId: job.id });
    const end = async (status: "COMPLETED" | "FAILED", seconds: number) =>
      await finish(store, await start(store, job, seconds), {
        outcome: outcome(status),
        retryAt: null,
        now: at(seconds + 1),
      });
    await end("COMPLETED", 9);
    await end("FAILED", 1800);
    assert.deepEqual(await judge.pass(3610), []);
    assert.deepEqual(await judge.pass(3611), ["opened: No run has succeeded for 1 hour 1 second."]);
    await end("FAILED", 3620);
    assert.deepEqual(await judge.pass(3622), []);
    await end("COMPLETED", 3630);
    assert.match((await judge.pass(3632)).join(), /^recovered: It was open for 1 hour 22 seconds\./);
    assert.deepEqual(await judge.pass(3640), []);
  });

  judging("scheduler_silent and worker_silent say once who is silent, and the end when one reports", async (judge) => {
    const { store } = judge;
    const scheduler = identifyService("scheduler");
    await enter(store, A);
    await store.services.report(scheduler, at(0));
    await judge.rule({ kind: "scheduler_silent", limit: 60 });
    await judge.rule({ kind: "worker_silent", limit: 90 });
    assert.deepEqual(await judge.pass(59), []);
    assert.deepEqual(await judge.pass(60), ["opened: No scheduler gives a sign of life, so no job starts."]);
    assert.deepEqual(await judge.pass(90), []);
    assert.deepEqual(await judge.pass(91), ["opened: No worker is online, so no script runs."]);
    assert.deepEqual(await judge.pass(96), []);
    await store.services.report(scheduler, at(100));
    await store.workers.report(A, at(100));
    const ends = (await judge.pass(101)).toSorted();
    assert.match(
      ends.join(),
      /^recovered: It was open for 10 seconds\.[^,]*, [^,]*,recovered: It was open for 41 seconds\./,
    );
    assert.deepEqual(await judge.pass(106), []);
  });

  judging("the start of a run is said when it is seen, once, to the monitors that ask", async (judge) => {
    const { store } = judge;
    await enter(store, A);
    const [backup, other] = [await given(store, { name: "Backup" }, null), await given(store, { name: "Other" }, null)];
    await judge.rule({ kind: "every_run", limit: 0 }, { kind: "job", jobId: backup.id });
    await start(store, other, 1);
    const held = await start(store, backup, 1);
    assert.deepEqual(await judge.pass(2), ["Job Backup started"]);
    assert.deepEqual(await judge.pass(7), []);
    await finish(store, held, { outcome: outcome("FAILED"), retryAt: null, now: at(8) });
    assert.deepEqual(await judge.pass(9), ["Job Backup failed"]);
    // One that is seen too late is only said at its end.
    const late = await start(store, backup, 10);
    assert.deepEqual(await judge.pass(700), []);
    await finish(store, late, { outcome: outcome("COMPLETED"), retryAt: null, now: at(701) });
    assert.deepEqual(await judge.pass(702), ["Job Backup succeeded"]);
  });

  judging(
    "database_over says once that the database is larger than it may be, and its end when it has shrunk",
    async (judge, { store, sql }) => {
      const size = async () => Math.floor((await store.diagnostics.facts()).bytes / MB);
      const limit = await size() + 1;
      await judge.rule({ kind: "database_over", limit });
      assert.deepEqual(await judge.pass(0), []);
      await sql("CREATE TABLE ballast (bytes TEXT)");
      await sql(BALLAST);
      const grown = await size();
      // It is measured once a minute.
      assert.deepEqual(await judge.pass(59), []);
      const [said = "", ...more] = await judge.pass(60);
      const megabytes = Number(/^opened: The database takes (\d+) MB\.$/.exec(said)?.[1]);
      assert.ok(megabytes > limit && megabytes >= grown && megabytes <= grown + 1, `${said} ${grown} ${limit}`);
      assert.deepEqual([more, await judge.pass(120)], [[], []]);
      await sql("DELETE FROM ballast");
      await sql("VACUUM");
      assert.deepEqual(await judge.pass(179), []);
      assert.match((await judge.pass(180)).join(), /^recovered: It was open for 2 minutes\./);
      assert.deepEqual(await judge.pass(240), []);
    },
  );
}

Deno.test("disk_low says once that little is free on the disk of a SQLite database, and nothing of another", async () => {
  await using opened = await DATABASES.SQLite();
  let free = 500 * MB;
  const judge = new Judge(opened.store, () => Promise.resolve(free));
  await judge.rule({ kind: "disk_low", limit: 400 });
  assert.deepEqual(await judge.pass(0), []);
  free = 400 * MB - 1;
  assert.deepEqual(await judge.pass(5), ["opened: 399 MB are free on the disk of the database."]);
  free = 398 * MB;
  assert.deepEqual(await judge.pass(10), []);
  free = 400 * MB;
  assert.match((await judge.pass(15)).join(), /^recovered: It was open for 10 seconds\./);
  await opened.store.alerts.removeRule((await opened.store.alerts.rules())[0]!.id, by(at(16)));
  const elsewhere = new Judge(opened.store);
  await elsewhere.store.alerts.removeChannel((await opened.store.alerts.channels())[0]!.id, by(at(16)));
  await elsewhere.rule({ kind: "disk_low", limit: 1_000_000_000 });
  assert.deepEqual(await elsewhere.pass(20), []);
});

/** Enters a worker that has tags. */
async function enterTagged(store: Store, id: WorkerId, now: EpochMs, tags: readonly string[]): Promise<void> {
  const about = { hostname: `${id}.example`, platform: "linux x86_64", processId: 2, version: "0.0.0", concurrency: 4 };
  await store.workers.register({ workerId: id, ...about, tags }, now);
}
