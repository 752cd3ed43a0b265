import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "@jobtrigger/shared/migrations";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import { runTask } from "../support/process.ts";
import { DATABASES, openPostgresTestStore, openTestStore } from "../support/store.ts";
import { given } from "../store/_given.ts";
import { execute } from "../store/_whole.ts";
import { json, run } from "./_cli.ts";

/** A directory for one test. */
async function temporary(): Promise<AsyncDisposable & { readonly path: string; names(): Promise<readonly string[]> }> {
  const path = await Deno.makeTempDir({ prefix: "jobtrigger-backup-" });
  return {
    path,
    names: async () => (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).toSorted(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

function backup(url: string, to: string) {
  return run(["database", "backup", "--to", to], { env: { DATABASE_URL: url } });
}

for (const [kind, open] of Object.entries(DATABASES)) {
  Deno.test(`database backup writes one file that holds all of a ${kind} that is in use, for its owner alone`, async () => {
    await using test = await open();
    await using at = await temporary();
    const job = await given(test.store);
    const to = `${at.path}/b.db`;
    const { code, stdout, stderr } = await backup(test.url, to);
    const { size, mode } = await Deno.stat(to);
    assert.deepEqual([code, stdout, stderr], [0, `Wrote ${to}: ${size} bytes\n`, ""]);
    assert.equal((mode ?? 0) & 0o777, 0o600);
    assert.deepEqual(await at.names(), ["b.db"]);
    // Nothing ties it to the database it was made of.
    await given(test.store);
    const store = await openSqlite(to, { migrations });
    assert.deepEqual((await store.jobs.list({ limit: 10 })).items.map(({ id, name }) => [id, name]), [[
      job.id,
      job.name,
    ]]);
    await store.close();
  });

  Deno.test(`database backup of a ${kind} replaces nothing`, async () => {
    await using test = await open();
    await using at = await temporary();
    const to = `${at.path}/b.db`;
    await Deno.writeTextFile(to, "mine");
    const { code, stderr } = await backup(test.url, to);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      `jobctl: --to: cannot write ${to}: it is there already, and backups replace nothing; name a new file\n`,
    );
    assert.equal(await Deno.readTextFile(to), "mine");
    assert.deepEqual(await at.names(), ["b.db"]);
  });

  Deno.test(`database check of a sound ${kind} ends with 0`, async () => {
    await using test = await open();
    await given(test.store);
    const found = await json(["database", "check"], { env: { DATABASE_URL: test.url } });
    assert.ok(typeof found === "object" && found !== null && "ok" in found && found.ok === true, JSON.stringify(found));
  });

  Deno.test(`database check of a ${kind} that is not up to date ends with 1 and says what to do`, async () => {
    await using test = await open();
    const last = migrations[kind === "SQLite" ? "sqlite" : "postgres"].at(-1)?.name;
    await execute(test.url, `DELETE FROM schema_migrations WHERE name = '${last}'`);
    const { code, stdout } = await run(["database", "check"], { env: { DATABASE_URL: test.url } });
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`^schema\tno\tnot up to date: ${last} missing; run`, "m"));
  });
}

Deno.test("database backup names a directory that is not there", async () => {
  await using test = await openTestStore();
  const { code, stderr } = await backup(test.url, "/nowhere/b.db");
  assert.deepEqual([code, stderr], [
    2,
    "jobctl: --to: cannot write /nowhere/b.db: there is no directory /nowhere; make it first\n",
  ]);
});

Deno.test("a backup laid beside the -wal of the database it was made of is refused", async () => {
  await using test = await openTestStore();
  await using at = await temporary();
  await given(test.store);
  const to = `${at.path}/b.db`;
  await backup(test.url, to);
  await given(test.store);
  await Deno.copyFile(`${test.path}-wal`, `${to}-wal`);
  const env = { DATABASE_URL: `sqlite:///${to}` };
  const listed = await run(["jobs", "list"], { env });
  assert.equal(listed.code, 2);
  assert.match(listed.stderr, /b\.db-wal beside it was not written on this file/);
  const checked = await run(["database", "check"], { env });
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, /^wal\tno\tb\.db-wal was not written on this file: move it away/m);
});

Deno.test("database check tells how much a copy of the file alone would lack, and who else may read the file", async () => {
  await using test = await openTestStore();
  await given(test.store);
  await Deno.chmod(test.path, 0o644);
  const { code, stdout } = await run(["database", "check"], { env: { DATABASE_URL: test.url } });
  assert.equal(code, 1);
  assert.match(stdout, /^mode\tno\t0644: others may read or write the file; chmod 600$/m);
  assert.match(stdout, /^wal\tyes\t\d+ bytes are in jobs\.db-wal alone: a copy needs both files$/m);
  assert.match(stdout, /^integrity\tyes\tok$/m);
});

Deno.test("database check finds rows that refer to nothing, and a damaged page", async () => {
  await using test = await openTestStore();
  await given(test.store);
  await test.store.close();
  const env = { DATABASE_URL: test.url };
  const db = new DatabaseSync(test.path, { enableForeignKeyConstraints: false });
  db.exec("INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data) VALUES (99, 0, 'stdout', 0, 'x')");
  db.close();
  const orphan = await run(["database", "check"], { env });
  assert.equal(orphan.code, 1);
  assert.match(
    orphan.stdout,
    /^foreign keys\tno\trow \d+ of job_log_chunks refers to no job_dispatch; restore a backup$/m,
  );
  const file = await Deno.open(test.path, { write: true });
  for (let page = 1; page < 8; page++) {
    await file.seek(page * 4096, Deno.SeekMode.Start);
    await file.write(new Uint8Array(4096).fill(0x55));
  }
  file.close();
  const damaged = await run(["database", "check"], { env });
  assert.equal(damaged.code, 1);
  assert.match(damaged.stdout, /^integrity\tno\t.*restore a backup$/m);
});

Deno.test("database check names an index of PostgreSQL that is not valid", async () => {
  await using test = await openPostgresTestStore();
  await test.sql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'job_dispatch_waiting'::regclass");
  const { code, stdout } = await run(["database", "check"], { env: { DATABASE_URL: test.url } });
  assert.equal(code, 1);
  assert.match(stdout, /^indexes\tno\tnot valid: job_dispatch_waiting$/m);
});

Deno.test("no command of jobctl but migrate makes a database", async () => {
  await using at = await temporary();
  const env = { DATABASE_URL: `sqlite:///${at.path}/typo.db`, SCRIPTS_DIR: "app/scripts" };
  const commands = [
    ["jobs", "list"],
    ["jobs", "show", "1"],
    ["jobs", "create", "--name", "N", "--script", "test_job.sh", "--schedule", "manual"],
    ["jobs", "run", "1"],
    ["runs", "list"],
    ["runs", "logs", "-f", "1"],
    ["workers", "list"],
    ["database", "check"],
    ["database", "backup", "--to", `${at.path}/b.db`],
    ["database", "copy", "--from", `sqlite:///${at.path}/typo.db`, "--to", `sqlite:///${at.path}/b.db`],
  ];
  for (const command of commands) {
    const { code, stderr } = await run(command, { env });
    assert.equal(code, 2, command.join(" "));
    assert.match(stderr, /typo\.db/, command.join(" "));
    assert.deepEqual(await at.names(), [], command.join(" "));
  }
  const made = await run(["database", "migrate"], { env });
  assert.deepEqual([made.code, made.stdout], [0, `Made a new database at ${at.path}/typo.db\n`]);
  assert.deepEqual((await run(["database", "migrate"], { env })).stdout, "The database is up to date\n");
  assert.equal((await run(["jobs", "list"], { env })).code, 0);
});

Deno.test("database copy makes the file it is to fill, and says so", async () => {
  await using test = await openTestStore();
  await using at = await temporary();
  await given(test.store);
  const to = `${at.path}/new.db`;
  const { code, stderr } = await run(["database", "copy", "--from", test.url, "--to", `sqlite:///${to}`]);
  assert.deepEqual([code, stderr], [0, `jobctl: Made a new database at ${to}\n`]);
  assert.equal(((await Deno.stat(to)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("the task jobctl may write a backup to the named file, and leaves nothing else", async () => {
  await using test = await openTestStore();
  await using at = await temporary();
  await given(test.store);
  for (const args of [["--to", `${at.path}/a.db`], [`--to=${at.path}/b.db`]]) {
    const env = { DATABASE_URL: test.url };
    const { code, stderr } = await runTask("jobctl", { args: ["database", "backup", ...args], env });
    assert.deepEqual([code, stderr], [0, ""]);
  }
  assert.deepEqual(await at.names(), ["a.db", "b.db"]);
  const checked = await runTask("jobctl", {
    args: ["database", "check"],
    env: { DATABASE_URL: `sqlite:///${at.path}/a.db` },
  });
  assert.deepEqual([checked.code, checked.stderr], [0, ""], checked.stdout);
});
