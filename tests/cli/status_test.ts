import assert from "node:assert/strict";
import { epochMs, workerId } from "../../shared/domain/mod.ts";
import { json, run, shape } from "./_cli.ts";
import { onEachReach, type Reached } from "./_reach.ts";

const CREATE = ["jobs", "create", "--name", "N", "--script", "a.sh", "--schedule", "manual"];

async function enterServices({ store }: Reached, secondsAgo = 0): Promise<void> {
  const at = epochMs(await store.now() - secondsAgo * 1000);
  await store.services.report({ serviceId: "s", kind: "scheduler", hostname: "h", processId: 1, version: "1" }, at);
  const identity = { hostname: "h", platform: "linux", processId: 2, version: "1", tags: [], concurrency: 4 };
  await store.workers.register({ ...identity, workerId: workerId("w") }, at);
}

onEachReach("status says what runs, waits and failed, and exits with 0 while all is well", async (open) => {
  await using site = await open();
  await site.script("a.sh", "true");
  await enterServices(site);
  await json(CREATE, site);
  await json(["jobs", "run", "1"], site);
  const { code, stdout, stderr } = await run(["status"], site);
  assert.deepEqual([code, stderr], [0, ""], stdout);
  assert.match(
    stdout,
    /^sign\tAll is well\nstate\tok\nschedulers\t1 up, last seen \S+Z\nportals\t\d up.*\nworkers\t1 online; 0 of 4 slots busy\n/,
  );
  assert.match(stdout, /\nrunning\t0\nwaiting\t1, since \S+Z\nfailed in 24 h\t0\nfailing jobs\t0\nlate jobs\t0\n$/);
});

onEachReach("status names what is dead or late, and exits with 1", async (open) => {
  await using site = await open();
  await enterServices(site, 100);
  const { code, stdout } = await run(["status"], site);
  assert.equal(code, 1);
  assert.match(stdout, /^sign\t2 need attention\nstate\tcritical\nschedulers\t0 up, 1 silent/);
  assert.match(stdout, /\ncritical\tNo scheduler is running, so no job starts by its schedule\. Since \S+Z\.\n/);
  assert.match(stdout, /\ncritical\tNo worker is online, so no script runs\. Since \S+Z\.\n/);
  const said = await run(["status", "-o", "json"], site);
  assert.equal(said.code, 1);
  const { level, troubles, totals, workers } = JSON.parse(said.stdout);
  assert.deepEqual([level, troubles.map(({ code }: { readonly code: string }) => code)], [
    "critical",
    ["no_scheduler", "no_worker"],
  ]);
  assert.deepEqual(workers, { online: 0, silent: 0, stale: 1, offline: 0, slots: 0, busy: 0 });
  assert.deepEqual(shape(totals), {
    running: 0,
    waiting: 0,
    waiting_since: null,
    failed_in_24_hours: 0,
    failing: 0,
    failing_since: null,
    late: 0,
    late_since: null,
  });
});
