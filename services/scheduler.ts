/**
 * Entry point of the scheduler: `deno task scheduler`.
 *
 * @module
 */
import { schedulerConfig } from "@jobtrigger/shared/config";
import { runScheduler } from "./scheduler/scheduler.ts";
import { runService } from "./service.ts";

await runService({
  name: "scheduler",
  readConfig: schedulerConfig,
  pollMsOf: ({ schedulerPollMs }) => schedulerPollMs,
  reads: [],
  run: (context, { stop }) => runScheduler(context, stop),
});
