// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import type { Contestant } from "./contestant.ts";

/** The settings of https://worker.graphile.org/docs/performance. */
const SETTINGS = {
  concurrentJobs: 24,
  maxPoolSize: 25,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
} as const;

const TASK = "nothing";
/** Jobs in one call: from some thousands on, one call for all is slower. */
const BATCH = 5000;

/** graphile-worker. */
export const graphileWorker: Contestant = {
  name: "graphile-worker",
  settings:
    "concurrentJobs 24, maxPoolSize 25, localQueue.size 500, completeJobBatchDelay 0, addJobs in batches of 5,000",
  keeps: "nothing: the row is deleted",
  async open(url) {
    const logger = new Logger(() => () => {});
    const utils = await makeWorkerUtils({ connectionString: url, logger });
    await utils.migrate();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return {
      async enqueue(count) {
        for (let added = 0; added < count; added += BATCH) {
          const jobs = Array.from({ length: Math.min(BATCH, count - added) }, (_, index) => ({
            identifier: TASK,
            payload: { id: added + index },
          }));
          await utils.addJobs(jobs);
        }
      },
      async add() {
        await utils.addJob(TASK, { id: 0 });
      },
      dispatch: null,
      async work(onStart) {
        const preset = { worker: { ...SETTINGS, connectionString: url, logger } };
        const runner = await run({ preset, noHandleSignals: true, taskList: { [TASK]: () => onStart() } });
        return { stop: () => runner.stop() };
      },
      async hasUnfinished() {
        return (await client.query("SELECT 1 FROM graphile_worker._private_jobs LIMIT 1")).rows.length > 0;
      },
      fillHistory: null,
      async [Symbol.asyncDispose]() {
        await utils.release();
        await client.end();
      },
    };
  },
};
