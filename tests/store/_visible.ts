import assert from "node:assert/strict";
import { DISPATCH_STATUSES } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { allRuns } from "./_all_runs.ts";
import type { Check } from "./contract.ts";
import { A, at, claimOne, enter, given, manual, outcome } from "./_given.ts";

/** Labels that each job of the tests has. */
const LABELS = [["eu"], ["eu", "hr"], ["us"], []] as const;

/** Lists that show only what somebody may see. */
export function visibleContract(check: Check): void {
  check("a list of jobs shows those with one of the visible labels, each once, page by page", async ({ store }) => {
    for (const [index, labels] of LABELS.entries()) await given(store, { name: `Job ${index}`, labels });
    const seen = async (visible: "all" | readonly string[], sort: "name" | "nextRun" | "id" = "name") => {
      const names: string[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page = await store.jobs.list({ visible, sort, limit: 1, ...(cursor !== undefined && { cursor }) });
        names.push(...page.items.map(({ name }) => name.slice(-1)));
        cursor = page.next;
      }
      return names.join("");
    };
    for (const sort of ["name", "nextRun", "id"] as const) {
      assert.equal(await seen("all", sort), "0123");
      assert.equal(await seen(["eu", "hr"], sort), "01");
      assert.equal(await seen(["us", "none"], sort), "2");
      assert.equal(await seen([], sort), "");
    }
    const both = await store.jobs.list({ visible: ["eu"], labels: [["hr"]], limit: 10 });
    assert.deepEqual(both.items.map(({ name }) => name), ["Job 1"]);
  });

  check(
    "a list of runs shows those of jobs with one of the visible labels, in each state, page by page",
    async ({ store }) => {
      await runsOfAll(store);
      const all = (await store.runs.list({ limit: 200 })).items;
      const shown = new Map(LABELS.map((labels, index) => [`Job ${index}`, labels]));
      for (const visible of [["eu", "hr"], ["us"], ["none"], []]) {
        for (const statuses of [undefined, [...DISPATCH_STATUSES], ...DISPATCH_STATUSES.map((one) => [one])]) {
          for (const limit of [1, 3, 200]) {
            const expected = all.filter(({ jobName, state }) =>
              shown.get(jobName)?.some((label) => visible.includes(label)) &&
              (statuses === undefined || statuses.includes(state.status))
            );
            const found = await allRuns(store, { visible, limit, ...(statuses !== undefined && { statuses }) });
            assert.deepEqual(found, expected.map(({ id }) => id), `${visible} ${statuses} ${limit}`);
          }
        }
      }
      const [other] = all.filter(({ jobName }) => jobName === "Job 2");
      assert.ok(other !== undefined);
      assert.deepEqual((await store.runs.list({ jobId: other.jobId, visible: ["eu"], limit: 9 })).items, []);
      assert.equal((await store.runs.list({ jobId: other.jobId, visible: ["us"], limit: 200 })).items.length, 6);
      assert.deepEqual((await store.runs.list({ ids: [other.id], visible: ["eu"], limit: 9 })).items, []);
      assert.equal((await store.runs.list({ ids: [other.id], visible: ["us"], limit: 9 })).items.length, 1);
    },
  );
}

/** Of each job a run in each state but one that is cancelled, and one that succeeded twice. */
async function runsOfAll(store: Store): Promise<void> {
  await enter(store, A);
  const ends = ["COMPLETED", "FAILED", "COMPLETED", "TIMEOUT"] as const;
  for (const [round, end] of ends.entries()) {
    for (const [index, labels] of LABELS.entries()) {
      const job = (await store.jobs.find(`Job ${index}`))[0] ?? await given(store, { name: `Job ${index}`, labels });
      await store.runs.runNow(manual(job, { force: true, now: at(round) }));
      const held = await claimOne(store, A, at(round));
      const ended = { ...held, outcome: outcome(end), startedAt: null, endedAt: at(round + 1), retryAt: null };
      assert.deepEqual(await store.queue.finish([ended]), []);
    }
  }
  for (const index of LABELS.keys()) {
    const [job] = await store.jobs.find(`Job ${index}`);
    assert.ok(job !== undefined);
    await store.runs.runNow(manual(job, { force: true, now: at(10) }));
    await claimOne(store, A, at(10));
    await store.runs.runNow(manual(job, { force: true, now: at(11) }));
  }
}
