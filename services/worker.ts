/**
 * Entry point of the worker: `deno task worker`. The only process that may run programs.
 *
 * @module
 */
import { workerConfig } from "@jobtrigger/shared/config";
import { runService } from "./service.ts";
import { scriptExecutor } from "./worker/executor.ts";
import { identify } from "./worker/identity.ts";
import { runWorker } from "./worker/worker.ts";

/** What of the worker's own environment a script gets. */
const PASSED_ON = ["PATH", "HOME", "LANG"];

await runService({
  name: "worker",
  readConfig: workerConfig,
  pollMsOf: ({ workerPollMs }) => workerPollMs,
  run: (context, signals) => {
    const workerEnv = Object.fromEntries(
      PASSED_ON.map((name) => [name, Deno.env.get(name)]).filter(([, value]) => value !== undefined),
    );
    const identity = identify(context.config);
    return runWorker({ ...context, identity, executor: scriptExecutor(context.config, workerEnv) }, signals);
  },
});
