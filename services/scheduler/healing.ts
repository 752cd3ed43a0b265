import type { EpochMs } from "@jobtrigger/shared/domain";
import type { SchedulerContext } from "./context.ts";

/** Puts right the rows that were written while a clock was ahead. */
export async function heal({ store, config, log }: SchedulerContext, now: EpochMs): Promise<void> {
  const healed = await store.scheduling.heal({ now, leaseMs: config.workerOfflineMs });
  if (healed.jobs + healed.waiting + healed.running === 0) return;
  log.warn(
    "Put right what a clock that was ahead had written: the next runs of {jobs} jobs, {waiting} waiting runs, {running} running ones",
    { ...healed },
  );
}
