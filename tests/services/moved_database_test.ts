import assert from "node:assert/strict";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import { migrations } from "@jobtrigger/shared/migrations";
import { eventually, openSite, runTask, Service } from "../support/process.ts";
import { addJob, now, reaches, speaks, start } from "./_runs.ts";

Deno.test("scheduler and worker wait for a SQLite file that was moved, log it once, and continue when it is back", async () => {
  await using site = await openSite();
  await site.script("quick.sh", "true");
  const job = await addJob(site, "every 2s", "quick.sh");
  await using scheduler = await Service.keep("start:scheduler", site.env);
  await using worker = await Service.keep("start:worker", site.env);
  const completed = async () =>
    (await site.store.runs.list({ jobId: job.id, statuses: ["COMPLETED"], limit: 200 })).items;
  const before = await eventually(site.store, async () => (await completed()).length > 0 && await completed());

  const away = `${site.path}.elsewhere`;
  await Deno.rename(site.path, away);
  for (const service of [scheduler, worker]) {
    await service.line(/does not answer.*has been deleted or moved; put it back/);
  }
  const listed = await runTask("jobctl", { args: ["jobs", "list"], env: site.env });
  assert.deepEqual([listed.code, listed.stdout], [2, ""]);
  assert.match(listed.stderr, /there is no such file, but .*-wal beside it holds data/);
  const migrated = await runTask("migrate", { env: site.env });
  assert.equal(migrated.code, 2, migrated.stderr);
  await assert.rejects(Deno.stat(site.path), Deno.errors.NotFound);

  const backAt = now();
  await Deno.rename(away, site.path);
  const after = await eventually(
    site.store,
    async () => (await completed()).some(({ scheduledFor }) => scheduledFor > backAt) && await completed(),
  );
  const ids = new Set(after.map(({ id }) => id));
  assert.ok(before.every(({ id }) => ids.has(id)), "no run was lost");
  assert.equal((await site.store.jobs.list({ limit: 10 })).items.length, 1);
  for (const service of [scheduler, worker]) {
    await service.line(/The database answers again/);
    assert.equal(service.lines.filter((line) => /has started/.test(line)).length, 1, service.lines.join("\n"));
    assert.equal(service.lines.filter((line) => /does not answer/.test(line)).length, 1, service.lines.join("\n"));
    service.kill("SIGTERM");
    assert.equal((await service.ended()).code, 0, service.lines.join("\n"));
  }
});

Deno.test("services report a deleted -wal, and the last to end writes its content into the database", async () => {
  await using site = await openSite({
    WORKER_OFFLINE_THRESHOLD: "2",
    WORKER_KILL_GRACE: "0.1",
    WORKER_DRAIN_SECONDS: "0",
  });
  await site.script("endless.sh", "echo started; exec sleep 600");
  const job = await addJob(site, "manual", "endless.sh");
  const run = await start(site, job);
  await using scheduler = await Service.start("scheduler", site.env);
  await using worker = await Service.start("worker", site.env);
  await scheduler.line(/has started/);
  await speaks(site, run);
  await site.store.close();
  await Deno.remove(`${site.path}-wal`);
  for (const service of [scheduler, worker]) {
    await service.line(
      /its jobs\.db-wal has been deleted, moved or replaced; put it back, or stop all services with SIGTERM/,
    );
  }
  for (const service of [scheduler, worker]) {
    service.kill("SIGTERM");
    assert.equal((await service.ended()).code, 0, service.lines.join("\n"));
  }
  await worker.line(/The worker ends without saying so in the database/);
  const store = await openSqlite(site.path, { migrations });
  assert.equal((await store.runs.get(run.id))?.state.status, "IN_PROGRESS");
  assert.equal(
    (await store.logs.read(run.id, { fromSeq: 0, maxBytes: 1000 })).map(({ data }) => data).join(""),
    "started\n",
  );
  await store.close();
});

Deno.test("when its database is deleted, a worker ends its script with the lease and waits", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "2", WORKER_KILL_GRACE: "0.1" });
  await site.script("endless.sh", "echo started; exec sleep 600");
  const run = await start(site, await addJob(site, "manual", "endless.sh"));
  await using worker = await Service.start("worker", site.env);
  await speaks(site, run);
  for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(`${site.path}${suffix}`);
  await worker.line(/Lost the lease of run/);
  worker.kill("SIGTERM");
  assert.equal((await worker.ended()).code, 0, worker.lines.join("\n"));
  assert.equal(worker.lines.filter((line) => /does not answer/.test(line)).length, 1, worker.lines.join("\n"));
});

Deno.test("services reach a database through a link, and its -wal beside the file itself", async () => {
  await using site = await openSite();
  await site.script("quick.sh", "echo done");
  const run = await start(site, await addJob(site, "manual", "quick.sh"));
  const link = `${site.env.SCRIPTS_DIR}/link.db`;
  await Deno.symlink(site.path, link);
  const env = { ...site.env, DATABASE_URL: `sqlite:///${link}` };
  await using scheduler = await Service.start("scheduler", env);
  await using worker = await Service.start("worker", env);
  await scheduler.line(/has started/);
  await reaches(site, run, "COMPLETED");
  await assert.rejects(Deno.stat(`${link}-wal`), Deno.errors.NotFound);
  for (const service of [scheduler, worker]) {
    assert.deepEqual(service.lines.filter((line) => /does not answer/.test(line)), []);
  }
});
