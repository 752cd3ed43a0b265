import assert from "node:assert/strict";
import { outcomeOf } from "../../services/worker/outcome.ts";
import { decideRetry, decideRetryOfLost } from "../../shared/policy/mod.ts";
import type { ExecutionEnd } from "../../services/worker/execute/mod.ts";
import { finish, markStarted } from "../support/attempts.ts";
import { A, at, claimOne, enter, given, LEASE_MS, manual, MINUTELY } from "./_given.ts";
import type { Check } from "./contract.ts";
import { by } from "../support/actor.ts";

/** How the script ends; `lost`: its worker never reports again. */
type End = ExecutionEnd | { readonly kind: "lost" };

const ENDS: Readonly<Record<string, End>> = {
  "exits with 0": { kind: "exited", exitCode: 0 },
  "exits with 3": { kind: "exited", exitCode: 3 },
  "is killed by a signal of somebody else": { kind: "signalled", signal: "SIGKILL" },
  "runs over its time limit": { kind: "timeout", signal: "SIGTERM" },
  "ignores SIGTERM at its time limit": { kind: "timeout", signal: "SIGKILL" },
  "is stopped on request": { kind: "stopped", reason: "cancel", signal: "SIGTERM" },
  "cannot be started": { kind: "error", message: "there is no such file" },
  "loses its worker": { kind: "lost" },
};

/** The script's end, retries done of 2, whether a cancel was requested; the attempt's state, its execution, whether a retry follows. */
type Row = readonly [
  end: keyof typeof ENDS,
  retried: number,
  cancel: boolean,
  status: string,
  execution: string,
  again: boolean,
];

const rows: readonly Row[] = [
  ["exits with 0", 0, false, "COMPLETED", "SUCCESS", false],
  ["exits with 0", 0, true, "COMPLETED", "SUCCESS", false],
  ["exits with 3", 0, false, "FAILED", "FAILURE", true],
  ["exits with 3", 2, false, "FAILED", "FAILURE", false],
  ["exits with 3", 0, true, "FAILED", "FAILURE", false],
  ["is killed by a signal of somebody else", 0, false, "FAILED", "FAILURE", true],
  ["is killed by a signal of somebody else", 0, true, "FAILED", "FAILURE", false],
  ["runs over its time limit", 0, false, "TIMEOUT", "TIMEOUT", true],
  ["runs over its time limit", 2, false, "TIMEOUT", "TIMEOUT", false],
  ["runs over its time limit", 0, true, "TIMEOUT", "TIMEOUT", false],
  ["ignores SIGTERM at its time limit", 0, false, "TIMEOUT", "TIMEOUT", true],
  ["is stopped on request", 0, true, "CANCELLED", "CANCELLED", false],
  ["cannot be started", 0, false, "FAILED", "ERROR", false],
  ["cannot be started", 0, true, "FAILED", "ERROR", false],
  ["loses its worker", 0, false, "TIMEOUT", "TIMEOUT", true],
  ["loses its worker", 2, false, "TIMEOUT", "TIMEOUT", false],
  ["loses its worker", 0, true, "TIMEOUT", "TIMEOUT", false],
];

const RETRY = { max: 2, baseSeconds: 10, capSeconds: 3600 };

/** The end of an attempt, by its script's end, its retries so far, and whether a cancel was requested. */
export function endsContract(check: Check): void {
  for (const [name, retried, cancel, status, execution, again] of rows) {
    const asked = cancel ? ", cancel asked for," : "";
    const title = `a script that ${name} after ${retried} of 2 retries${asked} is ${status}, ${
      again ? "tried" : "not tried"
    } again`;
    check(title, async ({ store }) => {
      await enter(store, A);
      const job = await given(store, { policies: { ...MINUTELY.policies, retry: RETRY } });
      await store.runs.runNow(manual(job));
      let held = await claimOne(store, A, at(0));
      for (let done = 0; done < retried; done++) {
        const failed = outcomeOf({ kind: "exited", exitCode: 1, ...facts(done) }, 5000);
        assert.ok(failed !== null);
        await finish(store, held, { outcome: failed, retryAt: at(100 * (done + 1)), now: at(100 * done + 1) });
        held = await claimOne(store, A, at(100 * (done + 1)));
      }
      const [begin, now] = [at(100 * retried + 1), at(100 * retried + 9)];
      await markStarted(store, held, { now: begin, timeoutAt: at(100 * retried + 6) });
      if (cancel) await store.runs.cancel(held.dispatchId, by(begin));
      const end = ENDS[name];
      assert.ok(end !== undefined);
      if (end.kind === "lost") {
        const over = at(100 * retried + LEASE_MS / 1000);
        await store.scheduling.rescue({
          now: over,
          overdueMs: 3_600_000,
          limit: 10,
          retryAt: (lost) => decideRetryOfLost({ ...lost, endedAt: over }, 99),
        });
      } else {
        const outcome = outcomeOf({ ...end, ...facts(retried) }, 5000);
        assert.ok(outcome !== null);
        const retryAt = decideRetry({ ...held, execution: outcome.execution, endedAt: now }, 99);
        assert.equal(await finish(store, held, { outcome, retryAt, now }), true);
      }
      const run = await store.runs.get(held.dispatchId);
      assert.ok(run !== null);
      const attempts = await store.runs.attempts(run.rootId);
      const ended = attempts[retried];
      assert.equal(ended?.state.status, status);
      assert.equal((await store.runs.execution(held.dispatchId))?.status, execution);
      assert.deepEqual(attempts.slice(retried + 1).map(({ state }) => state.status), again ? ["PENDING"] : []);
    });
  }
}

function facts(retried: number) {
  const startedAt = at(100 * retried + 1);
  return { startedAt, endedAt: at(100 * retried + 9), durationMs: 8000, logBytes: 0, truncated: false, survivors: 0 };
}
