import assert from "node:assert/strict";
import { dirname } from "node:path";
import { eventually, openSite, Service, type Site } from "../../support/process.ts";
import { addJob, log, reaches, speaks, start } from "../../services/_runs.ts";
import type { Dispatch } from "../../../shared/domain/mod.ts";
import { corpusOf, left } from "./_left.ts";

/** Nobody beats, polls or rescues within the test. */
const QUIET = { WORKER_OFFLINE_THRESHOLD: "7200", WORKER_HEARTBEAT_INTERVAL: "3600", LOG_MAX_BYTES: "65536" };

/** Starts each script of the corpus that does not end, and waits until all have done their worst. */
async function startAll(site: Site, { sign, scripts }: ReturnType<typeof corpusOf>): Promise<readonly Dispatch[]> {
  const runs: Dispatch[] = [];
  for (const [n, { text }] of scripts.filter(({ end }) => end === null).entries()) {
    await site.script(`${n}-${sign}.sh`, text);
    runs.push(await start(site, await addJob(site, "manual", `${n}-${sign}.sh`, 3)));
  }
  return runs;
}

async function allSpeak(site: Site, runs: readonly Dispatch[]): Promise<void> {
  for (const run of runs) await eventually(site.store, async () => (await log(site, run)).includes("ready"));
}

Deno.test("a worker ends what one that was killed left here, and nothing of a living one", async () => {
  await using site = await openSite({ ...QUIET, WORKER_KILL_GRACE: "0.5", WORKER_DRAIN_SECONDS: "0" });
  const [mine, theirs] = [corpusOf(), corpusOf()];
  await site.script("neighbour.sh", `echo ready; exec sleep ${theirs.sign}`);
  await using neighbour = await Service.start("worker", { ...site.env, WORKER_CONCURRENCY: "1" });
  await speaks(site, await start(site, await addJob(site, "manual", "neighbour.sh")));
  {
    await using victim = await Service.start("worker", { ...site.env, WORKER_CONCURRENCY: "32" });
    await allSpeak(site, await startAll(site, mine));
    victim.kill("SIGKILL");
    await victim.ended();
  }
  assert.ok((await left(mine.sign)).length > 5, "they outlive their worker");
  await using successor = await Service.start("worker", site.env);
  assert.match(await successor.line(/outlived its worker/), /ending \d+ processes/);
  await successor.line(/Nothing is left of run/);
  assert.deepEqual(await left(mine.sign), []);
  assert.equal((await left(theirs.sign)).length, 1, "the neighbour's script lives");
  // The successor first: it would take over what the neighbour gives back.
  for (const worker of [successor, neighbour]) {
    worker.kill("SIGTERM");
    await worker.ended();
  }
  assert.deepEqual(await left(theirs.sign), []);
});

Deno.test("what a killed worker left is ended by another of its machine before the lease is over, and then retried", async () => {
  await using site = await openSite({ WORKER_OFFLINE_THRESHOLD: "3", WORKER_KILL_GRACE: "0.2" });
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

const drains: readonly (readonly [name: string, env: Record<string, string>, signals: number])[] = [
  ["that is drained", { WORKER_DRAIN_SECONDS: "0", WORKER_KILL_GRACE: "0.5" }, 1],
  ["told twice to stop", { WORKER_DRAIN_SECONDS: "600", WORKER_KILL_GRACE: "600" }, 2],
];
for (const [name, env, signals] of drains) {
  Deno.test(`a worker ${name} ends hostile scripts and gives their runs back, not counted as retries`, async () => {
    await using site = await openSite({ ...QUIET, ...env, WORKER_CONCURRENCY: "32" });
    const corpus = corpusOf();
    await using worker = await Service.start("worker", site.env);
    const runs = await startAll(site, corpus);
    await allSpeak(site, runs);
    worker.kill("SIGTERM");
    if (signals > 1) {
      await eventually(site.store, async () => (await site.store.workers.list())[0]?.status === "DRAINING");
      worker.kill("SIGTERM");
    }
    assert.equal((await worker.ended()).code, 0);
    assert.deepEqual(await left(corpus.sign), []);
    for (const run of runs) {
      const attempts = await site.store.runs.attempts(run.id);
      assert.deepEqual(attempts.map(({ state, retryCount }) => [state.status, retryCount]), [["PENDING", 0]]);
    }
  });
}

Deno.test("a worker of an ordinary user ends hostile scripts, too", async () => {
  await using site = await openSite({ ...QUIET, WORKER_DRAIN_SECONDS: "0", WORKER_KILL_GRACE: "0.5" });
  const corpus = corpusOf();
  const runs = await startAll(site, corpus);
  await using user = await ordinaryUser(site);
  await using worker = await Service.start("worker", { ...site.env, ...user.env, WORKER_CONCURRENCY: "32" }, user.run);
  await allSpeak(site, runs);
  worker.kill("SIGTERM");
  assert.equal((await worker.ended()).code, 0, worker.lines.join("\n"));
  assert.deepEqual(await left(corpus.sign), []);
});

/** How to start a process as `nobody`, who may use the site; as whom the test runs, when that is not root. */
async function ordinaryUser(
  site: Site,
): Promise<{ readonly run: readonly string[]; readonly env: Record<string, string> } & AsyncDisposable> {
  if (Deno.uid() !== 0) return { run: [], env: {}, async [Symbol.asyncDispose]() {} };
  // What Deno has compiled is kept by its user.
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-nobody-" });
  const shared = [directory, dirname(new URL(site.url).pathname), site.env.SCRIPTS_DIR ?? ""];
  const { success } = await new Deno.Command("chmod", { args: ["-R", "a+rwX", ...shared] }).output();
  assert.ok(success);
  return {
    run: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    env: { HOME: directory, DENO_DIR: directory },
    async [Symbol.asyncDispose]() {
      await Deno.remove(directory, { recursive: true });
    },
  };
}
