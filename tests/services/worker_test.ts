import assert from "node:assert/strict";
import { eventually, openSite, Service } from "../support/process.ts";
import { lockSqlite } from "../support/sqlite_lock.ts";
import { addJob, lives, log, now, reaches, speaks, start } from "./_runs.ts";
import { by } from "../support/actor.ts";

Deno.test("heartbeats renew the lease while a script runs, so that a run may outlast it", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "60", WORKER_HEARTBEAT_INTERVAL: "0.2" });
  await site.script("patient.sh", 'echo started; until [ -e "$0.go" ]; do sleep 0.05; done; echo done');
  const run = await start(site, await addJob(site, "manual", "patient.sh", 3));
  await using _scheduler = await Service.start("scheduler", site.env);
  await using _worker = await Service.start("worker", site.env);
  await speaks(site, run);
  const leaseUntil = async () => {
    const state = (await site.store.runs.get(run.id))?.state;
    return state?.status === "IN_PROGRESS" ? state.lease.until : assert.fail(`It is ${state?.status}`);
  };
  const first = await leaseUntil();
  await eventually(site.store, async () => await leaseUntil() > first);
  const [worker] = await site.store.workers.list();
  assert.deepEqual([worker?.status, worker?.currentDispatchIds], ["BUSY", [run.id]]);
  await Deno.writeTextFile(`${site.env.SCRIPTS_DIR}/patient.sh.go`, "");
  await reaches(site, run, "COMPLETED");
  assert.equal((await site.store.runs.attempts(run.id)).length, 1);
});

Deno.test("a worker takes the next run as soon as a slot is free, without waiting for a heartbeat or a poll", async () => {
  const hour = "3600";
  await using site = await openSite({
    WORKER_CONCURRENCY: "1",
    WORKER_OFFLINE_THRESHOLD: "7200",
    WORKER_HEARTBEAT_INTERVAL: hour,
    WORKER_POLL_INTERVAL: hour,
  });
  await site.script("quick.sh", "true");
  const job = await addJob(site, "manual", "quick.sh");
  const runs = await Promise.all(Array.from({ length: 10 }, () => start(site, job)));
  await using _worker = await Service.start("worker", site.env);
  for (const run of runs) await reaches(site, run, "COMPLETED");
});

Deno.test("idle services act on a change at once, long before their poll", async () => {
  const hour = "3600";
  await using site = await openSite({
    SCHEDULER_POLL_INTERVAL: hour,
    WORKER_POLL_INTERVAL: hour,
    WORKER_OFFLINE_THRESHOLD: "7200",
    WORKER_HEARTBEAT_INTERVAL: hour,
  });
  await site.script("quick.sh", "true");
  await using scheduler = await Service.start("scheduler", site.env);
  await using _worker = await Service.start("worker", site.env);
  await scheduler.line(/has started/);
  await eventually(site.store, async () => (await site.store.workers.list()).length === 1);
  await reaches(site, await start(site, await addJob(site, "manual", "quick.sh")), "COMPLETED");
  const job = await addJob(site, "every 1s", "quick.sh");
  await eventually(
    site.store,
    async () => (await site.store.runs.list({ jobId: job.id, statuses: ["COMPLETED"], limit: 10 })).items.length >= 2,
  );
});

Deno.test("a worker that is asked to drain claims nothing, lets its script end, and goes on when it is resumed", async () => {
  await using site = await openSite({ WORKER_HEARTBEAT_INTERVAL: "0.2", WORKER_OFFLINE_THRESHOLD: "60" });
  const { store } = site;
  await site.script("patient.sh", 'echo started; until [ -e "$0.go" ]; do sleep 0.05; done');
  await site.script("quick.sh", "true");
  await using worker = await Service.start("worker", site.env);
  const running = await start(site, await addJob(site, "manual", "patient.sh"));
  await speaks(site, running);
  const [found] = await store.workers.list();
  assert.ok(found !== undefined);
  const ask = (drains: boolean) => store.workers.requestDrain(found.workerId, { drains, ...by(now()) });
  await ask(true);
  await eventually(store, async () => (await store.workers.list())[0]?.status === "DRAINING");
  const waiting = await start(site, await addJob(site, "manual", "quick.sh"));
  await Deno.writeTextFile(`${site.env.SCRIPTS_DIR}/patient.sh.go`, "");
  await reaches(site, running, "COMPLETED");
  const { lastHeartbeat } = (await store.workers.list())[0] ?? found;
  await eventually(store, async () => ((await store.workers.list())[0]?.lastHeartbeat ?? 0) > lastHeartbeat);
  assert.equal((await store.runs.get(waiting.id))?.state.status, "PENDING");
  await ask(false);
  await reaches(site, waiting, "COMPLETED");
  assert.ok(["IDLE", "BUSY"].includes((await store.workers.list())[0]?.status ?? ""));
  await ask(true);
  await eventually(store, async () => (await store.workers.list())[0]?.status === "DRAINING");
  worker.kill("SIGTERM");
  await eventually(store, async () => (await store.workers.list())[0]?.endedAt !== null);
});

Deno.test("two workers share the runs, and none is run twice", async () => {
  await using site = await openSite({ WORKER_CONCURRENCY: "2" });
  await site.script("note.sh", 'echo "$DISPATCH_ID" >> "$0.runs"; sleep 0.05');
  await using _one = await Service.start("worker", site.env);
  await using _two = await Service.start("worker", site.env);
  await eventually(site.store, async () => (await site.store.workers.list()).length === 2);
  const job = await addJob(site, "manual", "note.sh");
  const runs = await Promise.all(Array.from({ length: 30 }, () => start(site, job)));
  for (const run of runs) await reaches(site, run, "COMPLETED");
  const noted = (await Deno.readTextFile(`${site.env.SCRIPTS_DIR}/note.sh.runs`)).trim().split("\n").map(Number);
  assert.deepEqual(noted.toSorted((a, b) => a - b), runs.map(({ id }) => id));
  for (const { jobsProcessed } of await site.store.workers.list()) assert.ok(jobsProcessed > 0);
});

Deno.test("a worker that was frozen past its lease ends its script, writes nothing more and works on", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "3", WORKER_HEARTBEAT_INTERVAL: "0.3" });
  await site.script("endless.sh", "echo $$; exec sleep 600");
  await site.script("quick.sh", "true");
  const run = await start(site, await addJob(site, "manual", "endless.sh", 1));
  await using _scheduler = await Service.start("scheduler", site.env);
  await using worker = await Service.start("worker", site.env);
  const pid = Number(await speaks(site, run));
  worker.kill("SIGSTOP");
  await reaches(site, run, "TIMEOUT");
  worker.kill("SIGCONT");
  await worker.line(/Lost the lease of run/);
  assert.equal(await lives(pid), false);
  assert.equal((await site.store.runs.get(run.id))?.state.status, "TIMEOUT");
  assert.equal(await log(site, run), `${pid}\n`);
  await reaches(site, await start(site, await addJob(site, "manual", "quick.sh")), "COMPLETED");
});

Deno.test("a failed run is followed by a retry, after its delay", async () => {
  await using site = await openSite();
  await site.script("fails.sh", "echo no; exit 3");
  const run = await start(site, await addJob(site, "manual", "fails.sh", 1));
  await using _worker = await Service.start("worker", site.env);
  const { state } = await reaches(site, run, "FAILED", "COMPLETED");
  assert.ok(state.status === "FAILED");
  assert.deepEqual([state.exitCode, state.errorMessage], [3, "The script exited with code 3"]);
  const [, retry] = await site.store.runs.attempts(run.id);
  assert.deepEqual([retry?.trigger, retry?.retryCount, retry?.state.status], ["retry", 1, "PENDING"]);
  const delay = retry?.state.status === "PENDING" ? retry.state.availableAt - state.completedAt : 0;
  assert.ok(delay >= 8_000 && delay <= 12_000, `${delay} ms`);
});

Deno.test("a script that ends while the database is locked is reported in full afterwards", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "60", WORKER_HEARTBEAT_INTERVAL: "0.5" });
  await site.script(
    "patient.sh",
    'echo started; until [ -e "$0.go" ]; do sleep 0.05; done; echo done; touch "$0.gone"',
  );
  const run = await start(site, await addJob(site, "manual", "patient.sh"));
  await using worker = await Service.start("worker", site.env);
  await speaks(site, run);
  const lock = lockSqlite(site.path);
  await Deno.writeTextFile(`${site.env.SCRIPTS_DIR}/patient.sh.go`, "");
  await worker.line(/The database does not answer/);
  assert.ok((await Deno.stat(`${site.env.SCRIPTS_DIR}/patient.sh.gone`)).isFile);
  lock[Symbol.dispose]();
  await reaches(site, run, "COMPLETED");
  assert.equal(await log(site, run), "started\ndone\n");
  await worker.line(/The database answers again/);
  assert.equal(worker.lines.filter((line) => /does not answer/.test(line)).length, 1);
});

Deno.test("a script is ended as soon as its lease is over, although the worker still waits for the database", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "2.5", WORKER_HEARTBEAT_INTERVAL: "0.3" });
  await site.script("endless.sh", "echo $$; exec sleep 600");
  const run = await start(site, await addJob(site, "manual", "endless.sh"));
  await using worker = await Service.start("worker", site.env);
  const pid = Number(await speaks(site, run));
  const lock = lockSqlite(site.path);
  await worker.line(/Lost the lease of run/);
  // It would say so when it has waited for its busy timeout, which is longer than the lease.
  assert.deepEqual(worker.lines.filter((line) => /does not answer/.test(line)), []);
  assert.equal(await lives(pid), false);
  // With the database it would claim the run again and start the script, which would outlive the test.
  worker.kill("SIGKILL");
  await worker.ended();
  lock[Symbol.dispose]();
});

Deno.test("a script that ended within its lease is reported later, unless another worker has claimed the run", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "3.5", WORKER_HEARTBEAT_INTERVAL: "0.3" });
  await site.script("patient.sh", 'echo started; until [ -e "$0.go" ]; do sleep 0.05; done; touch "$0.gone"');
  const run = await start(site, await addJob(site, "manual", "patient.sh"));
  await using worker = await Service.start("worker", site.env);
  await speaks(site, run);
  const lock = lockSqlite(site.path);
  await Deno.writeTextFile(`${site.env.SCRIPTS_DIR}/patient.sh.go`, "");
  // Said at the end of the busy timeout, when the lease has long been over.
  await worker.line(/does not answer/);
  lock[Symbol.dispose]();
  await reaches(site, run, "COMPLETED");
  assert.deepEqual(worker.lines.filter((line) => /Lost the lease/.test(line)), []);
});

Deno.test("a cancel ends the processes that the script started, too", async () => {
  await using site = await openSite({ WORKER_KILL_GRACE: "0.2" });
  await site.script("family.sh", 'setsid sleep 600 & echo "$!"; wait');
  const run = await start(site, await addJob(site, "manual", "family.sh"));
  await using _worker = await Service.start("worker", site.env);
  const child = Number(await speaks(site, run));
  assert.equal(await lives(child), true);
  await site.store.runs.cancel(run.id, by(await site.store.now()));
  await reaches(site, run, "CANCELLED");
  assert.equal(await lives(child), false);
});
