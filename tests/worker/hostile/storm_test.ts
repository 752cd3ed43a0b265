/**
 * Scripts of an ordinary user that start processes until the user may have no more (`ulimit -u`), and go on trying: whatever of
 * them is killed makes room for others.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventually, openSite, Service, type Site } from "../../support/process.ts";
import { addJob, log, now, reaches, start } from "../../services/_runs.ts";
import type { Dispatch } from "../../../shared/domain/mod.ts";
import { left } from "./_left.ts";
import { type User, USERS } from "./_users.ts";
import { by } from "../../support/actor.ts";

const ENV = { WORKER_OFFLINE_THRESHOLD: "7200", WORKER_HEARTBEAT_INTERVAL: "3600", WORKER_KILL_GRACE: "0.5" };

/** Lists the threads of its user. */
const THREADS = 'find /proc/[0-9]*/task -mindepth 1 -maxdepth 1 -user "$(id -u)" 2>/dev/null';

/** Allows 60 processes beyond the user's, and ignores SIGPIPE, so that a script survives a write without a worker. */
const LIMIT = `trap '' PIPE; export LC_ALL=C; ulimit -u $(($(${THREADS} | wc -l) + 60))`;

/** The message of bash when it cannot start a process. */
const IS_FULL = "fork: retry: Resource temporarily unavailable";

/** By name, a bash script; its processes have `sign` in their arguments. */
const STORMS: Readonly<Record<string, (sign: string) => string>> = {
  "storms in its process group": (sign) => `${LIMIT}; storm() { sleep ${sign} & storm & storm; }; storm`,
  "storms in a session for each process": (sign) =>
    `[ "$1" = again ] || { ${LIMIT}; }; while :; do setsid bash "$0" again ${sign} & done`,
  "storms and ignores TERM": (sign) =>
    `trap '' TERM; [ "$1" = again ] || { ${LIMIT}; }; while :; do setsid bash "$0" again ${sign} & done`,
};

/** Ends the storm; resolves when the worker or its successor has logged it. */
type End = (opened: {
  readonly site: Site;
  readonly user: User;
  readonly worker: Service;
  readonly run: Dispatch;
}) => Promise<Dispatch["state"]["status"]>;

const ENDS: Readonly<Record<string, readonly [env: Readonly<Record<string, string>>, end: End]>> = {
  "at its time limit": [{ WORKER_JOB_TIMEOUT: "2" }, async ({ site, run }) => {
    await reaches(site, run, "TIMEOUT");
    return "TIMEOUT";
  }],
  "on cancel": [{}, async ({ site, run }) => {
    await full(site, run);
    await site.store.runs.cancel(run.id, by(now()));
    await reaches(site, run, "CANCELLED");
    return "CANCELLED";
  }],
  "by the next worker when its own was killed": [{}, async ({ site, user, worker, run }) => {
    await full(site, run);
    worker.kill("SIGKILL");
    await worker.ended();
    await using successor = await startWorker(site, user);
    await successor.line(/Nothing is left of run/);
    return "IN_PROGRESS";
  }],
};

function startWorker(site: Site, user: User): Promise<Service> {
  return Service.start("worker", { ...site.env, ...user.env, WORKER_CONCURRENCY: "1" }, user.run);
}

/** Waits for the storm to have met its limit. */
function full(site: Site, run: Dispatch): Promise<true> {
  return eventually(site.store, async () => (await log(site, run)).includes(IS_FULL));
}

for (const [storm, text] of Object.entries(STORMS)) {
  for (const [when, [env, end]] of Object.entries(ENDS)) {
    Deno.test(`a script of an ordinary user that ${storm} is ended ${when}, and leaves nothing`, async () => {
      await using site = await openSite({ ...ENV, ...env });
      const sign = String(700_000_000 + (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 100_000_000);
      await site.script(`storm-${sign}.sh`, text(sign));
      const run = await start(site, await addJob(site, "manual", `storm-${sign}.sh`));
      await using user = await USERS["an ordinary user"](site);
      await using worker = await startWorker(site, user);
      const status = await end({ site, user, worker, run });
      assert.deepEqual(await left(sign), []);
      const attempts = await site.store.runs.attempts(run.id);
      assert.deepEqual(attempts.map(({ state }) => state.status), [status]);
    });
  }
}
