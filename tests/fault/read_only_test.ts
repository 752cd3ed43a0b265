import assert from "node:assert/strict";
import { addJob, lives, log, reaches, speaks, start } from "../services/_runs.ts";
import { ownPostgres } from "../support/postgres.ts";
import { openSiteOn, Service } from "../support/process.ts";
import { openPostgresTestStore } from "../support/store.ts";
import { occurrences, settledTimes } from "./_facts.ts";

const settings = { WORKER_OFFLINE_THRESHOLD: "600", WORKER_HEARTBEAT_INTERVAL: "0.5", SCHEDULER_POLL_INTERVAL: "0.5" };

Deno.test("while the database is read-only, services log it once and scripts run on; workers report their results later", async () => {
  await using server = await ownPostgres();
  await using site = await openSiteOn(() => openPostgresTestStore(server), settings);
  const setReadOnly = async (value: "on" | "off") => {
    await site.sql(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await site.sql("SELECT pg_reload_conf()");
  };
  await site.script("wait.sh", 'echo $$ > "$0.pid"; echo begun; until [ -e "$0.go" ]; do sleep 0.05; done; echo done');
  await site.script("quick.sh", "true");
  await using scheduler = await Service.start("scheduler", site.env);
  await using worker = await Service.start("worker", site.env);
  await Promise.all([scheduler.line(/has started/), worker.line(/has started/)]);
  const run = await start(site, await addJob(site, "manual", "wait.sh", 1));
  await speaks(site, run);
  const job = await addJob(site, "every 1s", "quick.sh");

  await setReadOnly("on");
  const readOnly = /does not answer: .*read-only/;
  await Promise.all([scheduler.line(readOnly), worker.line(readOnly)]);
  const pid = Number(await Deno.readTextFile(`${site.env.SCRIPTS_DIR}/wait.sh.pid`));
  assert.ok(await lives(pid), "the script was ended");
  await Deno.writeTextFile(`${site.env.SCRIPTS_DIR}/wait.sh.go`, "");
  while (await lives(pid));
  assert.equal((await site.store.runs.get(run.id))?.state.status, "IN_PROGRESS");

  await setReadOnly("off");
  await Promise.all([scheduler.line(/answers again/), worker.line(/answers again/)]);
  await reaches(site, run, "COMPLETED");
  assert.equal(await log(site, run), "begun\ndone\n");
  assert.equal((await site.store.runs.attempts(run.id)).length, 1);
  const settled = await settledTimes(site, job);
  assert.deepEqual(settled, occurrences(job, job.createdAt, settled.at(-1) ?? job.createdAt));
  for (const service of [scheduler, worker]) {
    assert.equal(service.lines.filter((line) => /does not answer/.test(line)).length, 1, service.lines.join("\n"));
  }
});
