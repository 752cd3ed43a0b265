import assert from "node:assert/strict";
import { addJob, log, reaches, start } from "../services/_runs.ts";
import { occupy, ownPostgres } from "../support/postgres.ts";
import { PostgresProxy } from "../support/postgres_proxy.ts";
import { openSiteOn, Service } from "../support/process.ts";
import { openPostgresTestStore } from "../support/store.ts";

const settings = { WORKER_OFFLINE_THRESHOLD: "600", WORKER_HEARTBEAT_INTERVAL: "0.5", SCHEDULER_POLL_INTERVAL: "0.5" };
/** How often the server refuses services before it has room again. */
const REFUSALS = 10;

Deno.test("services log once that the server has no free connection, and continue when it has", async () => {
  await using server = await ownPostgres({ settings: ["max_connections=30"] });
  await using site = await openSiteOn(() => openPostgresTestStore(server), settings);
  await using proxy = new PostgresProxy(site.url);
  await site.script("wait.sh", 'echo begun; until [ -e "$0.go" ]; do sleep 0.05; done; echo done');
  const env = { ...site.env, DATABASE_URL: proxy.url };
  await using scheduler = await Service.start("scheduler", env);
  await using worker = await Service.start("worker", env);
  await Promise.all([scheduler.line(/has started/), worker.line(/has started/)]);
  const job = await addJob(site, "manual", "wait.sh");
  const run = await start(site, job);
  await worker.line(new RegExp(`Run ${run.id} of job .* starts`));

  // Each has said that its connections broke; that the server is full afterwards is the same outage.
  proxy.shut();
  await using strangers = await occupy(site.url);
  await Promise.all([scheduler.line(/does not answer/), worker.line(/does not answer/)]);
  const refused = proxy.grows(/^connect$/, REFUSALS);
  proxy.open();
  await refused;
  await using late = await Service.start("worker", env);
  await late.line(/does not answer yet: .*too many clients/);
  await strangers[Symbol.asyncDispose]();

  await Promise.all([scheduler.line(/answers again/), worker.line(/answers again/), late.line(/has started/)]);
  await Deno.writeTextFile(`${site.env.SCRIPTS_DIR}/wait.sh.go`, "");
  await reaches(site, run, "COMPLETED");
  assert.equal(await log(site, run), "begun\ndone\n");
  assert.equal((await site.store.runs.attempts(run.id)).length, 1);
  for (const service of [scheduler, worker, late]) {
    assert.equal(service.lines.filter((line) => /does not answer/.test(line)).length, 1, service.lines.join("\n"));
  }
});
