import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { eventually, openSite, openSiteOn, Service, type Site } from "../../support/process.ts";
import { addJob, log, now, reaches, speaks, start } from "../../services/_runs.ts";
import type { Dispatch } from "../../../shared/domain/mod.ts";
import { DATABASES } from "../../support/store.ts";
import { corpusOf, left } from "./_left.ts";
import { allSpeak, output, startAll, startScript } from "./_runs.ts";
import type { Hostile } from "./_scripts.ts";
import { type User, USERS } from "./_users.ts";
import { by } from "../../support/actor.ts";

/** Times so long that no heartbeat, poll or rescue comes within the test. */
const QUIET = { WORKER_OFFLINE_THRESHOLD: "7200", WORKER_HEARTBEAT_INTERVAL: "3600", LOG_MAX_BYTES: "65536" };
const LIMIT_BYTES = 65_536;

/** Starts a worker of `user` that has room for all of a corpus. */
function startWorker(site: Site, user: User, env: Readonly<Record<string, string>> = {}): Promise<Service> {
  return Service.start("worker", { ...site.env, ...user.env, WORKER_CONCURRENCY: "32", ...env }, user.run);
}

/** A way in which a worker ends scripts that do not end by themselves. */
interface Way {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** What becomes of the runs when it has been gone; `retries` are left to them. */
  readonly attempts: readonly (readonly [status: Dispatch["state"]["status"], retryCount: number])[];
  readonly retries: number;
  /** Resolves when the worker has said what became of the runs. */
  readonly end: (site: Site, worker: Service, runs: readonly Dispatch[]) => Promise<void>;
}

const WAYS: readonly Way[] = [
  {
    name: "at the time limit",
    // The limit is real time: on a machine under load a script may be ended before it has done its worst.
    env: { WORKER_JOB_TIMEOUT: "2", WORKER_KILL_GRACE: "0.5" },
    attempts: [["TIMEOUT", 0]],
    retries: 0,
    async end(site, _worker, runs) {
      for (const run of runs) await reaches(site, run, "TIMEOUT");
    },
  },
  {
    name: "on cancel, which nothing retries",
    env: { WORKER_KILL_GRACE: "0.5" },
    attempts: [["CANCELLED", 0]],
    retries: 3,
    async end(site, _worker, runs) {
      await allSpeak(site, runs);
      for (const run of runs) assert.equal(await site.store.runs.cancel(run.id, by(now())), "requested");
      for (const run of runs) await reaches(site, run, "CANCELLED");
    },
  },
  {
    name: "when it drains, and releases their runs, which does not count as a retry",
    env: { WORKER_DRAIN_SECONDS: "0", WORKER_KILL_GRACE: "0.5" },
    attempts: [["PENDING", 0]],
    retries: 3,
    async end(site, worker, runs) {
      await allSpeak(site, runs);
      worker.kill("SIGTERM");
      assert.equal((await worker.ended()).code, 0, worker.lines.join("\n"));
    },
  },
  {
    name: "at a second signal, and releases their runs, which does not count as a retry",
    env: { WORKER_DRAIN_SECONDS: "600", WORKER_KILL_GRACE: "600" },
    attempts: [["PENDING", 0]],
    retries: 3,
    async end(site, worker, runs) {
      await allSpeak(site, runs);
      worker.kill("SIGTERM");
      await eventually(site.store, async () => (await site.store.workers.list())[0]?.status === "DRAINING");
      worker.kill("SIGTERM");
      assert.equal((await worker.ended()).code, 0, worker.lines.join("\n"));
    },
  },
];

for (const [who, as] of Object.entries(USERS)) {
  for (const way of WAYS) {
    Deno.test(`a worker of ${who} ends hostile scripts ${way.name}`, async () => {
      await using site = await openSite({ ...QUIET, ...way.env });
      const corpus = corpusOf();
      const runs = await startAll(site, corpus, way.retries);
      await using user = await as(site);
      await using worker = await startWorker(site, user);
      await way.end(site, worker, runs);
      assert.deepEqual(await left(corpus.sign), []);
      for (const run of runs) {
        const attempts = await site.store.runs.attempts(run.id);
        assert.deepEqual(attempts.map(({ state, retryCount }) => [state.status, retryCount]), way.attempts);
      }
    });
  }

  Deno.test(`a worker of ${who} ends the processes of a killed worker, and none of a living one`, async () => {
    await using site = await openSite({ ...QUIET, WORKER_KILL_GRACE: "0.5", WORKER_DRAIN_SECONDS: "0" });
    const [mine, theirs] = [corpusOf(), corpusOf()];
    await site.script("neighbour.sh", `echo ready; exec sleep ${theirs.sign}`);
    const neighbours = await start(site, await addJob(site, "manual", "neighbour.sh"));
    await using user = await as(site);
    await using neighbour = await startWorker(site, user, { WORKER_CONCURRENCY: "1" });
    await speaks(site, neighbours);
    {
      await using victim = await startWorker(site, user);
      await allSpeak(site, await startAll(site, mine, 3));
      victim.kill("SIGKILL");
      await victim.ended();
    }
    assert.ok((await left(mine.sign)).length > 5, "they outlive their worker");
    await using successor = await startWorker(site, user, { WORKER_CONCURRENCY: "1" });
    assert.match(await successor.line(/outlived its worker/), /ending \d+ processes/);
    await successor.line(/Nothing is left of run/);
    assert.deepEqual(await left(mine.sign), []);
    assert.equal((await left(theirs.sign)).length, 1, "the neighbour's script lives");
    // Stop the successor first: it would claim the runs that the neighbour releases.
    for (const worker of [successor, neighbour]) {
      worker.kill("SIGTERM");
      await worker.ended();
    }
    assert.deepEqual(await left(theirs.sign), []);
  });

  Deno.test(`a worker of ${who} lets hostile scripts end as they do, stores what they wrote and leaves nothing`, async () => {
    await using site = await openSite(QUIET);
    const corpus = corpusOf();
    const runs: { readonly script: Hostile; readonly run: Dispatch }[] = [];
    for (const [n, script] of corpus.scripts.entries()) {
      if (script.end === null) continue;
      runs.push({ script, run: await startScript(site, `${n}-${corpus.sign}.sh`, script.text) });
    }
    const large = await startScript(site, "large.sh", LARGE);
    const flood = await startScript(site, "flood.sh", FLOOD);
    await using user = await as(site);
    await using worker = await startWorker(site, user, { WORKER_CONCURRENCY: "8" });
    for (const { script, run } of runs) {
      const { state } = await reaches(site, run, "COMPLETED", "FAILED", "TIMEOUT", "CANCELLED");
      const succeeds = script.end?.kind === "exited" && script.end.exitCode === 0;
      assert.equal(state.status, succeeds ? "COMPLETED" : "FAILED", script.name);
      assert.equal(sha256(await output(site, run)), sha256(script.stdout ?? "ready\n"), script.name);
    }
    await reaches(site, large, "COMPLETED");
    assert.equal(sha256(await output(site, large)), sha256("0123456789abcde\n".repeat(4_000)));
    await reaches(site, flood, "COMPLETED");
    const kept = await output(site, flood);
    assert.equal(kept.length, LIMIT_BYTES);
    assert.ok(kept.startsWith("firstyyy") && kept.endsWith("yyylast"));
    assert.match(
      await log(site, flood),
      new RegExp(`${(10_000_009 - LIMIT_BYTES).toLocaleString("en-US")} bytes left out`),
    );
    assert.deepEqual(await left(corpus.sign), []);
    worker.kill("SIGTERM");
    assert.equal((await worker.ended()).code, 0, worker.lines.join("\n"));
  });
}

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`another worker of the machine ends the script of a killed worker before its lease ends, and the run is retried, on ${database}`, async () => {
    await using site = await openSiteOn(open, { WORKER_OFFLINE_THRESHOLD: "3", WORKER_KILL_GRACE: "0.2" });
    const { sign } = corpusOf();
    await site.script("deaf.sh", `trap '' TERM; echo ready; while :; do sleep ${sign}; done`);
    const run = await start(site, await addJob(site, "manual", "deaf.sh", 1));
    await using _scheduler = await Service.start("scheduler", site.env);
    {
      await using victim = await Service.start("worker", site.env);
      await speaks(site, run);
      victim.kill("SIGKILL");
      await victim.ended();
    }
    await using other = await Service.start("worker", site.env);
    await other.line(/Nothing is left of run/);
    assert.deepEqual(await left(sign), []);
    await reaches(site, run, "TIMEOUT");
    const attempts = await site.store.runs.attempts(run.id);
    assert.deepEqual(attempts.map(({ state }) => state.status), ["TIMEOUT", "PENDING"]);
  });
}

/** 64,000 bytes: under the limit, more than one read of a pipe brings. */
const LARGE = "for ((i = 0; i < 4000; i++)); do echo 0123456789abcde; done";

/** Ten megabytes on one line. */
const FLOOD = "printf first; head -c 10000000 /dev/zero | tr '\\0' y; printf last";

/** The stored output of the script itself. */

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
