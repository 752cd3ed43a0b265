// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { PgBoss } from "pg-boss";
import type { Contestant } from "./contestant.ts";

const QUEUE = "nothing";
const BATCH = { insert: 5000, work: 500 } as const;
const CONCURRENCY = 2;

const FILL = `
  INSERT INTO pgboss.job (name, data, state, created_on, started_on, completed_on)
  SELECT '${QUEUE}', '{}', 'completed', at, at, at
  FROM (SELECT now() - n * interval '0.1 second' AS at FROM generate_series($1::integer, 1, -1) AS n) past`;

/** pg-boss. */
export const pgBoss: Contestant = {
  name: "pg-boss",
  settings:
    `batchSize ${BATCH.work}, burstWhenBatchFull, localConcurrency ${CONCURRENCY}, a table of its own (partition), ` +
    "LISTEN/NOTIFY for waking up, insert() in batches of 5,000",
  keeps: "the last state of each job, for 7 days",
  async open(url) {
    const boss = new PgBoss({ connectionString: url, useListenNotify: true, supervise: false, schedule: false });
    boss.on("error", () => {});
    await boss.start();
    await boss.createQueue(QUEUE, { partition: true, notify: true });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return {
      async enqueue(count) {
        for (let added = 0; added < count; added += BATCH.insert) {
          const jobs = Array.from({ length: Math.min(BATCH.insert, count - added) }, (_, index) => ({
            data: { id: added + index },
          }));
          await boss.insert(QUEUE, jobs);
        }
      },
      async add() {
        await boss.send(QUEUE, { id: 0 });
      },
      dispatch: null,
      async work(onStart) {
        const options = { batchSize: BATCH.work, burstWhenBatchFull: true, localConcurrency: CONCURRENCY };
        await boss.work(QUEUE, options, (jobs) => {
          for (const _ of jobs) onStart();
          return Promise.resolve();
        });
        return { stop: () => boss.offWork(QUEUE, { wait: true }) };
      },
      async hasUnfinished() {
        const { rows } = await client.query(
          "SELECT 1 FROM pgboss.job WHERE name = $1 AND state < 'completed' LIMIT 1",
          [
            QUEUE,
          ],
        );
        return rows.length > 0;
      },
      async fillHistory(rows) {
        await client.query(FILL, [rows]);
      },
      async [Symbol.asyncDispose]() {
        await boss.stop({ graceful: false });
        await client.end();
      },
    };
  },
};
