import assert from "node:assert/strict";
import { eventId, jobId, NotFound, type PastRun } from "../../shared/domain/mod.ts";
import type { Check } from "./contract.ts";
import { at, given, T0 } from "./_given.ts";

const FAILED: PastRun = {
  key: "old/1",
  scheduledFor: at(-100),
  claim: { workerId: "old-worker", at: at(-99) },
  completedAt: at(-90),
  execution: "FAILURE",
  exitCode: 3,
  errorMessage: "The script ended with exit code 3",
  output: [{ stream: "stdout", data: "half\n" }, { stream: "stderr", data: "bröken\n" }],
};
const UNCLAIMED: PastRun = {
  ...FAILED,
  key: "old/2",
  scheduledFor: at(-50),
  claim: null,
  completedAt: at(-50),
  execution: "SUCCESS",
  exitCode: 0,
  errorMessage: null,
  output: [],
};

/** Runs of other systems. */
export function historyContract(check: Check): void {
  check("runs of another system are taken over once, with their output, and nothing follows from them", async ({
    store,
  }) => {
    const job = await given(store);
    const failing = () => store.jobs.failing({ limit: 9 });
    assert.equal(await store.history.takeOver({ jobId: job.id, runs: [FAILED], now: T0 }), 1);
    const [suffering] = await failing();
    assert.deepEqual([suffering?.since, suffering?.message], [at(-90), "The script ended with exit code 3"]);
    assert.equal(await store.history.takeOver({ jobId: job.id, runs: [FAILED, UNCLAIMED], now: at(1) }), 1);
    assert.equal(await store.history.takeOver({ jobId: job.id, runs: [FAILED, UNCLAIMED], now: at(2) }), 0);
    assert.deepEqual(await failing(), []);
    const { items } = await store.runs.list({ jobId: job.id, limit: 10 });
    const [later, earlier] = items;
    assert.ok(items.length === 2 && later !== undefined && earlier !== undefined);
    assert.deepEqual(earlier.state, {
      status: "FAILED",
      workerId: "old-worker",
      claimedAt: at(-99),
      startedAt: at(-99),
      completedAt: at(-90),
      exitCode: 3,
      signal: null,
      errorMessage: "The script ended with exit code 3",
      cancel: null,
    });
    assert.deepEqual([earlier.scheduledFor, earlier.trigger, earlier.retryCount], [at(-100), "schedule", 0]);
    assert.equal(later.state.status, "COMPLETED");
    assert.deepEqual(await store.runs.execution(earlier.id), {
      dispatchId: earlier.id,
      jobId: job.id,
      runTime: at(-90),
      status: "FAILURE",
      exitCode: 3,
      durationMs: 9_000,
      logBytes: 13,
      truncated: false,
    });
    const chunks = await store.logs.read(earlier.id, { fromSeq: 0, maxBytes: 1000 });
    assert.deepEqual(chunks.map(({ stream, data }) => [stream, data]), [["stdout", "half\n"], ["stderr", "bröken\n"]]);
    assert.deepEqual(await store.events.read({ after: eventId(0), limit: 10 }), []);
    assert.deepEqual(await store.runs.unfinished(job.id), []);
  });

  check("runs of a job that is not there are refused", async ({ store }) => {
    await assert.rejects(store.history.takeOver({ jobId: jobId(77), runs: [FAILED], now: T0 }), NotFound);
  });
}
