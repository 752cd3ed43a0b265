/**
 * What a worker says of one attempt, for tests that speak of one at a time.
 *
 * @module
 */
import type { EpochMs, LogChunk } from "../../shared/domain/mod.ts";
import type { ClaimRef, Outcome, Store } from "../../shared/store/mod.ts";

/** The script runs. False: the lease is lost. */
export async function markStarted(
  { queue }: Pick<Store, "queue">,
  { dispatchId, epoch }: ClaimRef,
  at: { readonly now: EpochMs; readonly timeoutAt: EpochMs },
): Promise<boolean> {
  const start = { dispatchId, epoch, startedAt: at.now, timeoutAt: at.timeoutAt };
  return (await queue.markStarted([start])).length === 0;
}

/** The script has said something. False: the lease is lost. */
export async function append(
  { queue }: Pick<Store, "queue">,
  { dispatchId, epoch }: ClaimRef,
  chunks: readonly LogChunk[],
): Promise<boolean> {
  return (await queue.appendLogs([{ dispatchId, epoch, chunks }])).length === 0;
}

/** The script has ended. False: the lease is lost. */
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
