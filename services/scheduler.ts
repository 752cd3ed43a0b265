/**
 * Entry point of the scheduler: `deno task scheduler`.
 *
 * @module
 */
import { type SchedulerConfig, schedulerConfig } from "@jobtrigger/shared/config";
import type { Retention } from "@jobtrigger/shared/domain";
import { identifyService, Presence } from "@jobtrigger/shared/store";
import { runScheduler } from "./scheduler/scheduler.ts";
import { runService } from "./service.ts";

await runService({
  name: "scheduler",
  readConfig: schedulerConfig,
  pollMsOf: ({ schedulerPollMs }) => schedulerPollMs,
  healthPort: { variable: "SCHEDULER_HEALTH_PORT", of: ({ schedulerHealthPort }) => schedulerHealthPort },
  reads: [],
  run: (context, { stop }) => {
    const presence = new Presence(context.store.services, identifyService("scheduler", retentionOf(context.config)));
    return runScheduler({ ...context, presence }, stop);
  },
});

function retentionOf(
  { retentionDays, retentionRunsPerJob, auditRetentionDays, statisticsRetentionDays }: SchedulerConfig,
): Retention {
  return {
    historyDays: retentionDays,
    runsPerJob: retentionRunsPerJob,
    auditDays: auditRetentionDays,
    statisticsDays: statisticsRetentionDays,
  };
}
