import assert from "node:assert/strict";
import { decideRetryOfLost } from "../../shared/policy/mod.ts";
import { type EpochMs, epochMs } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { finish, markStarted } from "../support/attempts.ts";
import { A, claimOne, enter, given, LEASE_MS, manual, MINUTELY, outcome, T0 } from "./_given.ts";
import type { Check } from "./contract.ts";

/** The end of an attempt: its worker falls silent, does not end the script, or reports a failure or a time limit. */
type End = "silent" | "overdue" | "FAILED" | "TIMEOUT";

/** The number of retries granted, the ends of all attempts, and whether the last message names the second loss. */
const histories: readonly (readonly [ends: readonly End[], retries: number, isBecauseOfLosses: boolean])[] = [
  [["silent"], 0, false],
  [["silent", "silent"], 1, true],
  [["silent", "silent"], 5, true],
  [["overdue", "silent"], 5, true],
  [["silent", "FAILED", "silent"], 5, true],
  [["silent", "TIMEOUT", "TIMEOUT", "FAILED"], 3, false],
];

const OVERDUE_MS = 1_000;

/** A run that loses its worker again and again is not retried forever. */
export function lossesContract(check: Check): void {
  for (const [ends, retries, isBecauseOfLosses] of histories) {
    check(
      `a run with ${retries} retries whose attempts end ${ends.join(", ")} is not tried again`,
      async ({ store }) => {
        await enter(store, A);
        const retry = { max: retries, baseSeconds: 1, capSeconds: 1 };
        const job = await given(store, { policies: { ...MINUTELY.policies, retry } });
        const run = await store.runs.runNow(manual(job));
        for (const [index, end] of ends.entries()) await attempt(store, end, epochMs(T0 + index * 10 * LEASE_MS));

        const attempts = await store.runs.attempts(run.id);
        assert.deepEqual(
          attempts.map(({ state }) => state.status),
          ends.map((end) => end === "FAILED" ? "FAILED" : "TIMEOUT"),
        );
        const last = attempts.at(-1)?.state;
        const message = last !== undefined && "errorMessage" in last ? last.errorMessage ?? "" : "";
        assert.equal(
          /; this run has now lost its worker 2 times, so it is not tried again/.test(message),
          isBecauseOfLosses,
        );
      },
    );
  }
}

async function attempt(store: Store, end: End, now: EpochMs): Promise<void> {
  const held = await claimOne(store, A, now);
  await markStarted(store, held, { now, timeoutAt: epochMs(now + 10) });
  if (end === "FAILED" || end === "TIMEOUT") {
    const retryAt = held.retryCount < (held.retry.max ?? 0) ? now : null;
    assert.equal(await finish(store, held, { outcome: outcome(end), retryAt, now }), true);
    return;
  }
  const over = epochMs(now + (end === "silent" ? LEASE_MS : OVERDUE_MS + 10));
  const overdueMs = end === "silent" ? 3_600_000 : OVERDUE_MS;
  const lost = await store.scheduling.rescue({
    now: over,
    overdueMs,
    limit: 10,
    retryAt: (lost) => decideRetryOfLost({ ...lost, endedAt: over }, 99),
  });
  assert.equal(lost.length, 1);
}
