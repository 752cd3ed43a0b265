import assert from "node:assert/strict";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { runScheduler } from "../../services/scheduler/scheduler.ts";
import { schedulerConfig } from "../../shared/config/mod.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { startLog } from "../../shared/log/mod.ts";
import { DatabaseClock, identifyService, Presence } from "../../shared/store/mod.ts";
import type { Clock } from "../../shared/time/mod.ts";
import { given } from "../store/_given.ts";
import { openPostgresTestStore } from "../support/store.ts";

const NOW = epochMs(Date.UTC(2026, 10, 27));

Deno.test("a scheduler looks again after a pause while another scheduler holds its due jobs", async () => {
  await using test = await openPostgresTestStore();
  const { store } = test;
  await given(store, {}, NOW);
  const holder = new pg.Client({ connectionString: test.url });
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT id FROM scheduled_jobs FOR UPDATE");

  const stop = new AbortController();
  const pauses: number[] = [];
  // Time stands still, so that each pause is as long as the scheduler wants it.
  const clock: Clock = {
    now: () => NOW,
    monotonic: () => 0,
    sleep(ms) {
      if (pauses.push(ms) === 3) stop.abort();
      return Promise.resolve();
    },
  };
  const databaseClock = new DatabaseClock({ now: () => Promise.resolve(NOW) }, clock);
  const log = await startLog("test", { logFormat: "json", logLevel: "error" });
  const presence = new Presence(store.services, identifyService("scheduler"));
  const config = schedulerConfig(() => undefined);
  await runScheduler({ store, clock, databaseClock, log, config, presence }, stop.signal);
  await holder.end();

  assert.deepEqual(pauses, [100, 100, 100]);
  assert.deepEqual((await store.runs.list({ limit: 1 })).items, []);
});
