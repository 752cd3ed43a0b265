import assert from "node:assert/strict";
import { outcomeOf } from "../../services/worker/outcome.ts";
import type { ExecutionEnd } from "../../services/worker/execute/mod.ts";
import { epochMs } from "../../shared/domain/mod.ts";

const facts = {
  startedAt: epochMs(1000),
  endedAt: epochMs(3000),
  durationMs: 2000,
  logBytes: 5,
  truncated: true,
  survivors: 0,
};

const ends: readonly (readonly [end: ExecutionEnd, status: string, execution: string, message: string | null])[] = [
  [{ kind: "exited", exitCode: 0 }, "COMPLETED", "SUCCESS", null],
  [{ kind: "exited", exitCode: 3 }, "FAILED", "FAILURE", "The script exited with code 3"],
  [
    { kind: "signalled", signal: "SIGKILL" },
    "FAILED",
    "FAILURE",
    "The script was ended by SIGKILL, which the worker did not send",
  ],
  [
    { kind: "timeout", signal: "SIGTERM" },
    "TIMEOUT",
    "TIMEOUT",
    "The script ran longer than its limit of 1.5 s and was ended with SIGTERM",
  ],
  [{ kind: "stopped", reason: "cancel", signal: "SIGKILL" }, "CANCELLED", "CANCELLED", null],
  [{ kind: "error", message: "Cannot start x: y" }, "FAILED", "ERROR", "Cannot start x: y"],
];
for (const [end, status, execution, message] of ends) {
  Deno.test(`outcomeOf() judges ${JSON.stringify(end)} as ${execution}`, () => {
    assert.deepEqual(outcomeOf({ ...end, ...facts }, 1500), {
      status,
      execution,
      exitCode: end.kind === "exited" ? end.exitCode : null,
      signal: "signal" in end ? end.signal : null,
      errorMessage: message,
      durationMs: 2000,
      logBytes: 5,
      truncated: true,
    });
  });
}

Deno.test("outcomeOf() names the processes that could not be ended", () => {
  const left = { ...facts, survivors: 2 };
  assert.equal(
    outcomeOf({ kind: "exited", exitCode: 0, ...left }, 1500)?.errorMessage,
    "2 of its processes could not be ended",
  );
  assert.equal(
    outcomeOf({ kind: "exited", exitCode: 3, ...left }, 1500)?.errorMessage,
    "The script exited with code 3; 2 of its processes could not be ended",
  );
});

for (const reason of ["drain", "lost"] as const) {
  Deno.test(`outcomeOf() has nothing to write about a script that was stopped because of ${reason}`, () => {
    assert.equal(outcomeOf({ kind: "stopped", reason, signal: "SIGTERM", ...facts }, 1500), null);
  });
}
