/**
 * A worker process whose runs do nothing, so that it writes to the database without pause: `load_worker.ts URL`. It times each
 * heartbeat, with the wait for the database. On SIGTERM it stops and prints its measurements.
 *
 * @module
 */
import { workerConfig } from "@jobtrigger/shared/config";
import { startLog } from "@jobtrigger/shared/log";
import { DatabaseClock, openStore, type Store } from "@jobtrigger/shared/store";
import { systemClock } from "@jobtrigger/shared/time";
import { migrations } from "@jobtrigger/shared/migrations";
import { identify } from "../../services/worker/identity.ts";
import { runWorker } from "../../services/worker/worker.ts";
import { nothing } from "./ours.ts";

/** A worker's measurements: the runs that it started, and the times of its heartbeats in milliseconds. */
export interface Seen {
  readonly runs: number;
  readonly beats: readonly number[];
}

const SETTINGS: Readonly<Record<string, string>> = { WORKER_CONCURRENCY: "8", WORKER_HEARTBEAT_INTERVAL: "0.1" };

if (import.meta.main) {
  const store = await openStore(Deno.args[0] ?? "", { migrations });
  const beats: number[] = [];
  const timed: Store = {
    ...store,
    now: () => store.now(),
    close: () => store.close(),
    queue: {
      claim: (request) => store.queue.claim(request),
      nextAvailableAt: (now) => store.queue.nextAvailableAt(now),
      markStarted: (starts) => store.queue.markStarted(starts),
      appendLogs: (outputs) => store.queue.appendLogs(outputs),
      cancelRequested: (held) => store.queue.cancelRequested(held),
      finish: (ends) => store.queue.finish(ends),
      release: (refs, now) => store.queue.release(refs, now),
      async heartbeat(beat) {
        const from = performance.now();
        const answer = await store.queue.heartbeat(beat);
        beats.push(performance.now() - from);
        return answer;
      },
    },
  };
  let runs = 0;
  const stop = new AbortController();
  Deno.addSignalListener("SIGTERM", () => stop.abort());
  const config = workerConfig((variable) => SETTINGS[variable]);
  await runWorker({
    store: timed,
    clock: systemClock,
    databaseClock: new DatabaseClock(store, systemClock),
    log: await startLog("worker", { logFormat: "json", logLevel: "warning" }),
    config,
    identity: identify(config),
    executor: nothing(() => runs++),
  }, { stop: stop.signal, now: new AbortController().signal });
  await store.close();
  console.log(JSON.stringify({ runs, beats } satisfies Seen));
  Deno.exit(0);
}
