import assert from "node:assert/strict";
import { reaches } from "../../services/_runs.ts";
import { openSite, Service } from "../../support/process.ts";
import { corpusOf, left } from "./_left.ts";
import { allSpeak, output, startAll, startScript } from "./_runs.ts";
import { ESCAPES } from "./_scripts.ts";
import { USERS } from "./_users.ts";

/** Times so long that no heartbeat, poll or rescue comes within the test. */
const QUIET = { WORKER_OFFLINE_THRESHOLD: "7200", WORKER_HEARTBEAT_INTERVAL: "3600", LOG_MAX_BYTES: "65536" };

/** Whether the worker logs that its runs have cgroups; it logs either. */
async function hasCgroups(worker: Service): Promise<boolean> {
  return /a cgroup of its own/.test(await worker.line(/a cgroup of its own|No cgroups can be made/));
}

/** Ends the processes with `sign`, which no worker can reach. */
async function endAll(sign: string): Promise<void> {
  for (const line of await left(sign)) Deno.kill(parseInt(line), "SIGKILL");
}

const WORKERS = [
  { name: "this user", who: "this user", isGiven: false },
  { name: "an ordinary user", who: "an ordinary user", isGiven: false },
  { name: "an ordinary user who was given a cgroup", who: "an ordinary user", isGiven: true },
] as const;

for (const { name, who, isGiven } of WORKERS) {
  Deno.test(`a worker of ${name} ends processes that only a cgroup reaches, or logs that it has none`, async () => {
    await using site = await openSite(QUIET);
    const { sign, scripts } = corpusOf(ESCAPES);
    await using user = await USERS[who](site);
    await using cgroup = isGiven ? await delegate() : null;
    const through = [...cgroup?.run ?? [], ...user.run];
    await using worker = await Service.start("worker", { ...site.env, ...user.env }, through);
    const isReached = await hasCgroups(worker);
    if (who === "an ordinary user" && Deno.uid() === 0) assert.equal(isReached, cgroup !== null, "as it was given one");
    const ending = scripts.filter(({ end }) => end !== null);
    for (const [n, { end, text, stdout }] of ending.entries()) {
      const run = await startScript(site, `${n}-${sign}.sh`, text);
      const { state } = await reaches(site, run, "COMPLETED", "FAILED");
      assert.equal(state.status, end?.kind === "exited" && end.exitCode === 0 ? "COMPLETED" : "FAILED");
      assert.equal(await output(site, run), stdout);
    }
    const escaped = await left(sign);
    await endAll(sign);
    assert.equal(escaped.length, isReached ? 0 : ending.length);
    worker.kill("SIGTERM");
    assert.equal((await worker.ended()).code, 0, worker.lines.join("\n"));
  });
}

Deno.test("a worker ends the processes in the cgroups of a killed worker, and none of a living one", async () => {
  await using site = await openSite({ ...QUIET, WORKER_KILL_GRACE: "0.5", WORKER_DRAIN_SECONDS: "0" });
  const [mine, theirs] = [corpusOf(ESCAPES), corpusOf(ESCAPES)];
  await using neighbour = await Service.start("worker", { ...site.env, WORKER_CONCURRENCY: "1" });
  await allSpeak(site, await startAll(site, theirs));
  let isReached = false;
  {
    await using victim = await Service.start("worker", { ...site.env, WORKER_CONCURRENCY: "8" });
    isReached = await hasCgroups(victim);
    await allSpeak(site, await startAll(site, mine));
    victim.kill("SIGKILL");
    await victim.ended();
  }
  assert.equal((await left(mine.sign)).length, 2, "they outlive their worker");
  await using successor = await Service.start("worker", site.env);
  await successor.line(/Nothing is left of run/);
  const escaped = await left(mine.sign);
  await endAll(mine.sign);
  assert.equal(escaped.length, isReached ? 0 : 1);
  assert.equal((await left(theirs.sign)).length, 2, "the neighbour's processes live");
  for (const worker of [successor, neighbour]) {
    worker.kill("SIGTERM");
    await worker.ended();
  }
  await endAll(theirs.sign);
});

/** A cgroup of `nobody`, as systemd delegates one, and a way to start a process in it; null where none can be made. */
async function delegate(): Promise<{ readonly run: readonly string[] } & AsyncDisposable | null> {
  const parent = Deno.uid() === 0 ? await ownCgroup() : null;
  if (parent === null) return null;
  const directory = `${parent}/delegated-${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(directory);
  } catch {
    return null;
  }
  for (const file of ["", "/cgroup.procs"]) await Deno.chown(`${directory}${file}`, 65534, 65534);
  return {
    run: ["sh", "-c", `echo $$ >"${directory}/cgroup.procs" && exec "$@"`, "sh"],
    [Symbol.asyncDispose]: () => Deno.remove(directory),
  };
}

/** The directory of this process's cgroup of version 2; null where there is none. */
async function ownCgroup(): Promise<string | null> {
  const own = /^0::(\/.*)$/m.exec(await Deno.readTextFile("/proc/self/cgroup").catch(() => ""))?.[1];
  const mounts = await Deno.readTextFile("/proc/self/mountinfo").catch(() => "");
  const [, root = "", point] = /^\S+ \S+ \S+ (\S+) (\S+) .* - cgroup2 /m.exec(mounts) ?? [];
  const below = root === "/" ? "" : root;
  return own === undefined || point === undefined || !own.startsWith(below)
    ? null
    : `${point}${own.slice(below.length)}`;
}
