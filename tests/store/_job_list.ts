import assert from "node:assert/strict";
import type { Job } from "../../shared/domain/mod.ts";
import type { JobQuery, Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import { finish } from "../support/attempts.ts";
import type { Check } from "./contract.ts";
import { A, at, claimOne, dispatch, enter, given, manual, outcome, pausing } from "./_given.ts";

/** What a list of jobs says of their runs, and what it is sorted and narrowed by. */
export function jobListContract(check: Check): void {
  check(
    "what needs a person now comes first: failing, late, failing but paused, then the others",
    async ({ store }) => {
      await enter(store, A);
      // The others by name are next due later than the two that are late, and one has no next run.
      const nextRuns = { d: at(900), b: at(900), e: at(900), a: null, c: at(900), f: at(100), g: at(150), h: at(80) };
      const jobs = new Map<string, Job>();
      for (const [name, nextRun] of Object.entries(nextRuns)) jobs.set(name, await given(store, { name }, nextRun));
      const fail = ["e", "b", "c", "h", "d"];
      for (const [i, name] of fail.entries()) await ended(store, jobs.get(name), { status: "FAILED", seconds: 10 * i });
      await ended(store, jobs.get("b"), { status: "COMPLETED", seconds: 60 });
      for (const name of ["c", "d", "a"]) {
        const job = jobs.get(name) ?? assert.fail();
        await store.jobs.pause(job.id, pausing(job.nextRun, { now: at(70) }));
      }
      const inOrder = (query: Omit<JobQuery, "limit" | "sort"> = {}) =>
        pagesOf(store, { sort: "worst", now: at(220), ...query });
      assert.deepEqual(await inOrder(), ["h", "e", "g", "f", "d", "c", "a", "b"]);
      assert.deepEqual(await inOrder({ states: ["failing"] }), ["h", "e", "d", "c"]);
      assert.deepEqual(await inOrder({ states: ["late"] }), ["h", "g", "f"]);
      assert.deepEqual(await inOrder({ states: ["paused"] }), ["d", "c", "a"]);
      assert.deepEqual(await inOrder({ states: ["active", "failing"], jobs: ["e", "f", "d", "b"] }), [
        "e",
        "f",
        "d",
        "b",
      ]);
      assert.deepEqual(await inOrder({ now: at(110) }), ["h", "e", "d", "c", "a", "b", "f", "g"]);
      await assert.rejects(store.jobs.list({ sort: "worst", limit: 1 }), RangeError);
    },
  );

  check(
    "a job of which something cannot be read is in each list with the reason, beside all others",
    async ({ store, sql }) => {
      const fine = await given(store, { name: "b fine", labels: ["x"] });
      const damages: readonly (readonly [column: string, stored: string, reason: RegExp])[] = [
        ["schedule", '{"kind":"sometimes"}', /schedule: .*unknown kind "sometimes"/],
        ["schedule", '{"kind":"cron","expression":"99 * * * *"}', /schedule: .*99/],
        ["policies", '{"retry":{}}', /policies: retry: max: /],
        ["script_args", "[1]", /script_args: 0: /],
        ["labels", "[1]", /labels: 0: /],
        ["timezone", "Mars/Olympus", /timezone: .*Mars\/Olympus/],
      ];
      for (const [i, [column, stored]] of damages.entries()) {
        const { id } = await given(store, { name: `a ${i}`, labels: ["x"] });
        await sql(`UPDATE scheduled_jobs SET ${column} = '${stored}' WHERE id = ${id}`);
      }
      for (const sort of ["worst", "name", "nextRun", "lastRun", "id"] as const) {
        const { items } = await store.jobs.list({ sort, labels: [["x"]], now: at(1), limit: 100 });
        assert.equal(items.length, damages.length + 1, sort);
      }
      const { items } = await store.jobs.list({ sort: "name", limit: 100 });
      for (const [i, [, , reason]] of damages.entries()) assert.match(items[i]?.damage ?? "", reason);
      assert.deepEqual([items.at(-1)?.id, items.at(-1)?.damage], [fine.id, null]);
      assert.deepEqual((await store.jobs.list({ states: ["manual"], limit: 100 })).items, []);
      assert.deepEqual((await pagesOf(store, { sort: "name" })).length, damages.length + 1);
      assert.match((await store.jobs.get(items[0]?.id ?? assert.fail()))?.damage ?? "", /sometimes/);
      // What a scheduler does when it starts reads all jobs.
      await store.scheduling.heal({ now: at(1), leaseMs: 1000 });
    },
  );

  check("what its schedule started last comes first, and what it never started last", async ({ store }) => {
    const never = await given(store, { name: "never" }, null);
    await given(store, { name: "early" }, at(60));
    await dispatch(store, at(60));
    await given(store, { name: "late" }, at(90));
    await dispatch(store, at(90));
    assert.deepEqual(await pagesOf(store, { sort: "lastRun" }), ["late", "early", never.name]);
  });

  check("a list has the attempts of each job that ended, oldest first, and no more than twenty", async ({ store }) => {
    const job = await given(store);
    await enter(store, A);
    await given(store, { name: "Never ran" });
    for (let i = 0; i < 22; i++) {
      await ended(store, job, { status: i === 20 ? "FAILED" : "COMPLETED", seconds: i });
    }
    await store.runs.runNow(manual(job, { now: at(60) }));
    const [{ recent = [] } = {}, never] = (await store.jobs.list({ limit: 10 })).items;
    assert.deepEqual(recent.map(({ endedAt }) => endedAt), Array.from({ length: 20 }, (_, i) => at(i + 3)));
    assert.deepEqual(recent.slice(-2).map(({ status }) => status), ["FAILURE", "SUCCESS"]);
    assert.equal(recent[0]?.durationMs, 1000);
    assert.deepEqual(never?.recent, []);
    assert.deepEqual((await store.jobs.recent(job.id, 2)).map(({ endedAt }) => endedAt), [at(21), at(22)]);
  });

  check("the jobs of a label come in each order as they stand among all jobs, page by page", async ({ store }) => {
    await enter(store, A);
    const labelled = new Set(["b", "c", "e", "f", "h"]);
    for (const [i, name] of ["h", "c", "g", "a", "f", "b", "e", "d"].entries()) {
      const start = name === "e" ? null : at(60 + 60 * i);
      const job = await given(store, { name, labels: labelled.has(name) ? ["eu"] : [] }, start);
      if ("fgb".includes(name)) await ended(store, job, { status: "FAILED", seconds: i });
    }
    for (const sort of ["worst", "name", "id", "nextRun", "lastRun"] as const) {
      // Some are late.
      const now = at(300);
      const all = (await pagesOf(store, { sort, now })).filter((name) => labelled.has(name));
      assert.deepEqual(await pagesOf(store, { sort, now, visible: ["eu"] }), all, sort);
      assert.deepEqual(await pagesOf(store, { sort, now, labels: [["eu", "us"]] }), all, sort);
      const bare = await store.jobs.page({ sort, now, labels: [["eu"]], limit: 4 });
      assert.deepEqual(bare.items.map(({ name }) => name), all.slice(0, 4), sort);
    }
  });

  check("a list is narrowed to jobs in one of several states", async ({ store }) => {
    await enter(store, A);
    const paused = await given(store, { name: "paused" }, at(900));
    await store.jobs.pause(paused.id, pausing(at(900)));
    await store.runs.runNow(manual(await given(store, { name: "running" }, at(900))));
    await claimOne(store, A, at(1));
    await store.runs.runNow(manual(await given(store, { name: "waiting" }, at(900))));
    await given(store, { name: "late" }, at(60));
    await given(store, { name: "manual", schedule: { kind: "manual" } }, null);
    const found = (...states: NonNullable<JobQuery["states"]>) => pagesOf(store, { states, now: at(120) });
    for (const state of ["paused", "running", "waiting", "late", "manual"] as const) {
      assert.deepEqual(await found(state), [state]);
    }
    assert.deepEqual(await found("paused", "late"), ["late", "paused"]);
    assert.deepEqual(await found("active"), ["late", "manual", "running", "waiting"]);
    await assert.rejects(store.jobs.list({ states: ["late"], limit: 1 }), RangeError);
  });
}

/** Runs a job once; the attempt ends a second after `seconds`. */
async function ended(
  store: Store,
  job: Job | undefined,
  { status, seconds }: { readonly status: "COMPLETED" | "FAILED"; readonly seconds: number },
): Promise<void> {
  assert.ok(job !== undefined);
  await store.runs.runNow({ ...manual(job, { force: true }), ...by(at(seconds)) });
  const claim = await claimOne(store, A, at(seconds));
  await finish(store, claim, { outcome: outcome(status), retryAt: null, now: at(seconds + 1) });
}

/** The names of the jobs on all pages, two a page. */
async function pagesOf(store: Store, query: Omit<JobQuery, "limit">): Promise<readonly string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store["jobs"]["list"]>> = await store.jobs.list({
      ...query,
      limit: 2,
      ...(cursor !== null && { cursor }),
    });
    names.push(...page.items.map(({ name }) => name));
    cursor = page.next;
  } while (cursor !== null);
  return names;
}
