import assert from "node:assert/strict";
import {
  type EpochMs,
  epochMs,
  type Grain,
  GRAIN_MS,
  histogramOf,
  type Job,
  periodOf,
  QUANTILE_ERROR,
  quantileOf,
  type Tally,
} from "../../shared/domain/mod.ts";
import { type Outcome, type RankedQuery, STATISTICS, type Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import {
  A,
  at,
  B,
  claimOne,
  enter,
  given,
  LOCK_MS,
  manual,
  MINUTELY,
  moved,
  outcome,
  pausing,
  running,
} from "./_given.ts";
import type { Check } from "./contract.ts";

const FROM = at(0);
const UNTIL = epochMs(at(0) + 2 * GRAIN_MS.day);
const BATCH = { limit: 3 };

/** Counts all there is. */
async function countAll({ statistics }: Store): Promise<void> {
  while (await statistics.rollUp(BATCH) > 0);
}

interface Ran {
  readonly how?: Outcome;
  /** When it became available, started and ended, in seconds. */
  readonly available?: number;
  readonly started?: number;
  readonly ended?: number;
  readonly worker?: typeof A;
}

/** Runs a job once. */
async function ran(store: Store, job: Job, run: Ran = {}): Promise<void> {
  const { how = outcome("COMPLETED"), available = 0, started = 2, ended = 10, worker = A } = run;
  await store.runs.runNow(manual(job, { now: at(available), force: true }));
  const held = await claimOne(store, worker, at(started));
  const durationMs = (ended - started) * 1000;
  await store.queue.finish([{
    ...held,
    outcome: { ...how, durationMs },
    startedAt: at(started),
    endedAt: at(ended),
    retryAt: null,
  }]);
}

const whole = (grain: Grain = "hour") => ({ grain, from: FROM, until: UNTIL });

/** The counts that are not 0, by the beginning of their hour. */
async function hours(store: Store, visible?: readonly string[]): Promise<readonly unknown[]> {
  const query = { ...whole(), ...(visible !== undefined && { visible }) };
  return (await store.statistics.series(query)).map((row) => [(row.at - FROM) / 3_600_000, shortOf(row)]);
}

function shortOf({ counts }: Pick<Tally, "counts">): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** What happened, counted from the runs themselves. */
async function independently(store: Store): Promise<ReadonlyMap<EpochMs, Readonly<Record<string, number>>>> {
  const counted = new Map<EpochMs, Record<string, number>>();
  for (const run of (await store.runs.list({ limit: 200 })).items) {
    const execution = await store.runs.execution(run.id);
    if (execution === null) continue;
    const hour = periodOf(execution.runTime, "hour");
    const counts = counted.get(hour) ?? {};
    counts[execution.status] = (counts[execution.status] ?? 0) + 1;
    counted.set(hour, counts);
  }
  return counted;
}

/** Statistics: each end counts once. */
export function statisticsContract(check: Check): void {
  check(
    "statistics: hours and days say how runs ended, how long they took and how late they started",
    async ({ store }) => {
      await enter(store, A);
      const job = await given(store);
      await ran(store, job);
      await ran(store, job, { started: 5, ended: 65, how: outcome("FAILED") });
      await ran(store, job, {
        available: 3700,
        started: 3700,
        ended: 3701,
        how: { ...outcome("FAILED"), execution: "ERROR" },
      });
      await ran(store, job, { available: 3700, started: 3760, ended: 90_000, how: outcome("TIMEOUT") });
      const { id } = await store.runs.runNow(manual(job, { now: at(90_000), force: true }));
      await store.runs.cancel(id, by(at(90_001)));
      await countAll(store);
      assert.deepEqual(await hours(store), [
        [0, { SUCCESS: 1, FAILURE: 1 }],
        [1, { ERROR: 1 }],
        [25, { TIMEOUT: 1, CANCELLED: 1 }],
      ]);
      const days = await store.statistics.series(whole("day"));
      assert.deepEqual(days.map(shortOf), [{ SUCCESS: 1, FAILURE: 1, ERROR: 1 }, { TIMEOUT: 1, CANCELLED: 1 }]);
      assert.deepEqual(days[0]?.durations, histogramOf([8000, 60_000, 1000]));
      assert.deepEqual(days[0]?.delays, histogramOf([2000, 5000, 0]));
      assert.deepEqual(days.map(({ busyMs }) => busyMs), [69_000, 86_240_000]);
      assert.deepEqual([days[1]?.durations, days[1]?.delays], [histogramOf([86_240_000]), histogramOf([60_000])]);
      const median = quantileOf(days[0]?.durations ?? new Map(), 0.5) ?? 0;
      assert.ok(Math.abs(median - 8000) <= 8000 * QUANTILE_ERROR);
    },
  );

  check("statistics: what occurrences did not run counts when it is decided", async ({ store }) => {
    const job = await given(store);
    const ledger = [{ reason: "missed", firstAt: at(60), lastAt: at(180), count: 3 }] as const;
    const decide = () => ({ ...running([], at(7260)), ledger });
    await store.scheduling.dispatchDue({ now: at(7200), limit: 10, lockMs: LOCK_MS, decide });
    await store.jobs.pause(job.id, pausing(at(7260), { now: at(7250) }));
    const paused = { reason: "paused", firstAt: at(7260), lastAt: at(7320), count: 2 } as const;
    await store.jobs.resume(job.id, { nextRun: { ...moved(null, at(7380)), ledger: [paused] }, ...by(at(7350)) });
    await countAll(store);
    assert.deepEqual(await hours(store), [[2, { NOT_RUN: 5 }]]);
  });

  check(
    "statistics: counting again, by another scheduler, at once, or after an answer that was lost adds nothing",
    async (
      { store, another },
    ) => {
      await enter(store, A);
      const job = await given(store);
      for (let count = 0; count < 7; count++) await ran(store, job);
      await countAll(store);
      for (let count = 0; count < 7; count++) await ran(store, job);
      const other = await another();
      for (let passes = 0; passes < 6; passes++) {
        await Promise.all([store, other].map(({ statistics }) => statistics.rollUp(BATCH)));
      }
      assert.equal(await other.statistics.rollUp(BATCH), 0);
      assert.deepEqual(await hours(store), [[0, { SUCCESS: 14 }]]);
      assert.deepEqual(new Map([[FROM, { SUCCESS: 14 }]]), await independently(store));
    },
  );

  check("statistics: events are kept until they are counted", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    await countAll(store);
    for (let count = 0; count < 2; count++) await ran(store, job);
    const prune = () => store.events.prune({ before: FROM, limit: 10 });
    assert.equal(await prune(), 0);
    assert.equal((await store.statistics.progress()).uncountedSince, at(10));
    await countAll(store);
    assert.equal((await store.statistics.progress()).uncountedSince, null);
    assert.equal(await prune(), 2);
    assert.deepEqual(await hours(store), [[0, { SUCCESS: 2 }]]);
  });

  check("statistics: the first count finds what had ended, and leaves the rest to the outbox", async ({ store }) => {
    await enter(store, A);
    const job = await given(store, { policies: { ...MINUTELY.policies, overlap: "allow" } });
    for (let count = 0; count < 5; count++) await ran(store, job);
    // These have no event any more, the next two have.
    assert.equal(await store.events.prune({ before: FROM, limit: 10 }), 5);
    for (let count = 0; count < 2; count++) await ran(store, job, { ended: 3700 });
    await store.runs.runNow(manual(job, { now: at(0), force: true }));
    await store.runs.runNow(manual(job, { now: at(0), force: true }));
    const held = await claimOne(store, A, at(1));
    assert.deepEqual(await store.statistics.progress(), {
      hasBegun: false,
      isFilled: false,
      uncountedSince: at(3700),
    });
    // The first batches of the first count: in between, what was open ends.
    await store.statistics.rollUp({ limit: 2 });
    assert.equal((await store.statistics.progress()).isFilled, false);
    const end = { outcome: outcome("FAILED"), startedAt: at(1), endedAt: at(7300), retryAt: null };
    await store.queue.finish([{ ...held, ...end }]);
    await ran(store, job, { ended: 7300 });
    await countAll(store);
    assert.equal((await store.statistics.progress()).isFilled, true);
    assert.deepEqual(await hours(store), [
      [0, { SUCCESS: 5 }],
      [1, { SUCCESS: 2 }],
      [2, { SUCCESS: 1, FAILURE: 1 }],
    ]);
    const found = await store.statistics.series(whole());
    assert.deepEqual(new Map(found.map((row) => [row.at, shortOf(row)])), await independently(store));
  });

  check("statistics: when the outbox forgets the consumer, all that is there is counted anew", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    for (let count = 0; count < 4; count++) await ran(store, job);
    await countAll(store);
    await ran(store, job);
    await store.events.forget(STATISTICS);
    await countAll(store);
    assert.deepEqual(await hours(store), [[0, { SUCCESS: 5 }]]);
  });

  check(
    "statistics: a run that was deleted before it was counted counts, without its times",
    async ({ store, sql }) => {
      await enter(store, A);
      const job = await given(store);
      await countAll(store);
      await ran(store, job);
      await sql("DELETE FROM job_execution_logs");
      await sql("DELETE FROM job_dispatch");
      await countAll(store);
      const [hour] = await store.statistics.series(whole());
      assert.deepEqual([hour && shortOf(hour), hour?.durations.size], [{ SUCCESS: 1 }, 0]);
    },
  );

  check(
    "statistics: jobs, labels and hosts have their own, and nobody sees those of others' jobs",
    async ({ store }) => {
      await enter(store, A);
      await enter(store, B);
      const eu = await given(store, { name: "Eu", labels: ["eu", "team"] });
      const hr = await given(store, { name: "Hr", labels: ["hr", "team"] });
      const none = await given(store, { name: "None" });
      await ran(store, eu);
      await ran(store, hr, { how: outcome("FAILED"), worker: B });
      await ran(store, hr, { how: outcome("FAILED"), ended: 3700 });
      await ran(store, none, { worker: B });
      await countAll(store);
      assert.deepEqual(await hours(store), [[0, { SUCCESS: 2, FAILURE: 1 }], [1, { FAILURE: 1 }]]);
      assert.deepEqual(await hours(store, ["eu"]), [[0, { SUCCESS: 1 }]]);
      assert.deepEqual(await hours(store, ["eu", "hr"]), [[0, { SUCCESS: 1, FAILURE: 1 }], [1, { FAILURE: 1 }]]);
      assert.deepEqual(await hours(store, []), []);
      const { statistics } = store;
      const counted = async (query: object) => (await statistics.series({ ...whole(), ...query })).map(shortOf);
      assert.deepEqual(await counted({ jobId: hr.id }), [{ FAILURE: 1 }, { FAILURE: 1 }]);
      assert.deepEqual(await counted({ jobId: hr.id, visible: ["eu"] }), []);
      assert.deepEqual(await counted({ labels: [["team"], ["hr"]] }), [{ FAILURE: 1 }, { FAILURE: 1 }]);
      assert.deepEqual(await counted({ labels: [["team"]], visible: ["eu"], countsOnly: true }), [{ SUCCESS: 1 }]);
      assert.deepEqual(await counted({ host: "worker-b.example" }), [{ SUCCESS: 1, FAILURE: 1 }]);
      const ofJobs = await statistics.ofJobs({ ...whole("day"), jobIds: [eu.id, hr.id] });
      assert.deepEqual(ofJobs.map((row) => [row.jobId, shortOf(row)]), [[eu.id, { SUCCESS: 1 }], [hr.id, {
        FAILURE: 2,
      }]]);
      assert.deepEqual(ofJobs.map(({ durations }) => durations), [histogramOf([8000]), histogramOf([8000, 3_698_000])]);
      assert.deepEqual((await statistics.ofHosts(whole("day"))).map((row) => [row.host, shortOf(row)]), [
        ["worker-a.example", { SUCCESS: 1, FAILURE: 1 }],
        ["worker-b.example", { SUCCESS: 1, FAILURE: 1 }],
      ]);
      const rank = async (query: Partial<RankedQuery>) => {
        const all = { ...whole(), ranking: "runs", limit: 10, rows: 100 } as const;
        const { jobIds, rankedFrom } = await statistics.ranked({ ...all, ...query });
        return [jobIds, (rankedFrom - FROM) / 3_600_000];
      };
      assert.deepEqual(await rank({}), [[hr.id, eu.id, none.id], 0], "equal ones by their ids");
      assert.deepEqual(await rank({ limit: 2 }), [[hr.id, eu.id], 0]);
      assert.deepEqual(await rank({ ranking: "failed" }), [[hr.id], 0], "who did not fail is not ranked");
      assert.deepEqual(await rank({ ranking: "rate" }), [[hr.id], 0]);
      assert.deepEqual(await rank({ ranking: "time", limit: 1 }), [[hr.id], 0]);
      assert.deepEqual(await rank({ rows: 1 }), [[hr.id], 1], "the newest hour alone has enough");
      assert.deepEqual(await rank({ rows: 2 }), [[hr.id, eu.id, none.id], 0], "an hour is ranked as a whole");
      assert.deepEqual(await rank({ visible: ["eu"] }), [[eu.id], 0]);
      assert.deepEqual(await rank({ labels: [["team"]], visible: ["hr", "eu"] }), [[hr.id, eu.id], 0]);
      assert.deepEqual(await rank({ visible: [] }), [[], 0]);
    },
  );

  check("statistics: old hours are pruned, and days stay", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    await ran(store, job);
    await ran(store, job, { ended: 7200 });
    await countAll(store);
    const pass = { grain: "hour", before: at(3600), limit: 2 } as const;
    assert.equal(await store.statistics.pruneTallies(pass), 2);
    assert.equal(await store.statistics.pruneTallies(pass), 1, "of all jobs, of the job, of the host");
    assert.equal(await store.statistics.pruneTallies(pass), 0);
    assert.deepEqual(await hours(store), [[2, { SUCCESS: 1 }]]);
    assert.deepEqual((await store.statistics.series(whole("day"))).map(shortOf), [{ SUCCESS: 2 }]);
  });

  check("statistics: an empty database has none, and is counted at once", async ({ store }) => {
    assert.equal(await store.statistics.rollUp(BATCH), 0);
    assert.deepEqual(await store.statistics.progress(), { hasBegun: true, isFilled: true, uncountedSince: null });
    assert.deepEqual(await hours(store), []);
    assert.deepEqual(await store.statistics.ofJobs({ ...whole(), jobIds: [] }), []);
    assert.deepEqual(await store.statistics.ofHosts(whole()), []);
  });
}
