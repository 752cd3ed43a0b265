import assert from "node:assert/strict";
import { type DispatchId, epochMs, type EventId, eventId, type Job, type RunEvent } from "../../shared/domain/mod.ts";
import type { Claim, Outcome, Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import { finish } from "../support/attempts.ts";
import {
  A,
  at,
  B,
  claim,
  claimOne,
  dispatch,
  enter,
  given,
  LEASE_MS,
  LOCK_MS,
  manual,
  MINUTELY,
  moved,
  outcome,
  pausing,
  running,
  T0,
} from "./_given.ts";
import type { Check } from "./contract.ts";

/** The event of an end without its id. */
type EndEvent = readonly [run: DispatchId, execution: string, isRetried: boolean];

/** The events after a position, all of them. */
function readAll({ events }: Store, after: EventId = eventId(0)): Promise<readonly RunEvent[]> {
  return events.read({ after, limit: 1000 });
}

/** In their order; of one moment, in which they may come in any order, in that of the runs. */
async function ends(store: Store): Promise<readonly EndEvent[]> {
  const events = (await readAll(store)).map((event) => {
    assert.ok(event.kind === "ended");
    return event;
  });
  const isOfOneMoment = (a: RunEvent, b: RunEvent) => a.at === b.at;
  return events.toSorted((a, b) => isOfOneMoment(a, b) ? a.dispatchId - b.dispatchId : a.id - b.id)
    .map(({ dispatchId, execution, isRetried }) => [dispatchId, execution, isRetried]);
}

async function waits(store: Store, job: Job, seconds = 0): Promise<DispatchId> {
  return (await store.runs.runNow(manual(job, { now: at(seconds), force: true }))).id;
}

async function runs(store: Store, job: Job, seconds = 0): Promise<Claim> {
  await waits(store, job, seconds);
  return await claimOne(store, A, at(seconds));
}

const end = (store: Store, held: Claim, how: Outcome, retryAt: number | null = null): Promise<boolean> =>
  finish(store, held, { outcome: how, retryAt: retryAt === null ? null : at(retryAt), now: at(50) });

const rescue = (store: Store, retryAt: number | null = null) =>
  store.scheduling.rescue({
    now: at(LEASE_MS / 1000),
    overdueMs: 3_600_000,
    limit: 10,
    retryAt: () => retryAt === null ? null : at(retryAt),
  });

const ERROR: Outcome = { ...outcome("FAILED"), execution: "ERROR", exitCode: null };

/** A way to end runs, or not: it acts on a job and answers the events that must follow. */
type Way = (store: Store, job: Job) => Promise<readonly EndEvent[]>;

const WAYS: Readonly<Record<string, Way>> = {
  "a script that succeeds makes one": async (store, job) => {
    const held = await runs(store, job);
    await end(store, held, outcome("COMPLETED"));
    return [[held.dispatchId, "SUCCESS", false]];
  },
  "a script that fails and is tried again makes one that says so": async (store, job) => {
    const held = await runs(store, job);
    await end(store, held, outcome("FAILED"), 60);
    return [[held.dispatchId, "FAILURE", true]];
  },
  "a script that fails for good makes one": async (store, job) => {
    const held = await runs(store, job);
    await end(store, held, outcome("FAILED"));
    return [[held.dispatchId, "FAILURE", false]];
  },
  "a script that cannot be run makes one": async (store, job) => {
    const held = await runs(store, job);
    await end(store, held, ERROR);
    return [[held.dispatchId, "ERROR", false]];
  },
  "each attempt of an occurrence makes one": async (store, job) => {
    const first = await runs(store, job);
    await end(store, first, outcome("TIMEOUT"), 60);
    const second = await claimOne(store, A, at(60));
    await end(store, second, outcome("COMPLETED"));
    return [[first.dispatchId, "TIMEOUT", true], [second.dispatchId, "SUCCESS", false]];
  },
  "a script that fails while it is to be cancelled is not tried again, and its event says so": async (store, job) => {
    const held = await runs(store, job);
    await store.runs.cancel(held.dispatchId, by(at(1)));
    await end(store, held, outcome("FAILED"), 60);
    return [[held.dispatchId, "FAILURE", false]];
  },
  "a report that is sent twice makes one": async (store, job) => {
    const held = await runs(store, job);
    assert.equal(await end(store, held, outcome("FAILED"), 60), true);
    assert.equal(await end(store, held, outcome("FAILED"), 60), true);
    return [[held.dispatchId, "FAILURE", true]];
  },
  "a report about a lost lease makes none": async (store, job) => {
    const held = await runs(store, job);
    await rescue(store);
    assert.equal(await end(store, held, outcome("COMPLETED")), false);
    return [[held.dispatchId, "TIMEOUT", false]];
  },
  "reports of many ends together make one each": async (store, job) => {
    for (let count = 0; count < 6; count++) await waits(store, job);
    const held = await claim(store, A, T0);
    const how = [outcome("COMPLETED"), outcome("FAILED"), ERROR];
    const reports = held.map((ref, index) => ({
      ...ref,
      outcome: how[index % 3] ?? ERROR,
      startedAt: at(1),
      endedAt: at(2),
      retryAt: index % 3 === 1 ? at(60) : null,
    }));
    assert.deepEqual(await store.queue.finish(reports), []);
    const expected = reports.map(({ dispatchId, outcome, retryAt }): EndEvent => [
      dispatchId,
      outcome.execution,
      retryAt !== null,
    ]);
    // Simple successes may be written apart from the others.
    const found = await ends(store);
    assert.deepEqual(found.toSorted(byRun), expected.toSorted(byRun));
    return found;
  },
  "a rescue with a retry makes one that says so": async (store, job) => {
    const held = await runs(store, job);
    await rescue(store, 600);
    return [[held.dispatchId, "TIMEOUT", true]];
  },
  "a rescue without a retry makes one": async (store, job) => {
    const held = await runs(store, job);
    await rescue(store);
    return [[held.dispatchId, "TIMEOUT", false]];
  },
  "a rescue of a run that is to be cancelled is not tried again, and its event says so": async (store, job) => {
    const held = await runs(store, job);
    await store.runs.cancel(held.dispatchId, by(at(1)));
    await rescue(store, 600);
    return [[held.dispatchId, "TIMEOUT", false]];
  },
  "cancelling a waiting run makes one, cancelling it again none": async (store, job) => {
    const id = await waits(store, job);
    await store.runs.cancel(id, by(at(1)));
    await assert.rejects(store.runs.cancel(id, by(at(2))));
    return [[id, "CANCELLED", false]];
  },
  "cancelling a running run makes none before it has ended": async (store, job) => {
    const held = await runs(store, job);
    await store.runs.cancel(held.dispatchId, by(at(1)));
    assert.deepEqual(await ends(store), []);
    await end(store, held, { ...outcome("CANCELLED"), errorMessage: null });
    return [[held.dispatchId, "CANCELLED", false]];
  },
  "releasing a run makes none": async (store, job) => {
    await store.queue.release([await runs(store, job)], at(1));
    return [];
  },
  "releasing a run that is to be cancelled makes one": async (store, job) => {
    const held = await runs(store, job);
    await store.runs.cancel(held.dispatchId, by(at(1)));
    await store.queue.release([held], at(2));
    return [[held.dispatchId, "CANCELLED", false]];
  },
  "a heartbeat that releases runs makes one for each that is to be cancelled": async (store, job) => {
    const held = await runs(store, job);
    await runs(store, job, 1);
    await store.runs.cancel(held.dispatchId, by(at(2)));
    await store.queue.heartbeat({ workerId: A, held: [], status: "IDLE", leaseMs: LEASE_MS, now: at(3) });
    return [[held.dispatchId, "CANCELLED", false]];
  },
  "a pause that cancels waiting runs makes one for each": async (store, job) => {
    const ids = [await waits(store, job), await waits(store, job)];
    await store.jobs.pause(job.id, pausing(job.nextRun, { cancelsWaiting: true, now: at(1) }));
    return ids.map((id) => [id, "CANCELLED", false]);
  },
  "a pause that keeps waiting runs makes none": async (store, job) => {
    await waits(store, job);
    await store.jobs.pause(job.id, pausing(job.nextRun, { now: at(1) }));
    return [];
  },
  "removing a job makes one for each waiting run, and one for a running one when it ends, without a retry": async (
    store,
    job,
  ) => {
    const held = await runs(store, job);
    const id = await waits(store, job, 1);
    await store.jobs.remove(job.id, { ...by(at(2)) });
    assert.deepEqual(await ends(store), [[id, "CANCELLED", false]]);
    await end(store, held, outcome("FAILED"), 60);
    return [[id, "CANCELLED", false], [held.dispatchId, "FAILURE", false]];
  },
  "a run by hand that makes room for itself makes one for each that it cancels": async (store, job) => {
    const id = await waits(store, job);
    await store.runs.runNow(manual(job, { now: at(1) }));
    return [[id, "CANCELLED", false]];
  },
  "an occurrence that makes room for itself makes one for each that it cancels": async (store, job) => {
    const id = await waits(store, job);
    const decide = () => ({ ...running([at(60)], at(120)), cancelsEarlier: true });
    await store.scheduling.dispatchDue({ now: at(60), limit: 10, lockMs: LOCK_MS, decide });
    return [[id, "CANCELLED", false]];
  },
  "dispatching, claiming, a backfill asked for twice and healing make none": async (store, job) => {
    await dispatch(store, at(60));
    await claimOne(store, A, at(60));
    const backfill = { id: "b", atOnce: 1 };
    for (const times of [[at(1)], [at(1), at(2)]]) {
      await store.runs.backfill({ jobId: job.id, times, backfill, ...by(at(61)) });
    }
    await store.scheduling.heal({ now: at(30), leaseMs: LEASE_MS });
    return [];
  },
};

function byRun([a]: EndEvent, [b]: EndEvent): number {
  return a - b;
}

/** The outbox: its writers, its readers, its pruning. */
export function eventsContract(check: Check): void {
  for (const [name, way] of Object.entries(WAYS)) {
    check(`events: ${name}`, async ({ store }) => {
      await enter(store, A);
      await enter(store, B);
      const job = await given(store, { policies: { ...MINUTELY.policies, overlap: "cancel_running" } });
      const expected = await way(store, job);
      assert.deepEqual(await ends(store), expected);
    });
  }

  check("events: one of an end says which occurrence ended, how and when", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    const first = await runs(store, job, 7);
    await end(store, first, outcome("FAILED"), 60);
    const retry = await claimOne(store, A, at(60));
    await end(store, retry, ERROR);
    const [, event] = await readAll(store);
    assert.deepEqual(event, {
      kind: "ended",
      id: event?.id,
      jobId: job.id,
      at: at(50),
      dispatchId: retry.dispatchId,
      rootId: first.dispatchId,
      scheduledFor: at(7),
      status: "FAILED",
      execution: "ERROR",
      isRetried: false,
    });
  });

  check("events: each addition to the ledger makes one that holds the addition", async ({ store }) => {
    const job = await given(store);
    const pass = (due: number, ledger: readonly (readonly ["missed" | "overlap", number, number, number])[]) =>
      store.scheduling.dispatchDue({
        now: at(due),
        limit: 10,
        lockMs: LOCK_MS,
        decide: () => ({
          ...running([], at(due + 60)),
          ledger: ledger.map(([reason, first, last, count]) => ({
            reason,
            firstAt: at(first),
            lastAt: at(last),
            count,
          })),
        }),
      });
    await pass(180, [["missed", 60, 120, 2], ["overlap", 180, 180, 1]]);
    await pass(240, [["overlap", 240, 240, 1]]);
    await pass(300, []);
    await store.jobs.pause(job.id, pausing(at(360), { now: at(350) }));
    const paused = { reason: "paused", firstAt: at(360), lastAt: at(480), count: 3 } as const;
    const nextRun = { ...moved(null, at(540)), ledger: [paused] };
    await store.jobs.resume(job.id, { nextRun, ...by(at(500)) });
    const expected = (await readAll(store)).map((event) => {
      assert.ok(event.kind === "not_run");
      const { jobId, at, reason, firstAt, lastAt, count } = event;
      return [jobId, at, reason, firstAt, lastAt, count];
    });
    assert.deepEqual(expected, [
      [job.id, at(180), "missed", at(60), at(120), 2],
      [job.id, at(180), "overlap", at(180), at(180), 1],
      [job.id, at(240), "overlap", at(240), at(240), 1],
      [job.id, at(500), "paused", at(360), at(480), 3],
    ]);
    assert.deepEqual((await store.runs.ledger(job.id, 10)).map(({ count }) => count), [3, 2, 2]);
  });

  check("events: the events of entries that healing deletes from the ledger stay", async ({ store }) => {
    const schedule = { kind: "hourly", minute: 0 } as const;
    await given(store, { schedule }, at(3600));
    const ahead = { reason: "missed", firstAt: at(3600), lastAt: at(10_800), count: 3 } as const;
    const decide = () => ({ ...running([], at(14_400)), ledger: [ahead] });
    await store.scheduling.dispatchDue({ now: at(14_000), limit: 10, lockMs: LOCK_MS, decide });
    const before = await readAll(store);
    assert.equal((await store.scheduling.heal({ now: at(60), leaseMs: LEASE_MS })).jobs, 1);
    assert.equal(before.length, 1);
    assert.deepEqual(await readAll(store), before);
  });

  check("events: a consumer reads on after its last commit, whichever process has died", async ({ store, another }) => {
    await enter(store, A);
    const job = await given(store);
    const tell = async () => {
      const held = await runs(store, job);
      await end(store, held, outcome("COMPLETED"));
    };
    await tell();
    const start = await store.events.register("alerts");
    assert.deepEqual(await store.events.read({ after: start, limit: 10 }), [], "it begins after what is there");
    for (let count = 0; count < 3; count++) await tell();
    const [first, second] = await store.events.read({ after: start, limit: 2 });
    assert.ok(first !== undefined && second !== undefined && start < first.id && first.id < second.id);
    const move = { from: start, to: first.id };
    assert.equal(await store.events.commit("alerts", move), true);
    assert.equal(await store.events.commit("alerts", move), true, "said again");
    assert.equal(await store.events.commit("alerts", { from: start, to: second.id }), false, "another was first");
    const other = await another();
    const position = await other.events.register("alerts");
    assert.equal(position, first.id);
    const rest = await other.events.read({ after: position, limit: 10 });
    assert.deepEqual([rest.length, rest[0]?.id], [2, second.id]);
    await assert.rejects(other.events.commit("alerts", { from: second.id, to: first.id }), RangeError);
    await other.events.forget("alerts");
    assert.equal(await other.events.commit("alerts", { from: first.id, to: second.id }), false);
    assert.equal(await other.events.register("alerts"), rest.at(-1)?.id);
  });

  check("events: those that all consumers have committed are pruned, and no id is used again", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    const start = await store.events.register("alerts");
    await store.events.register("chains");
    for (let count = 0; count < 4; count++) await end(store, await runs(store, job), outcome("COMPLETED"));
    const ids = (await readAll(store)).map(({ id }) => id);
    const [first, second, third, last] = ids;
    assert.ok(first !== undefined && second !== undefined && third !== undefined && last !== undefined);
    const prune = (limit = 10) => store.events.prune({ before: T0, limit });
    const left = async () => (await readAll(store)).map(({ id }) => id);
    await store.events.commit("alerts", { from: start, to: third });
    assert.equal(await prune(), 0);
    await store.events.commit("chains", { from: start, to: second });
    assert.equal(await prune(1), 1);
    assert.deepEqual(await left(), [second, third, last]);
    assert.equal(await prune(), 1);
    assert.deepEqual(await left(), [third, last]);
    await store.events.commit("alerts", { from: third, to: last });
    await store.events.commit("chains", { from: second, to: last });
    assert.equal(await prune(), 2);
    await end(store, await runs(store, job), outcome("COMPLETED"));
    const [next] = await store.events.read({ after: last, limit: 10 });
    assert.ok(next !== undefined && next.id > last);
  });

  check("events: without a consumer all of them are pruned", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    for (let count = 0; count < 3; count++) await end(store, await runs(store, job), outcome("COMPLETED"));
    assert.equal(await store.events.prune({ before: T0, limit: 2 }), 2);
    assert.equal(await store.events.prune({ before: T0, limit: 2 }), 1);
    assert.deepEqual(await readAll(store), []);
  });

  check("events: an old one is pruned, whether a consumer has committed it or not", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    await store.events.register("gone for good");
    for (const now of [50, 60]) {
      await finish(store, await runs(store, job), { outcome: outcome("COMPLETED"), retryAt: null, now: at(now) });
    }
    assert.equal(await store.events.prune({ before: epochMs(at(60) - 1), limit: 10 }), 1);
    assert.deepEqual((await readAll(store)).map(({ at }) => at), [at(60)]);
  });
}
