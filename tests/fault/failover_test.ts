import assert from "node:assert/strict";
import { type EpochMs, epochMs } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { addJob, now } from "../services/_runs.ts";
import { eventually, openSiteOn, Service } from "../support/process.ts";
import { DATABASES } from "../support/store.ts";
import { A, claim, enter, outcome } from "../store/_given.ts";
import { occurrences, scheduledRuns, settledTimes } from "./_facts.ts";

/** Nothing waits for it, nor for the 300 s for which a scheduler may hold jobs: no test does. */
const POLL_SECONDS = 3600;
/** How late a dispatch may be written: far more than a busy machine needs, far less than a poll takes. */
const LATENESS_MS = 30_000;
const JOBS = 5;
/** Seconds of nominal times for which the test watches the other scheduler. */
const SECONDS = 4;

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: when one of two schedulers is killed, the other dispatches what is due on time`, async () => {
    await using site = await openSiteOn(open, { SCHEDULER_POLL_INTERVAL: String(POLL_SECONDS) });
    await site.script("quick.sh", "true");
    await enter(site.store, A, now());
    const jobs = await Promise.all(Array.from({ length: JOBS }, () => addJob(site, "every 1s", "quick.sh")));
    await using killed = await Service.start("scheduler", site.env);
    await using other = await Service.start("scheduler", site.env);
    await Promise.all([killed.line(/has started/), other.line(/has started/)]);
    const done = new AbortController();
    const working = endAll(site.store, done.signal);
    const settledBy = (at: EpochMs) =>
      eventually(site.store, async () => {
        const times = await Promise.all(jobs.map((job) => settledTimes(site, job)));
        return times.every((settled) => (settled.at(-1) ?? 0) >= at);
      });
    let killedAt: EpochMs;
    try {
      await settledBy(epochMs(now() + 1000));
      killed.kill("SIGKILL");
      killedAt = now();
      await settledBy(epochMs(killedAt + SECONDS * 1000));
    } finally {
      done.abort();
      await working;
    }

    const runs = (await Promise.all(jobs.map((job) => scheduledRuns(site, job)))).flat();
    const lateness = runs.filter(({ createdAt }) => createdAt > killedAt)
      .map(({ createdAt, scheduledFor }) => createdAt - scheduledFor);
    assert.ok(lateness.length > 0, "no dispatches were written");
    assert.ok(Math.max(...lateness) < LATENESS_MS, `late by ${lateness} ms`);
    for (const job of jobs) {
      const settled = await settledTimes(site, job);
      assert.deepEqual(settled, occurrences(job, job.createdAt, settled.at(-1) ?? job.createdAt));
    }
  });
}

/** Claims and finishes all dispatched runs at once. */
async function endAll(store: Store, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const version = store.changes.version();
    const claims = await claim(store, A, now(), 100);
    const ended = { outcome: outcome("COMPLETED"), startedAt: null, endedAt: now(), retryAt: null };
    if (claims.length > 0) await store.queue.finish(claims.map((ref) => ({ ...ref, ...ended })));
    else await store.changes.after(version, signal);
  }
}
