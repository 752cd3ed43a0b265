import assert from "node:assert/strict";
import { Invalid, type Job, webhookId } from "../../shared/domain/mod.ts";
import type { JobQuery, RunQuery, Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import { allRuns } from "./_all_runs.ts";
import type { Check } from "./contract.ts";
import { A, at, B, claimOne, enter, given, manual, outcome, pausing } from "./_given.ts";

/** Each job with its key and labels. */
const JOBS = [
  { name: "Backup EU", key: "backup-eu", labels: ["eu", "nightly"] },
  { name: "Backup Öst", key: null, labels: ["eu"] },
  { name: "report_1", key: "report", labels: ["us"] },
  { name: "reportX1", key: null, labels: [] },
] as const;

/** What causes the runs, in turn. */
const TRIGGERS = ["manual", "api", "webhook"] as const;

/** What filters narrow lists by. */
export function narrowedContract(check: Check): void {
  check("jobs are narrowed by labels of which one must hold, and by names, keys and ids with *", async ({ store }) => {
    const jobs = await givenJobs(store);
    const found = async (query: Partial<JobQuery>) =>
      (await store.jobs.list({ ...query, sort: "id", limit: 10 })).items.map(({ name }) => name);
    const names = (...indexes: readonly number[]) => indexes.map((index) => JOBS[index]?.name);
    assert.deepEqual(await found({ labels: [["us", "nightly"]] }), names(0, 2));
    assert.deepEqual(await found({ labels: [["eu", "us"], ["nightly", "none"]] }), names(0));
    assert.deepEqual(await found({ labels: [[]] }), []);
    assert.deepEqual(await found({ labels: [["eu", "us"]], visible: ["us"] }), names(2));
    assert.deepEqual(await found({ jobs: ["BACKUP*"] }), names(0, 1));
    assert.deepEqual(await found({ jobs: ["*ÖST"] }), names(1));
    assert.deepEqual(await found({ jobs: ["report"] }), names(2));
    assert.deepEqual(await found({ jobs: ["report_1"] }), names(2));
    assert.deepEqual(await found({ jobs: ["*test_job*"] }), []);
    assert.deepEqual(await found({ jobs: [String(jobs[3]?.id), "backup-*"] }), names(0, 3));
    assert.deepEqual(await found({ jobs: ["*"], labels: [["us"]] }), names(2));
    await assert.rejects(store.jobs.list({ jobs: ["a\0"], limit: 1 }), Invalid);
    const [first] = jobs;
    await store.jobs.pause(first?.id ?? assert.fail(), pausing(first?.nextRun ?? null, { now: at(1) }));
    const counted = [{}, { labels: [["eu"]] }, { visible: ["us", "nightly"] }, { search: "report" }, { visible: [] }];
    assert.deepEqual(await Promise.all(counted.map((query) => store.jobs.count(query))), [4, 2, 2, 2, 0]);
    const states = { states: ["late", "paused"], now: at(1) } as const;
    assert.equal(await store.jobs.count({ ...states, visible: ["eu", "us"] }), 1);
  });

  check(
    "runs are narrowed by jobs, labels, workers, triggers and when they were made, page by page",
    async ({ store }) => {
      const jobs = await givenJobs(store);
      const runs = await givenRuns(store, jobs);
      const expect = async (query: Partial<RunQuery>, wanted: (run: typeof runs[number]) => boolean) => {
        const ids = runs.filter(wanted).map(({ id }) => id).toReversed();
        for (const limit of [1, 3, 200]) {
          assert.deepEqual(await allRuns(store, { ...query, limit }), ids, JSON.stringify({ ...query, limit }));
        }
      };
      for (const statuses of [undefined, ["COMPLETED"], ["FAILED", "PENDING"], ["IN_PROGRESS"]] as const) {
        const inState = (run: typeof runs[number]) => statuses?.some((status) => status === run.status) ?? true;
        const given = statuses === undefined ? {} : { statuses };
        await expect({ ...given, jobs: ["backup*"] }, (run) => inState(run) && run.job <= 1);
        await expect(
          { ...given, labels: [["us", "nightly"]] },
          (run) => inState(run) && (run.job === 0 || run.job === 2),
        );
        await expect({ ...given, labels: [["eu"]], jobs: ["*öst"] }, (run) => inState(run) && run.job === 1);
        await expect({ ...given, visible: ["eu"], jobs: ["report"] }, () => false);
        await expect({ ...given, workers: ["WORKER-B"] }, (run) => inState(run) && run.worker === B);
        await expect({ ...given, workers: ["worker-*"] }, (run) => inState(run) && run.worker !== null);
        await expect(
          { ...given, workers: [A], jobs: ["report*"] },
          (run) => inState(run) && run.worker === A && run.job >= 2,
        );
        await expect({ ...given, triggers: ["api"] }, (run) => inState(run) && run.trigger === "api");
        await expect(
          { ...given, triggers: ["webhook", "manual"], since: at(25) },
          (run) => inState(run) && run.trigger !== "api" && run.at >= 25,
        );
        await expect(
          { ...given, triggers: ["schedule", "webhook"], labels: [["eu"]] },
          (run) => inState(run) && run.trigger === "webhook" && run.job <= 1,
        );
        await expect({ ...given, triggers: ["schedule"] }, () => false);
        await expect(
          { ...given, triggers: ["api"], workers: ["worker-*"] },
          (run) => inState(run) && run.trigger === "api" && run.worker !== null,
        );
        await expect({ ...given, since: at(30) }, (run) => inState(run) && run.at >= 30);
        await expect({ ...given, since: at(25), until: at(40) }, (run) => inState(run) && run.at >= 25 && run.at < 40);
        await expect(
          { ...given, until: at(20), labels: [["eu"]] },
          (run) => inState(run) && run.at < 20 && run.job <= 1,
        );
        await expect({ ...given, since: at(0), until: at(1000) }, inState);
        await expect({ ...given, since: at(1000) }, () => false);
        await expect({ ...given, until: at(-1) }, () => false);
      }
      const [first] = jobs;
      assert.ok(first !== undefined);
      await expect({ jobId: first.id, since: at(20) }, (run) => run.job === 0 && run.at >= 20);
      // The runs of a deleted job are found by its name.
      await store.jobs.remove(first.id, by(at(100)));
      await expect({ jobs: ["backup eu"] }, (run) => run.job === 0);
    },
  );

  check("a list of no runs is narrowed by times", async ({ store }) => {
    assert.deepEqual((await store.runs.list({ since: at(0), until: at(1), limit: 1 })).items, []);
  });
}

async function givenJobs(store: Store): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const job of JOBS) jobs.push(await given(store, job));
  return jobs;
}

/** Five rounds, ten seconds apart: in each a run of each job, by one worker or the other; those of the last are left as they are. */
async function givenRuns(store: Store, jobs: readonly Job[]) {
  for (const worker of [A, B]) await enter(store, worker);
  const runs: {
    readonly id: number;
    readonly job: number;
    readonly at: number;
    readonly status: string;
    readonly worker: string | null;
    readonly trigger: typeof TRIGGERS[number];
  }[] = [];
  for (const round of [1, 2, 3, 4, 5]) {
    for (const [index, job] of jobs.entries()) {
      const seconds = round * 10 + index;
      const trigger = TRIGGERS[(round + index) % 3] ?? "manual";
      const { id } = await store.runs.runNow({
        ...manual(job, { force: true, now: at(seconds) }),
        ...(trigger === "webhook" ? { trigger: "api", webhook: { id: webhookId(1), name: "deploy" } } : { trigger }),
      });
      const made = { id, job: index, at: seconds, trigger };
      if (round === 5 && index === 3) {
        runs.push({ ...made, status: "PENDING", worker: null });
        continue;
      }
      const worker = (round + index) % 2 === 0 ? A : B;
      const held = await claimOne(store, worker, at(seconds));
      if (round === 5) {
        runs.push({ ...made, status: "IN_PROGRESS", worker });
        continue;
      }
      const status = round === 3 ? "FAILED" : "COMPLETED";
      const ended = { ...held, outcome: outcome(status), startedAt: null, endedAt: at(seconds + 1), retryAt: null };
      assert.deepEqual(await store.queue.finish([ended]), []);
      runs.push({ ...made, status, worker });
    }
  }
  return runs;
}
