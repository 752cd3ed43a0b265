/**
 * `jobctl doctor` on defects that are made for real. How it judges is tested in `tests/policy/doctor_test.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { epochMs, VERSION, workerId } from "../../shared/domain/mod.ts";
import { openSite, openSiteOn } from "../support/process.ts";
import { openPostgresTestStore } from "../support/store.ts";
import { json, run, type Surroundings } from "./_cli.ts";
import { onEachReach, type Reached } from "./_reach.ts";

interface Line {
  readonly check: string;
  readonly level: string;
  readonly found: string;
  readonly advice: string | null;
}

async function enterServices({ store }: Pick<Reached, "store">, version = VERSION): Promise<void> {
  const at = epochMs(await store.now());
  const retention = { historyDays: 30, runsPerJob: 500, auditDays: 400, statisticsDays: 90 };
  await store.services.report(
    { serviceId: "s", kind: "scheduler", hostname: "h", processId: 1, version, retention },
    at,
  );
  const identity = { hostname: "h", platform: "linux", processId: 2, version, tags: [], concurrency: 4 };
  await store.workers.register({ ...identity, workerId: workerId("w") }, at);
}

/** The lines that are not fine, and the exit code. */
async function wrong(
  surroundings: Surroundings,
  args: readonly string[] = [],
): Promise<readonly [number, readonly Line[]]> {
  const { code, stdout, stderr } = await run(["doctor", ...args, "-o", "json"], surroundings);
  assert.equal(stderr, "");
  const items: readonly Line[] = JSON.parse(stdout).items;
  return [code, items.filter(({ level }) => level !== "fine")];
}

onEachReach("doctor finds a healthy installation fine, and names tables and indexes when asked", async (open) => {
  await using site = await open();
  await enterServices(site);
  const { code, stdout, stderr } = await run(["doctor"], site);
  assert.deepEqual([code, stderr], [0, ""], stdout);
  assert.match(stdout, /^database\tfine\t(SQLite|PostgreSQL) [\d.]+, .*\t-\n/);
  assert.match(stdout, /^retention\tfine\tschedulers keep runs, .* 30 days, at most 500 runs of a job, .*\t-$/m);
  const said = JSON.stringify(await json(["doctor", "--sizes"], site));
  assert.match(said, /"table \w+: [\d.]+ KiB"/);
  assert.match(said, /"index \w+: [\d.]+ KiB"/);
});

onEachReach("doctor says what is wrong and what to do, and exits with 1", async (open) => {
  await using site = await open();
  await enterServices(site, "0.0.1");
  const [code, lines] = await wrong(site);
  assert.equal(code, 1);
  assert.deepEqual(lines.map(({ check, level }) => [check, level]), [["versions", "warning"], ["versions", "warning"]]);
  assert.match(lines[0]?.found ?? "", /^the scheduler on h runs 0\.0\.1, this is /);
});

Deno.test("the commands of docs/operations.md look at the whole installation", async () => {
  await using site = await openSite();
  await enterServices(site);
  const lines = (await Deno.readTextFile("docs/operations.md")).match(/^jobctl doctor.*$/gm) ?? [];
  assert.equal(lines.length, 3);
  for (const line of lines) {
    const { code, stdout } = await run(line.replace(/ +#.*/, "").split(" ").slice(1), site);
    assert.equal(code, 0, `${line}: ${stdout}`);
  }
});

Deno.test("doctor finds script directories that cannot be used", async () => {
  await using site = await openSite();
  await enterServices(site);
  const scripts = site.env["SCRIPTS_DIR"] ?? "";
  await site.script("file.sh", "true");
  await Deno.chmod(scripts, 0o777);
  const SCRIPTS_DIR = [scripts, `${scripts}/file.sh`, `${scripts}/nothing`].join(":");
  const [code, lines] = await wrong({ env: { ...site.env, SCRIPTS_DIR } });
  assert.deepEqual([code, lines.map(({ check }) => check)], [1, ["scripts", "scripts", "scripts"]]);
  const [open, file, nothing] = lines.map(({ found }) => found);
  assert.match(open ?? "", /anybody may write to .*, whose mode is 0777: chmod o-w /);
  assert.match(file ?? "", /file\.sh: it is no directory$/);
  assert.match(nothing ?? "", /nothing: it is not there/);
});

Deno.test("the database names its files that others may read", async () => {
  await using site = await openSite();
  assert.deepEqual((await site.store.diagnostics.facts()).openFiles, []);
  await Deno.chmod(site.path, 0o604);
  assert.deepEqual((await site.store.diagnostics.facts()).openFiles, [{ path: site.path, mode: "0604" }]);
});

Deno.test("the database names the consumers of its outbox, and since when each is behind", async () => {
  await using site = await openSite();
  await site.store.events.register("reports");
  assert.deepEqual((await site.store.diagnostics.facts()).consumers, [{ name: "reports", since: null }]);
});

Deno.test("doctor says that a database cannot be opened, and exits with 1", async () => {
  for (const DATABASE_URL of ["sqlite:////nowhere/jobs.db", "postgresql://nobody@127.0.0.1:1/jobs"]) {
    const [code, lines] = await wrong({ env: { DATABASE_URL } });
    assert.deepEqual([code, lines.map(({ check, level }) => [check, level])], [1, [["database", "critical"]]]);
  }
});

Deno.test("doctor names who holds an old snapshot of PostgreSQL, and its statement ends that", async () => {
  await using site = await openSiteOn(openPostgresTestStore);
  await enterServices(site);
  const oldest = async () => (await site.store.diagnostics.facts()).oldestSnapshot;
  assert.equal(await oldest(), null);
  // A session of its own: the statements end the transaction's connection in the end.
  const held = site.sql("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; SELECT pg_sleep(600); COMMIT").catch(() =>
    "ended"
  );
  let found = await oldest();
  while (found === null) found = await oldest();
  assert.match(found.holder, /^process \d+ of user \S+ \(.*\) from .*, active$/);
  assert.match(found.ending, /^SELECT pg_terminate_backend\(\d+\)$/);
  assert.ok(Math.abs((found.since ?? 0) - await site.store.now()) < 60_000);
  await site.sql(found.ending);
  assert.equal(await held, "ended");
});
