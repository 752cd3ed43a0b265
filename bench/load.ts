/**
 * A worker whose scripts take a moment, write three lines and start no process, for benchmarks of what people see meanwhile: all but
 * the scripts is the real worker. It works on the database that DATABASE_URL names until it is ended.
 *
 * @module
 */
import { workerConfig } from "@jobtrigger/shared/config";
import type { EpochMs } from "@jobtrigger/shared/domain";
import { startLog } from "@jobtrigger/shared/log";
import { migrations } from "@jobtrigger/shared/migrations";
import { DatabaseClock, openStore } from "@jobtrigger/shared/store";
import { systemClock } from "@jobtrigger/shared/time";
import type { Executor } from "../services/worker/executor.ts";
import { identify } from "../services/worker/identity.ts";
import { runWorker } from "../services/worker/worker.ts";

const OUTPUT = "12:00:00 reading orders since the last run\n12:00:01 412 orders read, 398 new\n12:00:02 done\n";
/** How long scripts take, by the number of the run: the ends of runs that begin together are spread. */
const [SHORTEST_MS, LONGEST_MS] = [100, 500];

const executor: Executor = async ({ dispatchId }, { clock, onOutput }) => {
  const startedAt: EpochMs = clock.now();
  await onOutput({ stream: "stdout", at: startedAt, data: OUTPUT });
  await clock.sleep(SHORTEST_MS + 37 * dispatchId % (LONGEST_MS - SHORTEST_MS));
  const endedAt = clock.now();
  return {
    kind: "exited",
    exitCode: 0,
    startedAt,
    endedAt,
    durationMs: endedAt - startedAt,
    logBytes: OUTPUT.length,
    truncated: false,
    survivors: 0,
  };
};

const store = await openStore(Deno.env.get("DATABASE_URL") ?? "", { migrations });
const config = workerConfig((variable) => variable === "WORKER_CONCURRENCY" ? "100" : undefined);
console.log("The load has started");
const never = new AbortController().signal;
await runWorker({
  store,
  clock: systemClock,
  databaseClock: new DatabaseClock(store, systemClock),
  log: await startLog("worker", { logFormat: "json", logLevel: "warning" }),
  config,
  identity: identify(config),
  executor,
}, { stop: never, now: never });
