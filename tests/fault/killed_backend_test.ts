import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { eventId, StoreUnavailable } from "../../shared/domain/mod.ts";
import { openPostgres } from "../../shared/store/postgres/mod.ts";
import { addJob } from "../services/_runs.ts";
import { at, counted, given, LOCK_MS, running } from "../store/_given.ts";
import { PostgresProxy } from "../support/postgres_proxy.ts";
import { eventually, openSiteOn, Service } from "../support/process.ts";
import { openPostgresTestStore, type TestStore } from "../support/store.ts";
import { occurrences, settledTimes } from "./_facts.ts";

/** The server ends the sessions that are inside a transaction. It is done when this resolves. */
async function killBackends({ sql }: TestStore): Promise<void> {
  const killed = await sql(`
    SELECT pg_terminate_backend(pid, 60000) AS done FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction'`);
  assert.deepEqual(killed, [{ done: true }]);
}

/** Where in its transaction the pass is when its session ends: after the statement that matches. */
const MOMENTS: readonly [moment: string, asked: RegExp][] = [
  ["before the due jobs are locked", /BEGIN[^]*SKIP LOCKED$/],
  ["before anything is written", /SKIP LOCKED[^]*INSERT INTO occurrence_ledger/],
  ["before the dispatches are written", /INSERT INTO occurrence_ledger[^]*INSERT INTO job_dispatch/],
  ["before the next run is advanced", /INSERT INTO job_dispatch[^]*SET next_run/],
  ["before it announces the change", /SET next_run[^]*pg_notify/],
  ["before the commit", /pg_notify[^]*COMMIT/],
];

for (const [moment, asked] of MOMENTS) {
  Deno.test(`a pass writes nothing and is repeated when the server ends its session ${moment}`, async () => {
    await using direct = await openPostgresTestStore();
    await using proxy = new PostgresProxy(direct.url);
    const store = await openPostgres(proxy.url, { migrations });
    try {
      const job = await given(direct.store);
      const pass = () =>
        store.scheduling.dispatchDue({
          now: at(180),
          limit: 10,
          lockMs: LOCK_MS,
          decide: ({ dueAt }) => ({
            ...running([at(180)], at(240)),
            ledger: [{ reason: "missed", firstAt: dueAt, lastAt: at(120), count: 2 }],
          }),
        });
      const held = proxy.hold(asked);
      const ending = pass().then(() => "committed", (error: unknown) => error);
      const { release } = await held;
      await killBackends(direct);
      release();
      assert.ok(await ending instanceof StoreUnavailable, String(await ending));
      assert.deepEqual(await direct.store.runs.unfinished(job.id), []);
      assert.deepEqual(await direct.store.runs.ledger(job.id, 10), []);
      assert.deepEqual(await direct.store.events.read({ after: eventId(0), limit: 10 }), []);
      assert.deepEqual(await direct.store.jobs.get(job.id), job);

      assert.deepEqual(counted(await pass()), { jobs: 1, dispatched: 1, isDone: true, damaged: [] });
      assert.deepEqual((await direct.store.runs.unfinished(job.id)).map(({ scheduledFor }) => scheduledFor), [at(180)]);
      assert.equal((await direct.store.runs.ledger(job.id, 10)).length, 1);
      assert.equal((await direct.store.events.read({ after: eventId(0), limit: 10 })).length, 1);
      assert.equal((await direct.store.jobs.get(job.id))?.nextRun, at(240));
    } finally {
      await store.close();
    }
  });
}

Deno.test("a scheduler that reads an answer and the end of its session at once logs it and continues", async () => {
  await using site = await openSiteOn(openPostgresTestStore);
  await using proxy = new PostgresProxy(site.url);
  await site.script("quick.sh", "true");
  await using scheduler = await Service.start("scheduler", { ...site.env, DATABASE_URL: proxy.url });
  await scheduler.line(/has started/);
  const held = proxy.hold(/BEGIN[^]*INSERT INTO job_dispatch/);
  const job = await addJob(site, "every 1s", "quick.sh");
  const { release } = await held;
  // What comes while it is stopped, it reads in one piece when it goes on.
  scheduler.kill("SIGSTOP");
  const answered = proxy.answered(/INSERT INTO job_dispatch/);
  const ended = proxy.ended(/INSERT INTO job_dispatch/);
  release();
  await answered;
  await killBackends(site);
  await ended;
  scheduler.kill("SIGCONT");
  await scheduler.line(/database answers again/);
  await eventually(site.store, async () => (await settledTimes(site, job)).length > 0);
  const settled = await settledTimes(site, job);
  assert.deepEqual(settled, occurrences(job, job.createdAt, settled.at(-1) ?? job.createdAt));
  assert.equal(scheduler.lines.filter((line) => /does not answer/.test(line)).length, 1, scheduler.lines.join("\n"));
});
