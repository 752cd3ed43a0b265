import assert from "node:assert/strict";
import { addJob } from "../services/_runs.ts";
import { PostgresProxy } from "../support/postgres_proxy.ts";
import { eventually, openSiteOn, Service } from "../support/process.ts";
import { openPostgresTestStore } from "../support/store.ts";
import { occurrences, settledTimes } from "./_facts.ts";

Deno.test("a scheduler stopped inside its transaction is freed by the server, and another dispatches", async () => {
  await using site = await openSiteOn(openPostgresTestStore);
  await using slow = new PostgresProxy(site.url);
  await using sound = new PostgresProxy(site.url);
  await site.script("quick.sh", "true");
  const settings = { DATABASE_URL: slow.url, DISPATCH_LOCK_DURATION: "1" };
  await using stopped = await Service.start("scheduler", { ...site.env, ...settings });
  await stopped.line(/has started/);
  const held = slow.hold(/BEGIN[^]*INSERT INTO job_dispatch/);
  const job = await addJob(site, "every 1s", "quick.sh");
  const { release } = await held;
  stopped.kill("SIGSTOP");

  await using other = await Service.start("scheduler", { ...site.env, DATABASE_URL: sound.url });
  await eventually(site.store, async () => (await settledTimes(site, job)).length > 0);

  stopped.kill("SIGCONT");
  release();
  await stopped.line(/database does not answer/);
  await stopped.line(/database answers again/);
  assert.deepEqual(other.lines.filter((line) => /does not answer/.test(line)), []);
  const settled = await settledTimes(site, job);
  assert.deepEqual(settled, occurrences(job, job.createdAt, settled.at(-1) ?? job.createdAt));
});
