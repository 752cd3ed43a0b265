import assert from "node:assert/strict";
import { type BaseEnvironment, scriptEnvironment, type ScriptFacts } from "../../../services/worker/execute/mod.ts";
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
  PYTHONUNBUFFERED: "1",
};

const base: BaseEnvironment = {
  PATH: "/opt/bin:/bin",
  HOME: "/home/worker",
  LANG: "de_DE.UTF-8",
  user: { name: "worker", shell: "/bin/zsh" },
};

Deno.test("scriptEnvironment() holds the facts of the run and the user, and nothing else of the worker's", () => {
  const { user: _, ...passedOn } = base;
  const user = { USER: "worker", LOGNAME: "worker", SHELL: "/bin/zsh" };
  assert.deepEqual(scriptEnvironment(facts, {}, base), { ...passedOn, ...user, ...OWN });
  assert.deepEqual(scriptEnvironment(facts, {}, { ...base, user: null }), { ...passedOn, ...OWN });
});

Deno.test("scriptEnvironment() adds what the job declares, which may replace LANG, TZ and PYTHONUNBUFFERED", () => {
  const declared = { LANG: "C", TZ: "UTC", PYTHONUNBUFFERED: "", TARGET: "s3://x" };
  const { LANG, TZ, PYTHONUNBUFFERED, TARGET } = scriptEnvironment(facts, declared, base);
  assert.deepEqual([LANG, TZ, PYTHONUNBUFFERED, TARGET], ["C", "UTC", "", "s3://x"]);
});

Deno.test("scriptEnvironment() names everything a job may not declare", () => {
  const declared = { LD_PRELOAD: "/tmp/x.so", PATH: "/tmp/evil", JOB_ID: "4", "A-B": "", FINE: "1", NUL: "a\0b" };
  assert.throws(() => scriptEnvironment(facts, declared, base), (error) => {
    assert.ok(error instanceof Invalid);
    assert.deepEqual(error.problems.map(({ field }) => field), [
      "env.LD_PRELOAD",
      "env.PATH",
      "env.JOB_ID",
      "env.A-B",
      "env.NUL",
    ]);
    return true;
  });
});
