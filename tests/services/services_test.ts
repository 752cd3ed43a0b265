import assert from "node:assert/strict";
import { eventually, openSite, runTask, Service } from "../support/process.ts";
import { lockSqlite } from "../support/sqlite_lock.ts";
import { addJob, completedRun, log, now, reaches, speaks, start } from "./_runs.ts";
import { by } from "../support/actor.ts";
import { FULL_ACCESS } from "../../shared/access/mod.ts";
import { epochMs, SERVICE_SILENT_MS } from "../../shared/domain/mod.ts";
import { readStatus } from "../../shared/operations/mod.ts";
import { sayHealth } from "../../app/server/health_strip.ts";
import { operating } from "../support/operating.ts";

Deno.test("a job runs on its schedule, its output is stored, and one id leads from the scheduler's log to the script", async () => {
  await using site = await openSite({ LOG_LEVEL: "debug" });
  await site.script("hello.sh", 'echo "hello from $JOB_NAME, $CORRELATION_ID"');
  const job = await addJob(site, "every 1s", "hello.sh");
  await using scheduler = await Service.start("scheduler", site.env);
  await using worker = await Service.start("worker", site.env);
  const run = await completedRun(site, job);
  const { id, correlationId } = run;
  assert.equal(await log(site, run), `hello from hello.sh, ${correlationId}\n`);
  assert.ok(
    (await scheduler.line(new RegExp(`Dispatched run ${id} of job ${job.id}`))).endsWith(` [${correlationId}]`),
  );
  await worker.line(new RegExp(`Run ${id} of job ${job.id} ended: COMPLETED`));
  const lines = worker.lines.filter((line) => line.includes(`un ${id} of job`));
  assert.equal(lines.length, 2, lines.join("\n"));
  for (const line of lines) assert.ok(line.endsWith(` [${correlationId}]`), line);
  assert.equal((run.scheduledFor - job.createdAt) % 1000, 0);
});

Deno.test("a scheduler and a worker that are frozen are seen on every page within 30 s", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "3600", RETENTION_RUNS_PER_JOB: "9" });
  const { store } = site;
  await using scheduler = await Service.start("scheduler", site.env);
  await using worker = await Service.start("worker", site.env);
  const both = async () => {
    const service = (await store.services.list()).find(({ kind }) => kind === "scheduler");
    const [found] = await store.workers.list();
    return service !== undefined && found !== undefined && [service, found] as const;
  };
  await eventually(store, both);
  scheduler.kill("SIGSTOP");
  worker.kill("SIGSTOP");
  const [{ lastPassAt }, { lastHeartbeat }] = await eventually(store, both);
  // What a page says of the present database at a later time, which needs no waiting.
  const pageAt = async (instant: number) => {
    const at = epochMs(instant);
    const { sign, items } = sayHealth(await readStatus({ ...operating(store, at), access: FULL_ACCESS, now: at }), at);
    return [sign.text, ...items.slice(0, 2).map(({ value, tone }) => `${value} ${tone ?? "calm"}`)];
  };
  const last = Math.max(lastPassAt, lastHeartbeat);
  assert.ok(SERVICE_SILENT_MS <= 25_000);
  assert.equal((await pageAt(last))[0], "All is well");
  const [text, schedulers, workers] = await pageAt(last + SERVICE_SILENT_MS);
  assert.deepEqual([text, workers], ["2 need attention", "0 of 1 bad"]);
  assert.match(schedulers ?? "", /^\d+ s ago bad$/);
  // What each scheduler keeps is entered with its first report.
  const [{ retention }] = await eventually(store, both);
  assert.deepEqual(retention, { historyDays: 30, runsPerJob: 9, auditDays: 400, statisticsDays: 400 });
  const working = (await store.services.list()).map(({ lastPassAt }) => lastPassAt);
  assert.deepEqual(working, [lastPassAt], "it has written nothing since");
  for (const service of [scheduler, worker]) service.kill("SIGCONT");
});

Deno.test("a worker killed in a run leads to TIMEOUT after the lease, and to a retry", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "2" });
  await site.script("chatter.sh", "while echo still here; do sleep 0.1; done");
  const run = await start(site, await addJob(site, "manual", "chatter.sh", 1));
  await using _scheduler = await Service.start("scheduler", site.env);
  {
    await using worker = await Service.start("worker", site.env);
    await speaks(site, run);
    worker.kill("SIGKILL");
  }
  const ended = await reaches(site, run, "TIMEOUT", "FAILED", "COMPLETED");
  assert.equal(ended.state.status, "TIMEOUT");
  const attempts = await site.store.runs.attempts(run.id);
  assert.deepEqual(attempts.map(({ state, retryCount }) => [state.status, retryCount]), [["TIMEOUT", 0], [
    "PENDING",
    1,
  ]]);
  const [worker] = await eventually(site.store, async () => {
    const workers = await site.store.workers.list();
    return workers.every(({ status }) => status === "OFFLINE") && workers;
  });
  assert.equal(worker?.status, "OFFLINE");
});

Deno.test("a scheduler killed and started again loses and doubles nothing", async () => {
  await using site = await openSite();
  await site.script("quick.sh", "true");
  const job = await addJob(site, "every 1s", "quick.sh");
  await using _worker = await Service.start("worker", site.env);
  const dispatched = (atLeast: number) =>
    eventually(site.store, async () => {
      const { items } = await site.store.runs.list({ jobId: job.id, limit: 200 });
      return items.length >= atLeast && items;
    });
  for (const count of [2, 4]) {
    await using scheduler = await Service.start("scheduler", site.env);
    await dispatched(count);
    scheduler.kill("SIGKILL");
    await scheduler.ended();
  }
  // Dead workers stay in the list for a day.
  const services = await site.store.services.list();
  assert.deepEqual(services.map(({ kind }) => kind), ["scheduler", "scheduler"]);
  const runs = (await dispatched(4)).map(({ scheduledFor }) => scheduledFor).toSorted((a, b) => a - b);
  const skipped = (await site.store.runs.ledger(job.id, 100)).flatMap(({ firstAt, count }) =>
    Array.from({ length: count }, (_, i) => firstAt + i * 1000)
  );
  const settled = [...runs, ...skipped].toSorted((a, b) => a - b);
  const last = settled.at(-1) ?? 0;
  const expected = Array.from({ length: (last - job.createdAt) / 1000 }, (_, i) => job.createdAt + (i + 1) * 1000);
  assert.deepEqual(settled, expected);
});

Deno.test("a draining worker lets its script end and reports that it drains", async () => {
  await using site = await openSite();
  await site.script("patient.sh", 'echo started; until [ -e "$0.go" ]; do sleep 0.05; done; echo done');
  const run = await start(site, await addJob(site, "manual", "patient.sh"));
  await using worker = await Service.start("worker", site.env);
  await speaks(site, run);
  worker.kill("SIGTERM");
  await eventually(site.store, async () => (await site.store.workers.list())[0]?.status === "DRAINING");
  await Deno.writeTextFile(`${site.env.SCRIPTS_DIR}/patient.sh.go`, "");
  assert.equal((await worker.ended()).code, 0);
  assert.equal((await site.store.runs.get(run.id))?.state.status, "COMPLETED");
  assert.equal(await log(site, run), "started\ndone\n");
  assert.equal((await site.store.workers.list())[0]?.status, "OFFLINE");
});

Deno.test("a script that outlasts the drain is stopped and its run released, which does not count as a retry", async () => {
  await using site = await openSite({ WORKER_DRAIN_SECONDS: "0", WORKER_KILL_GRACE: "1" });
  await site.script("endless.sh", "echo started; exec sleep 600");
  const run = await start(site, await addJob(site, "manual", "endless.sh", 3));
  await using worker = await Service.start("worker", site.env);
  await speaks(site, run);
  worker.kill("SIGTERM");
  assert.equal((await worker.ended()).code, 0);
  const attempts = await site.store.runs.attempts(run.id);
  assert.deepEqual(attempts.map(({ state, retryCount }) => [state.status, retryCount]), [["PENDING", 0]]);
});

Deno.test("a second signal stops a worker at once, though its script ignores SIGTERM", async () => {
  await using site = await openSite({ WORKER_DRAIN_SECONDS: "600", WORKER_KILL_GRACE: "600" });
  await site.script("deaf.sh", "trap '' TERM; echo started; while true; do sleep 0.05; done");
  const run = await start(site, await addJob(site, "manual", "deaf.sh"));
  await using worker = await Service.start("worker", site.env);
  await speaks(site, run);
  worker.kill("SIGTERM");
  await eventually(site.store, async () => (await site.store.workers.list())[0]?.status === "DRAINING");
  worker.kill("SIGTERM");
  assert.equal((await worker.ended()).code, 0);
  assert.equal((await site.store.runs.get(run.id))?.state.status, "PENDING");
});

Deno.test("a cancelled run is stopped and never retried", async () => {
  await using site = await openSite();
  await site.script("endless.sh", "echo started; exec sleep 600");
  const run = await start(site, await addJob(site, "manual", "endless.sh", 3));
  await using _worker = await Service.start("worker", site.env);
  await speaks(site, run);
  assert.equal(await site.store.runs.cancel(run.id, by(now())), "requested");
  const { state } = await reaches(site, run, "CANCELLED");
  assert.equal("errorMessage" in state && state.errorMessage, "Cancelled on request");
  assert.equal((await site.store.runs.attempts(run.id)).length, 1);
});

Deno.test("a run that the overlap policy ends says for which run, and so does its worker's log", async () => {
  await using site = await openSite();
  await site.script("endless.sh", "echo started; exec sleep 600");
  const job = await addJob(site, "manual", "endless.sh", 3, "cancel_running");
  const run = await start(site, job);
  await using worker = await Service.start("worker", site.env);
  await speaks(site, run);
  const request = { jobId: job.id, trigger: "manual", args: null, force: false, idempotencyKey: null } as const;
  const next = await site.store.runs.runNow({ ...request, ...by(now()) });
  const { state } = await reaches(site, run, "CANCELLED");
  const reason = `Cancelled to make room for run ${next.id}: the job's overlap policy is cancel_running`;
  assert.equal("errorMessage" in state && state.errorMessage, reason);
  const line = await worker.line(/is stopped/);
  assert.ok(
    line.includes(`The script of run ${run.id} of job ${job.id} is stopped: ${reason} [${run.correlationId}]`),
    line,
  );
  await speaks(site, next);
  await site.store.runs.cancel(next.id, by(now()));
  await reaches(site, next, "CANCELLED");
});

Deno.test("a script over its time limit gets SIGTERM, and SIGKILL if it does not end", async () => {
  await using site = await openSite({ WORKER_JOB_TIMEOUT: "3", WORKER_KILL_GRACE: "3" });
  await site.script("deaf.sh", "trap 'echo asked' TERM; echo started; while true; do sleep 0.05; done");
  const run = await start(site, await addJob(site, "manual", "deaf.sh"));
  await using _worker = await Service.start("worker", site.env);
  const ended = await reaches(site, run, "TIMEOUT", "FAILED", "COMPLETED");
  assert.equal(ended.state.status, "TIMEOUT");
  assert.match(await log(site, run), /^started\n(?:.*\n)*asked\n/);
});

Deno.test("of too much output the beginning and the end are stored, and the cut is marked", async () => {
  await using site = await openSite({ LOG_MAX_BYTES: "4096" });
  await site.script("flood.sh", "echo first; seq 1 20000; echo last");
  const run = await start(site, await addJob(site, "manual", "flood.sh"));
  await using _worker = await Service.start("worker", site.env);
  await reaches(site, run, "COMPLETED");
  const text = await log(site, run);
  assert.ok(text.length < 6000, `${text.length}`);
  assert.match(text, /^first\n1\n2\n/);
  assert.match(text, /\n20000\nlast\n$/);
  const cuts = text.match(/^… [\d,]+ bytes left out here: LOG_MAX_BYTES is 4096 …$/gm) ?? [];
  assert.equal(cuts.length, 1, text);
  assert.equal((await site.store.runs.execution(run.id))?.truncated, true);
});

Deno.test("a script that cannot be run ends as FAILED with the reason, and is not retried", async () => {
  await using site = await openSite();
  await site.script("gone.sh", "true");
  const job = await addJob(site, "manual", "gone.sh", 3);
  await Deno.remove(`${site.env.SCRIPTS_DIR}/gone.sh`);
  const run = await start(site, job);
  await using _worker = await Service.start("worker", site.env);
  const { state } = await reaches(site, run, "FAILED");
  assert.match("errorMessage" in state ? state.errorMessage ?? "" : "", /no such file/);
  assert.equal((await site.store.runs.execution(run.id))?.status, "ERROR");
  assert.equal((await site.store.runs.attempts(run.id)).length, 1);
});

Deno.test("services wait for a database that another program holds, and go on", async () => {
  await using site = await openSite();
  await site.script("quick.sh", "echo done");
  await using scheduler = await Service.start("scheduler", site.env);
  await using worker = await Service.start("worker", site.env);
  await Promise.all([scheduler.line(/has started/), worker.line(/has started/)]);
  await eventually(site.store, async () => (await site.store.workers.list()).length === 1);
  const job = await addJob(site, "every 1s", "quick.sh");
  const lock = lockSqlite(site.path);
  await scheduler.line(/database does not answer/);
  lock[Symbol.dispose]();
  await completedRun(site, job);
  const complaints = scheduler.lines.filter((line) => /does not answer/.test(line));
  assert.equal(complaints.length, 1, complaints.join("\n"));
});

for (const task of ["scheduler", "worker", "migrate", "serve"] as const) {
  Deno.test(`${task} lists all that is wrong with its settings and does not start`, async () => {
    const env = {
      DATABASE_URL: "mysql://localhost/jobs",
      MAX_RETRY_ATTEMPTS: "many",
      WORKER_JOB_TIMEOUT: "0",
      WORKER_OFFLINE_THRESHOLD: "-1",
    };
    const { code, stderr } = await runTask(task, { env });
    assert.equal(code, 2, stderr);
    const named = Object.keys(env).filter((name) => stderr.includes(`${name}:`));
    const expected = {
      scheduler: ["DATABASE_URL", "MAX_RETRY_ATTEMPTS", "WORKER_OFFLINE_THRESHOLD"],
      worker: Object.keys(env),
      migrate: Object.keys(env),
      serve: ["DATABASE_URL", "MAX_RETRY_ATTEMPTS", "WORKER_JOB_TIMEOUT"],
    };
    assert.deepEqual(named, expected[task], stderr);
  });
}
