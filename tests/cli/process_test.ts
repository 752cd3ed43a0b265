import assert from "node:assert/strict";
import { commandOf, eventually, openSite, runTask, Service, type Site } from "../support/process.ts";
import { openDirectory } from "../support/temporary.ts";
import { throughPortal } from "./_reach.ts";

const QUESTION = '{"schedule":"daily at 09:00","timezone":"UTC","after":"2026-01-01T00:00:00Z"}\n';

/** A process of the task `jobctl`, its streams piped. */
async function spawn({ env }: Pick<Site, "env">, args: readonly string[]): Promise<Deno.ChildProcess> {
  return new Deno.Command(Deno.execPath(), {
    args: [...await commandOf("jobctl"), ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

Deno.test("the task jobctl creates a job with no more permissions than deno.json grants", async () => {
  await using site = await openSite();
  await site.script("a.sh", "true");
  const flags = [
    "--schedule",
    "daily at 09:00",
    "--timezone",
    "Asia/Hong_Kong",
    "--timeout",
    "60",
    "--max-retries",
    "0",
  ];
  const args = ["jobs", "create", "--name", "N", "--script", "a.sh", "--arg", "A", ...flags, "--json"];
  const { code, stdout, stderr } = await runTask("jobctl", { args, env: site.env });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^\{"id":1,.*"next_run":"\d{4}-\d\d-\d\dT01:00:00Z".*\}\n$/);
});

Deno.test("the task jobctl asks the schedule engine without a database", async () => {
  await using site = await openSite();
  const args = ["schedule", "next", "--schedule", "daily at 09:00", "--timezone", "Asia/Hong_Kong"];
  const { stdout } = await runTask("jobctl", {
    args: [...args, "--after", "2026-01-01T00:00:00Z", "--count", "2", "--json"],
    env: { DATABASE_URL: `sqlite:///${site.env.SCRIPTS_DIR}/never.db` },
  });
  assert.equal(stdout, '["2026-01-01T01:00:00Z","2026-01-02T01:00:00Z"]\n');
  await assert.rejects(Deno.stat(`${site.env.SCRIPTS_DIR}/never.db`), Deno.errors.NotFound);
});

Deno.test("the task jobctl answers a question before the next one is asked", async () => {
  await using site = await openSite();
  const child = await spawn(site, ["schedule", "next", "--stdin"]);
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let asked = 0; asked < 2; asked += 1) {
    await writer.write(new TextEncoder().encode(QUESTION));
    assert.deepEqual(await reader.read(), { done: false, value: '{"next":["2026-01-01T09:00:00Z"]}\n' });
  }
  await writer.close();
  assert.equal((await child.status).code, 0);
  assert.equal(await textOf(child.stderr), "");
  await reader.cancel();
});

Deno.test("Ctrl-C ends a jobctl that waits for questions at once", async () => {
  await using site = await openSite();
  const child = await spawn(site, ["schedule", "next", "--stdin"]);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(QUESTION));
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGINT");
  assert.equal((await child.status).signal, "SIGINT");
  await Promise.all([reader.cancel(), child.stderr.cancel(), writer.abort().catch(() => {})]);
});

Deno.test("a reader that goes away ends jobctl quietly", async () => {
  await using site = await openSite();
  // Far more than a pipe holds, so that it is still writing when the reader goes.
  const child = await spawn(site, ["schedule", "next", "--schedule", "every 5s", "--count", "10000"]);
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal(await textOf(child.stderr), "");
  assert.equal((await child.status).code, 0);
  await child.stdin.close();
});

Deno.test("jobs run --wait shows what a real worker runs and exits as the script does", async () => {
  await using site = await openSite();
  await site.script("a.sh", 'echo "got $1 and $2"; echo oops >&2; exit 7');
  const create = ["jobs", "create", "--name", "N", "--script", "a.sh", "--schedule", "manual", "--max-retries", "0"];
  assert.equal((await runTask("jobctl", { args: create, env: site.env })).code, 0);
  await using _worker = await Service.start("worker", site.env);
  await eventually(site.store, async () => (await site.store.workers.list()).length > 0);
  const args = ["jobs", "run", "1", "--wait", "--arg", "--help", "--arg", "$HOME; exit"];
  assert.deepEqual(await runTask("jobctl", { args, env: site.env }), {
    code: 7,
    stdout: "got --help and $HOME; exit\n",
    stderr: "oops\nRun 1: The script exited with code 7\n",
  });
});

Deno.test("the task jobctl works with a portal, with no more permissions than deno.json grants", async () => {
  await using site = await throughPortal(await openSite());
  await using home = await openDirectory();
  await site.script("a.sh", "true");
  const env = { ...site.env, XDG_CONFIG_HOME: home.path };
  const create = ["jobs", "create", "--name", "N", "--script", "a.sh", "--schedule", "manual", "--json"];
  const made = await runTask("jobctl", { args: create, env });
  assert.deepEqual([made.code, made.stderr], [0, ""]);
  assert.match(made.stdout, /^\{"id":1,/);
  assert.equal((await site.store.audit.list({ action: "jobs.create", limit: 1 })).items[0]?.actor?.name, "ci of robot");
  const { JOBTRIGGER_URL: url = "", JOBTRIGGER_TOKEN: token = "" } = site.env;
  const child = await spawn({ env: { XDG_CONFIG_HOME: home.path } }, ["login", url]);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${token}\n`));
  await writer.close();
  const [said, error] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  assert.deepEqual([(await child.status).code, error], [0, ""]);
  assert.match(said, /^Signed in to http/);
  const asked = [
    [["jobs", "list"], /^1\tN\t/],
    // What writes YAML is loaded when no file but the login may be read any more.
    [["jobs", "list", "-o", "yaml"], /^- id: 1\n/],
    [["logout"], /^The login is removed/],
  ] as const;
  for (const [args, stdout] of asked) {
    const done = await runTask("jobctl", { args, env: { XDG_CONFIG_HOME: home.path } });
    assert.deepEqual([done.code, done.stderr], [0, ""], done.stderr);
    assert.match(done.stdout, stdout);
  }
});

Deno.test("Ctrl-C ends runs logs -f without an error", async () => {
  await using site = await openSite();
  // It says something and goes on until it is killed with its worker.
  await site.script("a.sh", "echo one; exec sleep 600");
  const create = ["jobs", "create", "--name", "N", "--script", "a.sh", "--schedule", "manual"];
  await runTask("jobctl", { args: create, env: site.env });
  await using worker = await Service.start("worker", {
    ...site.env,
    WORKER_DRAIN_SECONDS: "0",
    WORKER_KILL_GRACE: "0",
  });
  await runTask("jobctl", { args: ["jobs", "run", "1"], env: site.env });
  const child = await spawn(site, ["runs", "logs", "-f", "1"]);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assert.deepEqual(await reader.read(), { done: false, value: "one\n" });
  child.kill("SIGINT");
  assert.deepEqual(await reader.read(), { done: true, value: undefined });
  assert.deepEqual([(await child.status).code, await textOf(child.stderr)], [0, ""]);
  await child.stdin.close();
  worker.kill("SIGTERM");
  assert.equal((await worker.ended()).code, 0);
});
