import { type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import type { DatabaseClock } from "@jobtrigger/shared/store";

/**
 * When to go on after a batch of a backlog that began at `began` and has more to follow: after a rest as long as the batch took, so
 * that those who wait for the database or the processor get at least half of both.
 */
export function afterRest(clock: Pick<DatabaseClock, "estimate">, began: EpochMs): EpochMs {
  const ended = clock.estimate();
  return epochMs(ended + Math.max(0, ended - began));
}
