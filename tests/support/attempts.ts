/**
 * A worker's reports, for tests that report one attempt at a time.
 *
 * @module
 */
import type { EpochMs, LogChunk } from "../../shared/domain/mod.ts";
import type { ClaimRef, Outcome, Store } from "../../shared/store/mod.ts";

/** Reports the start of the script. False: the lease is lost. */
export async function markStarted(
  { queue }: Pick<Store, "queue">,
  { dispatchId, epoch }: ClaimRef,
  at: { readonly now: EpochMs; readonly timeoutAt: EpochMs },
): Promise<boolean> {
  const start = { dispatchId, epoch, startedAt: at.now, timeoutAt: at.timeoutAt };
  return (await queue.markStarted([start])).length === 0;
}

/** Writes output. False: the lease is lost. */
export async function append(
  { queue }: Pick<Store, "queue">,
  { dispatchId, epoch }: ClaimRef,
  chunks: readonly LogChunk[],
): Promise<boolean> {
  return (await queue.appendLogs([{ dispatchId, epoch, chunks }])).length === 0;
}

/** Reports that the script succeeded. False: the lease is lost. */
export async function complete(store: Pick<Store, "queue">, claim: ClaimRef, now: EpochMs): Promise<boolean> {
  return await finish(store, claim, {
    outcome: {
      status: "COMPLETED",
      execution: "SUCCESS",
      exitCode: 0,
      signal: null,
      errorMessage: null,
      durationMs: 1,
      logBytes: 1,
      truncated: false,
    },
    retryAt: null,
    now,
  });
}

/** Reports the end of the script. False: the lease is lost. */
export async function finish(
  { queue }: Pick<Store, "queue">,
  { dispatchId, epoch }: ClaimRef,
  end: {
    readonly outcome: Outcome;
    readonly retryAt: EpochMs | null;
    readonly now: EpochMs;
    readonly startedAt?: EpochMs;
  },
): Promise<boolean> {
  const { outcome, retryAt, now, startedAt = null } = end;
  return (await queue.finish([{ dispatchId, epoch, outcome, retryAt, endedAt: now, startedAt }])).length === 0;
}
