import assert from "node:assert/strict";
import { scriptEnvironment, type ScriptFacts } from "../../../services/worker/execute/mod.ts";
import { dispatchId, epochMs, Invalid, jobId } from "../../../shared/domain/mod.ts";

const facts: ScriptFacts = {
  jobId: jobId(3),
  jobName: "Nightly backup",
  dispatchId: dispatchId(12),
  scheduledFor: epochMs(Date.parse("2026-11-24T02:00:00Z")),
  retryCount: 1,
  correlationId: "c-1",
  timezone: "Asia/Hong_Kong",
};

const OWN = {
  TZ: "Asia/Hong_Kong",
  JOB_ID: "3",
  JOB_NAME: "Nightly backup",
  DISPATCH_ID: "12",
  SCHEDULED_FOR: "2026-11-24T02:00:00.000Z",
  ATTEMPT: "2",
  CORRELATION_ID: "c-1",
};

Deno.test("scriptEnvironment() tells a script which run it is, and nothing else of the worker's", () => {
  const worker = { PATH: "/opt/bin:/bin", HOME: "/home/worker", LANG: "de_DE.UTF-8" };
  assert.deepEqual(scriptEnvironment(facts, {}, worker), { ...worker, ...OWN });
});

Deno.test("scriptEnvironment() stands in for what the worker does not have", () => {
  assert.deepEqual(scriptEnvironment(facts, {}, {}), {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: "/",
    LANG: "C.UTF-8",
    ...OWN,
  });
});

Deno.test("scriptEnvironment() adds what the job declares, which may replace PATH, HOME, LANG and TZ", () => {
  const { PATH, TZ, TARGET } = scriptEnvironment(facts, { PATH: "/bin", TZ: "UTC", TARGET: "s3://x" }, {});
  assert.deepEqual([PATH, TZ, TARGET], ["/bin", "UTC", "s3://x"]);
});

Deno.test("scriptEnvironment() names everything a job may not declare", () => {
  const declared = { LD_PRELOAD: "/tmp/x.so", JOB_ID: "4", "A-B": "", FINE: "1", NUL: "a\0b" };
  assert.throws(() => scriptEnvironment(facts, declared, {}), (error) => {
    assert.ok(error instanceof Invalid);
    assert.deepEqual(error.problems.map(({ field }) => field), ["env.LD_PRELOAD", "env.JOB_ID", "env.A-B", "env.NUL"]);
    return true;
  });
});
