import type { EpochMs } from "@jobtrigger/shared/domain";
import { decideDue } from "@jobtrigger/shared/policy";
import { traceDispatch } from "../tracing.ts";
import type { SchedulerContext } from "./context.ts";

/** Most jobs that one transaction dispatches. */
const DUE_BATCH = 500;

/** Dispatches what is due, batch by batch, until nothing is left or `signal` aborts. */
export async function dispatchAllDue(context: SchedulerContext, now: EpochMs, signal: AbortSignal): Promise<void> {
  const { store: { scheduling }, config, databaseClock, log, presence, pulse } = context;
  for (let isDone = false; !isDone && !signal.aborted;) {
    const pass = await scheduling.dispatchDue({
      now,
      limit: DUE_BATCH,
      lockMs: config.dispatchLockMs,
      decide: (due) => decideDue({ ...due, now }),
    });
    isDone = pass.isDone;
    for (const { jobId, damage } of pass.damaged) {
      log.error("Job {job} is dispatched no more until somebody edits it: {reason}", { job: jobId, reason: damage });
    }
    // A pass after a long outage has many batches, and the scheduler is alive all the while.
    pulse?.turned();
    if (!isDone) await presence.report(databaseClock.estimate());
    for (const dispatched of pass.runs) {
      const { id: run, jobId: job, correlationId } = dispatched;
      traceDispatch(dispatched, now);
      log.debug("Dispatched run {run} of job {job}", { run, job, correlationId });
    }
  }
}
