import type { EpochMs } from "@jobtrigger/shared/domain";
import { decideRetryOfLost } from "@jobtrigger/shared/policy";
import type { LostAttempt } from "@jobtrigger/shared/store";
import type { SchedulerContext } from "./context.ts";

/** Most attempts that are rescued at once. */
const RESCUE_BATCH = 100;

/** Takes back every run whose lease or time has run out, and plans the retries, until nothing is left or `signal` aborts. */
export async function rescueAllLost(context: SchedulerContext, now: EpochMs, signal: AbortSignal): Promise<void> {
  const { store: { scheduling }, config, log, pulse } = context;
  const retryAt = (lost: LostAttempt) => decideRetryOfLost({ ...lost, endedAt: now }, config.maxRetries);
  for (let rescued = RESCUE_BATCH; rescued === RESCUE_BATCH && !signal.aborted;) {
    const lost = await scheduling.rescue({
      now,
      overdueMs: config.timeoutThresholdMs,
      limit: RESCUE_BATCH,
      retryAt,
    });
    for (const { dispatchId: run, jobId: job, workerId: worker, reason, correlationId } of lost) {
      log.warn("Took run {run} of job {job} from worker {worker}: {reason}", {
        run,
        job,
        worker,
        reason,
        correlationId,
      });
    }
    pulse?.turned();
    rescued = lost.length;
  }
}
