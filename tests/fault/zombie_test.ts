import assert from "node:assert/strict";
import { addJob, lives, reaches, speaks, start } from "../services/_runs.ts";
import { eventually, openSiteOn, Service } from "../support/process.ts";
import { lockSqlite } from "../support/sqlite_lock.ts";
import { DATABASES } from "../support/store.ts";
import { hurry, storedOf } from "./_facts.ts";

const settings = {
  WORKER_OFFLINE_THRESHOLD: "4",
  WORKER_HEARTBEAT_INTERVAL: "0.5",
  WORKER_POLL_INTERVAL: "0.2",
  WORKER_MAX_POLL_INTERVAL: "0.2",
  WORKER_KILL_GRACE: "0.1",
  SCHEDULER_POLL_INTERVAL: "0.5",
};

/** Its first attempt talks until it is ended (or the test is over), the second is quick. */
const script = `
[ "$ATTEMPT" = 2 ] && { echo second; exit 0; }
echo $$ > "$0.pid"
while [ -e "$0.pid" ] && echo still here; do sleep 0.05; done`;

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: a worker stopped past its lease writes nothing about the run when it goes on, and ends its script`, async () => {
    await using site = await openSiteOn(open, settings);
    await site.script("talk.sh", script);
    const run = await start(site, await addJob(site, "manual", "talk.sh", 1));
    await using zombie = await Service.start("worker", site.env);
    await speaks(site, run);
    const pid = Number(await Deno.readTextFile(`${site.env.SCRIPTS_DIR}/talk.sh.pid`));
    {
      // A process that is stopped within a write keeps the lock of a SQLite file for as long as it is stopped.
      using _lock = database === "SQLite" ? lockSqlite(site.url.slice("sqlite:///".length)) : null;
      zombie.kill("SIGSTOP");
    }

    await using _scheduler = await Service.start("scheduler", site.env);
    await using _other = await Service.start("worker", site.env);
    await reaches(site, run, "TIMEOUT");
    await hurry(site);
    const retry = await eventually(site.store, async () => (await site.store.runs.attempts(run.id))[1]);
    await reaches(site, retry, "COMPLETED");
    const stored = [await storedOf(site, run), await storedOf(site, retry)];
    assert.ok(await lives(pid), "the script of the stopped worker has ended by itself");

    zombie.kill("SIGCONT");
    await zombie.line(new RegExp(`Lost the lease of run ${run.id} `));
    assert.ok(!await lives(pid), "its script still runs");
    // It is a worker again: whatever it had to say about the old run is said by then.
    await eventually(
      site.store,
      async () => (await site.store.workers.list()).filter(({ status }) => status === "IDLE").length === 2,
    );
    assert.deepEqual([await storedOf(site, run), await storedOf(site, retry)], stored);
  });
}
