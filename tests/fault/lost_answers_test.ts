import assert from "node:assert/strict";
import { addJob, log, reaches, start } from "../services/_runs.ts";
import { type Loss, PostgresProxy } from "../support/postgres_proxy.ts";
import { openSiteOn, Service, type Site } from "../support/process.ts";
import { openPostgresTestStore } from "../support/store.ts";
import { occurrences, settledTimes } from "./_facts.ts";

const CLAIMED = /SET\s+status = 'IN_PROGRESS'[^]*→ UPDATE [1-9]/;
const FINISHED = /reported_epoch = d.lease_epoch[^]*→ SELECT/;
const DISPATCHED = /BEGIN[^]*INSERT INTO job_dispatch[^]*→ COMMIT/;

/** A lease longer than any test, so that its end cannot help. */
const settings = { WORKER_OFFLINE_THRESHOLD: "600", WORKER_HEARTBEAT_INTERVAL: "0.5", WORKER_POLL_INTERVAL: "0.5" };

/** An empty site, and the network through which its services reach it. */
async function openBehindProxy(): Promise<{ readonly site: Site; readonly proxy: PostgresProxy } & AsyncDisposable> {
  const direct = await openSiteOn(openPostgresTestStore, settings);
  const proxy = new PostgresProxy(direct.url);
  // Nobody hears of the end of a silent connection; this is how soon it is given up.
  const url = `${proxy.url}?query_timeout=3000`;
  return {
    site: { ...direct, env: { ...direct.env, DATABASE_URL: url } },
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await direct[Symbol.asyncDispose]();
    },
  };
}

const losses: readonly Loss[] = ["breaks", "goes silent"];
for (const loss of losses) {
  Deno.test(`a claim is released and claimed again when its answer was lost because the connection ${loss}`, async () => {
    await using open = await openBehindProxy();
    const { site, proxy } = open;
    await site.script("hello.sh", "echo hello");
    await using worker = await Service.start("worker", site.env);
    await worker.line(/has started/);
    const lost = proxy.loseAnswer(CLAIMED, loss);
    const run = await start(site, await addJob(site, "manual", "hello.sh"));
    await lost;
    await reaches(site, run, "COMPLETED");
    assert.equal(await log(site, run), "hello\n");
    assert.equal((await site.store.runs.attempts(run.id)).length, 1);
    assert.equal(complaints(worker), 1, worker.lines.join("\n"));
  });

  Deno.test(`an end counts as reported when its answer was lost because the connection ${loss}`, async () => {
    await using open = await openBehindProxy();
    const { site, proxy } = open;
    await site.script("hello.sh", "echo hello");
    await using worker = await Service.start("worker", site.env);
    const lost = proxy.loseAnswer(FINISHED, loss);
    const run = await start(site, await addJob(site, "manual", "hello.sh", 1));
    await lost;
    await worker.line(new RegExp(`Run ${run.id} of job .* ended: .?COMPLETED|Lost the lease of run ${run.id} `));
    assert.deepEqual(worker.lines.filter((line) => /Lost the lease/.test(line)), []);
    assert.deepEqual(await site.sql("SELECT status FROM job_execution_logs"), [{ status: "SUCCESS" }]);
    assert.deepEqual(await site.sql("SELECT jobs_processed FROM worker_registration"), [{ jobs_processed: "1" }]);
  });

  Deno.test(`a dispatch is not written twice when its answer was lost because the connection ${loss}`, async () => {
    await using open = await openBehindProxy();
    const { site, proxy } = open;
    await site.script("hello.sh", "echo hello");
    await using scheduler = await Service.start("scheduler", site.env);
    const lost = proxy.loseAnswer(DISPATCHED, loss);
    const job = await addJob(site, "every 1s", "hello.sh");
    await lost;
    const before = (await settledTimes(site, job)).length;
    assert.ok(before > 0, "nothing was committed");
    await scheduler.line(/database answers again/);
    // At the second one the first is through.
    await proxy.grows(/^COMMIT/, 2);
    const settled = await settledTimes(site, job);
    assert.ok(settled.length > before, "it did not go on");
    assert.deepEqual(settled, occurrences(job, job.createdAt, settled.at(-1) ?? job.createdAt));
    assert.equal(complaints(scheduler), 1, scheduler.lines.join("\n"));
  });
}

Deno.test("a worker finds work by polling when its listening connection has gone silent", async () => {
  await using open = await openBehindProxy();
  const { site, proxy } = open;
  await site.script("hello.sh", "echo hello");
  await using worker = await Service.start("worker", { ...site.env, WORKER_MAX_POLL_INTERVAL: "1" });
  await worker.line(/has started/);
  await proxy.hasSeen(/^LISTEN/);
  assert.equal(proxy.silence(/^LISTEN/), 1);
  const run = await start(site, await addJob(site, "manual", "hello.sh"));
  await reaches(site, run, "COMPLETED");
  assert.equal(complaints(worker), 0, worker.lines.join("\n"));
});

function complaints(service: Service): number {
  return service.lines.filter((line) => /database does not answer/.test(line)).length;
}
