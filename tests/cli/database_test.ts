import assert from "node:assert/strict";
import { openPostgresTestStore, openTestStore } from "../support/store.ts";
import { runTask } from "../support/process.ts";
import { enter, given } from "../store/_given.ts";
import { ProgressLine } from "../../cli/output/mod.ts";
import { epochMs, workerId } from "../../shared/domain/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { execute } from "../store/_whole.ts";
import { run } from "./_cli.ts";

Deno.test("database copy prints each table with its rows, its checksum and whether it is the same", async () => {
  await using from = await openTestStore();
  await using to = await openPostgresTestStore();
  await given(from.store);
  const { code, stdout, stderr } = await run(["database", "copy", "--from", from.url, "--to", to.url], {
    isTerminal: true,
  });
  assert.equal(code, 0);
  // How far it was, on one line, which is written anew each time and gone at the end.
  const lines = stderr.replaceAll("\u001b[K", "\n").split("\n");
  assert.deepEqual(lines.splice(-2), ["\r", ""]);
  for (const one of lines) assert.match(one, /^\r(?:Copying \w+: \d+ rows; \d+ of \d+ tables done|Checking .*)$/);
  assert.match(stdout, /^TABLE +ROWS +CHECKSUM +OK\n/);
  assert.match(stdout, /^scheduled_jobs +1 +[0-9a-f]{32} +yes$/m);
  assert.match(stdout, /^job_dispatch +0 +0{32} +yes$/m);
  assert.equal((await to.store.jobs.list({ limit: 1 })).items.length, 1);
});

Deno.test("database copy --json prints the same for programs", async () => {
  await using from = await openTestStore();
  await using to = await openTestStore();
  await given(from.store);
  const { code, stdout, stderr } = await run(["database", "copy", "--from", from.url, "--to", to.url, "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const { ok, tables } = JSON.parse(stdout);
  assert.equal(ok, true);
  const jobs = tables.find(({ table }: { readonly table: string }) => table === "scheduled_jobs");
  assert.deepEqual({ ...jobs, checksum: jobs.checksum.length }, {
    table: "scheduled_jobs",
    rows: 1,
    checksum: 32,
    ok: true,
  });
});

Deno.test("the line that says how far a command is is replaced at most four times a second, and fits the terminal", async () => {
  let [now, shown] = [0, ""];
  const io = {
    isTerminal: true,
    clock: { ...systemClock, now: () => epochMs(now) },
    size: () => ({ columns: 10, rows: 1 }),
    err: (text: string | Uint8Array) => Promise.resolve(void (shown += text)),
  };
  {
    await using line = new ProgressLine(io);
    for (now = 0; now < 1000; now += 10) line.show(`${now} of a thousand`);
  }
  assert.equal(
    shown,
    ["0 of a th", "250 of a ", "500 of a ", "750 of a ", ""].map((text) => `\r${text}\x1b[K`).join(""),
  );
  await using quiet = new ProgressLine({ ...io, isTerminal: false });
  quiet.show("nothing");
  assert.doesNotMatch(shown, /nothing/);
});

Deno.test("database copy ends with 1 and says so when the copy is not the same", async () => {
  await using from = await openTestStore();
  await using to = await openTestStore();
  await given(from.store);
  await execute(
    to.url,
    "CREATE TRIGGER spoil AFTER INSERT ON scheduled_jobs BEGIN UPDATE scheduled_jobs SET revision = 7; END",
  );
  const { code, stdout, stderr } = await run(["database", "copy", "--from", from.url, "--to", to.url]);
  assert.equal(code, 1);
  assert.match(stdout, /^scheduled_jobs\t1\t[0-9a-f]{32}\tno$/m);
  assert.equal(stderr, "jobctl: The copy differs from the source; nothing was kept in the target\n");
});

Deno.test("database copy ends with 1 and says why when writing fails", async () => {
  await using from = await openTestStore();
  await using to = await openTestStore();
  await given(from.store);
  await execute(to.url, "CREATE TABLE notes (id INTEGER PRIMARY KEY) STRICT");
  const { code, stderr } = await run(["database", "copy", "--from", from.url, "--to", to.url]);
  assert.equal(code, 1);
  assert.equal(stderr, "jobctl: Cannot copy between different schemas: tables notes only in the target\n");
});

Deno.test("database copy names the flag of the unusable database, and ends with 2", async () => {
  await using from = await openTestStore();
  await using to = await openTestStore();
  await given(to.store);
  const full = await run(["database", "copy", "--from", from.url, "--to", to.url]);
  assert.equal(full.code, 2);
  assert.match(
    full.stderr,
    /^jobctl: --to: cannot use .*: it is not empty \(rows: (?:\w+ has 1, )+scheduled_jobs has 1\); name an empty/,
  );
  const wrong = await run(["database", "copy", "--from", "mysql://x", "--to", to.url]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^jobctl: --from: cannot use the scheme "mysql"; expected sqlite:/);
});

Deno.test("database copy names the workers that run on the source, and passes over them with --force", async () => {
  await using from = await openTestStore();
  await using to = await openTestStore();
  await enter(from.store, workerId("worker-x"), await from.store.now());
  const args = ["database", "copy", "--from", from.url, "--to", to.url];
  const refused = await run(args);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /^jobctl: --from: cannot use .*: services are running on it: worker-x \(heartbeat \d+ s/,
  );
  assert.equal((await run([...args, "--force"])).code, 0);
});

Deno.test("the task jobctl may reach a PostgreSQL named behind a = sign", async () => {
  await using from = await openTestStore();
  await using to = await openPostgresTestStore();
  await given(from.store);
  const args = ["database", "copy", `--from=${from.url}`, `--to=${to.url}`];
  const { code, stderr } = await runTask("jobctl", { args });
  assert.deepEqual([code, stderr], [0, ""]);
});
