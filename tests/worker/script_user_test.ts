/**
 * WORKER_SCRIPT_USER: scripts of another user than the worker's. Only root may try that.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventually, openSite, Service, type Site } from "../support/process.ts";
import { addJob, lives, log, reaches, start } from "../services/_runs.ts";
import { by } from "../support/actor.ts";

/** The user that every Linux machine has. */
const USER = "nobody";
const UID = 65_534;

/** Registers a test for root; for other users, one that says why it is not run. */
function asRoot(name: string, body: () => Promise<void>): void {
  if (Deno.uid() === 0) Deno.test(name, body);
  else Deno.test({ name: `${name} (skipped: needs root)`, ignore: true, fn: () => {} });
}

/** A site whose scripts all users may read. */
async function open(env: Readonly<Record<string, string>> = {}): Promise<Site> {
  const site = await openSite({ WORKER_KILL_GRACE: "0.5", ...env });
  await Deno.chmod(site.env.SCRIPTS_DIR ?? "", 0o755);
  return site;
}

/** The address of the site's database, which no other process of the machine has. */
function databaseUrl(site: Site): string {
  const url = site.env.DATABASE_URL ?? "";
  assert.match(url, /^sqlite:/);
  return url;
}

/** Runs a script to its end. */
async function runScript(site: Site, name: string): Promise<{ readonly status: string; readonly output: string }> {
  const run = await start(site, await addJob(site, "manual", name));
  const { state } = await reaches(site, run, "COMPLETED", "FAILED", "TIMEOUT", "CANCELLED");
  const message = "errorMessage" in state ? state.errorMessage : null;
  return { status: message ?? state.status, output: await log(site, run) };
}

asRoot("a script of another user runs as that user, in that user's environment and groups alone", async () => {
  await using site = await open({ WORKER_SCRIPT_USER: USER });
  await using worker = await Service.start("worker", site.env);
  await site.script(
    "who.sh",
    'echo "$(id -u) $(id -G) $(id -ru)"; echo "$USER $LOGNAME $SHELL $HOME"; grep CapEff /proc/self/status; cat | wc -c',
  );
  const { output } = await runScript(site, "who.sh");
  const [who, environment, rights, input] = output.split("\n");
  assert.equal(who, `${UID} ${UID} ${UID}`);
  assert.match(environment ?? "", /^nobody nobody \/bin\/sh \/\S+$/);
  assert.match(rights ?? "", /^CapEff:\s0+$/);
  assert.equal(input?.trim(), "0");
  assert.match(await worker.line(/Scripts run as user/), /nobody/);
});

asRoot(
  "a script of another user reads neither the worker's environment nor its database, and cannot end it",
  async () => {
    await using site = await open({ WORKER_SCRIPT_USER: USER, WORKER_CONCURRENCY: "1" });
    await using worker = await Service.start("worker", site.env);
    const database = databaseUrl(site).replace("sqlite:///", "");
    await site.script(
      "spy.sh",
      `cat /proc/$PPID/environ; cat ${database}; kill -9 $PPID; ` +
        "for pid in /proc/[0-9]*; do cat $pid/environ 2>/dev/null; done",
    );
    const { output } = await runScript(site, "spy.sh");
    assert.match(output, /\/proc\/\d+\/environ: Permission denied/);
    assert.ok(output.includes(`cat: ${database}: Permission denied`), output);
    assert.match(output, /kill: \(\d+\) - Operation not permitted/);
    // The script sees all processes of the machine: only this site's database is this worker's secret.
    assert.equal(output.includes(databaseUrl(site)), false, output);
    await site.script("after.sh", "echo after");
    assert.equal((await runScript(site, "after.sh")).output, "after\n");
    assert.ok(await lives(worker.pid));
  },
);

Deno.test("a script of the worker's own user can read the worker's environment, as SECURITY.md says", async () => {
  await using site = await open({ WORKER_CONCURRENCY: "1" });
  await using _worker = await Service.start("worker", site.env);
  await site.script("spy.sh", "tr '\\0' '\\n' </proc/$PPID/environ");
  assert.match((await runScript(site, "spy.sh")).output, /^DATABASE_URL=/m);
  assert.match(
    await Deno.readTextFile("SECURITY.md"),
    /can read the database's address and password in `\/proc\/\$PPID\/environ`/,
  );
});

asRoot("the worker's shells have nothing of its environment", async () => {
  await using site = await open({ WORKER_CONCURRENCY: "1" });
  await using _worker = await Service.start("worker", site.env);
  // Root reads everything; the children of its own parent are the worker's shells and itself.
  await site.script(
    "shells.sh",
    'for status in $(grep -ls "^PPid:[[:space:]]*$PPID\$" /proc/[0-9]*/status); do pid=${status#/proc/}; ' +
      'pid=${pid%/status}; [ $pid = $$ ] || { echo shell; tr "\\0" "\\n" </proc/$pid/environ; }; done',
  );
  const { output } = await runScript(site, "shells.sh");
  assert.match(output, /^shell$/m);
  assert.doesNotMatch(output, /DATABASE_URL|SCRIPTS_DIR/);
});

asRoot("a script of another user may open its outputs by name", async () => {
  await using site = await open({ WORKER_SCRIPT_USER: USER });
  await using _worker = await Service.start("worker", site.env);
  await site.script("outputs.sh", "echo one >/dev/stdout; echo two >/dev/stderr; echo three | tee /dev/stderr");
  const { status, output } = await runScript(site, "outputs.sh");
  assert.equal((await Deno.stat("/dev/null")).uid, 0, "nothing but the script's own pipes changes its owner");
  assert.deepEqual([status, output.split("\n").toSorted().join(" ").trim()], ["COMPLETED", "one three three two"]);
});

asRoot("a script of another user is ended on cancel with all that it has started, escaped or not", async () => {
  await using site = await open({ WORKER_SCRIPT_USER: USER });
  await using _worker = await Service.start("worker", site.env);
  await site.script(
    "deaf.sh",
    "trap '' TERM; setsid sleep 600 & echo $! $$; env -i setsid sleep 600 & echo ready; while :; do sleep 600; done",
  );
  const run = await start(site, await addJob(site, "manual", "deaf.sh"));
  await eventually(site.store, async () => (await log(site, run)).includes("ready"));
  const pids = (await log(site, run)).split("\n")[0]?.split(" ").map(Number) ?? [];
  await site.store.runs.cancel(run.id, by(run.createdAt));
  await reaches(site, run, "CANCELLED");
  assert.equal(pids.length, 2);
  for (const pid of pids) assert.equal(await lives(pid), false);
});

asRoot("a script of another user that the user may not read or start is an error that names the place", async () => {
  await using site = await open({ WORKER_SCRIPT_USER: USER });
  await using _worker = await Service.start("worker", site.env);
  const directory = await Deno.realPath(site.env.SCRIPTS_DIR ?? "");
  await site.script("secret.sh", "echo no");
  await Deno.chmod(`${directory}/secret.sh`, 0o700);
  await Deno.mkdir(`${directory}/closed`, { mode: 0o700 });
  await site.script("closed/job.sh", "echo no");
  await Deno.mkdir(`${directory}/tools`, { mode: 0o755 });
  await Deno.copyFile("/bin/true", `${directory}/tools/own`);
  await Deno.chmod(`${directory}/tools/own`, 0o700);
  await Deno.writeTextFile(`${directory}/own.sh`, `#!${directory}/tools/own\n`, { mode: 0o755 });
  const places: readonly (readonly [script: string, place: string])[] = [
    ["secret.sh", "secret.sh"],
    ["closed/job.sh", "closed"],
    ["own.sh", "tools/own"],
  ];
  for (const [script, place] of places) {
    const { status, output } = await runScript(site, script);
    assert.equal(
      status,
      `Cannot run script "${script}": its user, nobody, may not use ${directory}/${place}: see the mode and the owner of that`,
    );
    assert.equal(output, "");
  }
});

asRoot("the message about a script that cannot run as another user gives the system's reason", async () => {
  await using site = await open({ WORKER_SCRIPT_USER: USER });
  await using _worker = await Service.start("worker", site.env);
  await site.script("large.sh", "echo no");
  const run = await start(site, await addJob(site, "manual", "large.sh"));
  await reaches(site, run, "COMPLETED");
  const job = await addJob(site, "manual", "large.sh");
  const large = await site.store.runs.runNow({
    jobId: job.id,
    trigger: "manual",
    args: ["x".repeat(200_000)],
    force: true,
    idempotencyKey: null,
    ...by(run.createdAt),
  });
  const { state } = await reaches(site, large, "FAILED");
  assert.match("errorMessage" in state ? state.errorMessage ?? "" : "", /^Cannot start \S+: Argument list too long$/);
});

/** Settings with which a worker does not start: its user, and its message. */
const refusals: readonly (readonly [user: string, through: readonly string[], because: RegExp])[] = [
  ["no-such-user", [], /WORKER_SCRIPT_USER: there is no user "no-such-user" on this machine/],
  ["root", [], /WORKER_SCRIPT_USER: scripts would run as root/],
  [
    "daemon",
    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    /may not run scripts as daemon: setpriv: /,
  ],
  ["nobody", ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], /nobody is the worker's own user/],
  [
    "daemon",
    [
      "setpriv",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      "--inh-caps=+setuid,+setgid",
      "--ambient-caps=+setuid,+setgid",
    ],
    /this worker may not end what daemon runs: it needs root or CAP_KILL/,
  ],
];
for (const [user, through, because] of refusals) {
  asRoot(`a worker does not start that cannot run scripts as ${user}: ${because.source}`, async () => {
    await using site = await open({ WORKER_SCRIPT_USER: user });
    const directory = await Deno.makeTempDir({ prefix: "jobtrigger-nobody-" });
    try {
      const shared = [directory, new URL(site.url).pathname.replace(/\/[^/]*$/, "")];
      assert.ok((await new Deno.Command("chmod", { args: ["-R", "a+rwX", ...shared] }).output()).success);
      await using worker = await Service.start(
        "worker",
        { ...site.env, HOME: directory, DENO_DIR: directory },
        through,
      );
      assert.equal((await worker.ended()).code, 2, worker.lines.join("\n"));
      assert.match(worker.lines.join("\n"), because);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

asRoot(
  "a worker of root warns that its scripts run as root, and one with another user for them does not",
  async () => {
    await using site = await open();
    {
      await using worker = await Service.start("worker", site.env);
      await worker.line(/SCRIPTS RUN AS ROOT/);
    }
    await using worker = await Service.start("worker", { ...site.env, WORKER_SCRIPT_USER: USER });
    await worker.line(/has started/);
    await worker.line(/Scripts run as user/);
    assert.deepEqual(worker.lines.filter((line) => line.includes("ROOT")), []);
  },
);

Deno.test("a run that ends its worker twice ends with that reason, however many retries it has", async () => {
  await using site = await openSite({ SCHEDULER_POLL_INTERVAL: "0.2" });
  await site.script("killer.sh", "kill -9 $PPID");
  const run = await start(site, await addJob(site, "manual", "killer.sh", 5));
  await using _scheduler = await Service.start("scheduler", site.env);
  for (let loss = 1; loss <= 2; loss++) {
    await using worker = await Service.start("worker", site.env);
    assert.equal((await worker.ended()).signal, "SIGKILL", worker.lines.join("\n"));
    // The lease ends now, not in three minutes.
    await site.sql("UPDATE job_dispatch SET lease_until = created_at WHERE status = 'IN_PROGRESS'");
    await eventually(site.store, async () => {
      const ended = (await site.store.runs.attempts(run.id)).filter(({ state }) => state.status === "TIMEOUT");
      return ended.length === loss;
    });
    await site.sql("UPDATE job_dispatch SET available_at = created_at WHERE status = 'PENDING'");
  }
  const attempts = await site.store.runs.attempts(run.id);
  assert.deepEqual(attempts.map(({ state }) => state.status), ["TIMEOUT", "TIMEOUT"]);
  const last = attempts[1]?.state;
  assert.match(
    last !== undefined && "errorMessage" in last ? last.errorMessage ?? "" : "",
    /was silent past its lease; this run has now lost its worker 2 times, so it is not tried again/,
  );
});
