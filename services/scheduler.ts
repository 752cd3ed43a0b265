/**
 * Entry point of the scheduler: `deno task scheduler`.
 *
 * @module
 */
import { schedulerConfig } from "@jobtrigger/shared/config";
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
    const presence = new Presence(context.store.services, identifyService("scheduler"));
    return runScheduler({ ...context, presence }, stop);
  },
});
