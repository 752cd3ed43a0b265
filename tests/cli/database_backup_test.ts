import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "@jobtrigger/shared/migrations";
import { epochMs } from "../../shared/domain/mod.ts";
import { openStore } from "../../shared/store/mod.ts";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import { finish } from "../support/attempts.ts";
import { postgres } from "../support/postgres.ts";
import { runTask } from "../support/process.ts";
import { DATABASES, openPostgresTestStore, openTestStore } from "../support/store.ts";
import { A, claimOne, enter, given, LEASE_MS, manual, outcome } from "../store/_given.ts";
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

function restore(url: string, from: string, ...flags: readonly string[]) {
  return run(["database", "restore", "--from", from, ...flags], { env: { DATABASE_URL: url } });
}

/** A database that a backup may be restored to: a file that is not there, or an empty PostgreSQL. */
async function vacant(kind: string, path: string): Promise<AsyncDisposable & { readonly url: string }> {
  if (kind === "PostgreSQL") return await (await postgres()).createDatabase();
  return { url: `sqlite:///${path}/restored.db`, [Symbol.asyncDispose]: () => Promise.resolve() };
}

for (const [kind, open] of Object.entries(DATABASES)) {
  Deno.test(`database restore brings a ${kind} back as it was; a run that was in progress is ended and tried again`, async () => {
    await using test = await open();
    await using at = await temporary();
    await using place = await vacant(kind, at.path);
    const now = await test.store.now();
    await enter(test.store, A, now);
    const job = await given(test.store);
    const { id } = await test.store.runs.runNow(manual(job, { now }));
    const held = await claimOne(test.store, A, now);
    await backup(test.url, `${at.path}/b.db`);
    const { code, stdout, stderr } = await restore(place.url, `${at.path}/b.db`);
    const said = `Restored the database from ${at.path}/b.db\n` +
      "1 run was in progress then: the scheduler ends each as TIMEOUT once its lease has expired, and its retry follows\n";
    assert.deepEqual([code, stdout, stderr], [0, said, ""]);
    const store = await openStore(place.url, { migrations });
    try {
      assert.equal((await store.jobs.get(job.id))?.name, job.name);
      const later = epochMs(now + LEASE_MS + 1);
      await store.scheduling.rescue({ now: later, overdueMs: 1, limit: 10, retryAt: () => later });
      const [retry, first] = (await store.runs.list({ limit: 10 })).items;
      assert.deepEqual([first?.id, first?.state.status], [id, "TIMEOUT"]);
      assert.deepEqual([retry?.retryCount, retry?.state.status], [1, "PENDING"]);
      // What the old worker held after the backup, nobody gets a second time.
      const next = await claimOne(store, A, later);
      assert.ok(next.epoch > held.epoch + 1_000_000_000, `epoch ${next.epoch} after ${held.epoch}`);
      await finish(store, next, { outcome: outcome("COMPLETED"), retryAt: null, now: later });
    } finally {
      await store.close();
    }
    const again = await restore(place.url, `${at.path}/b.db`);
    assert.equal(again.code, 2);
    assert.match(again.stderr, kind === "SQLite" ? /it is there already; .*--replace/ : /it is not empty \(rows: /);
    assert.deepEqual((await at.names()).filter((name) => name.endsWith(".part")), []);
  });

  Deno.test(`database restore brings a backup of an earlier version up to date, into a ${kind}`, async () => {
    await using at = await temporary();
    await using place = await vacant(kind, at.path);
    const old = { ...migrations, sqlite: migrations.sqlite.slice(0, 12) };
    await (await openSqlite(`${at.path}/old.db`, { migrations: old, onMade: () => {} })).close();
    const before = await Deno.readFile(`${at.path}/old.db`);
    assert.equal((await restore(place.url, `${at.path}/old.db`)).code, 0);
    assert.deepEqual(await Deno.readFile(`${at.path}/old.db`), before);
    const found = await json(["database", "check"], { env: { DATABASE_URL: place.url } });
    assert.match(JSON.stringify(found), /^{"ok":true/);
  });

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
    // Whoever reads it makes no files beside it: it is in no WAL mode (https://sqlite.org/fileformat.html, offset 18).
    assert.deepEqual((await Deno.readFile(to)).slice(18, 20), new Uint8Array([1, 1]));
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

  Deno.test(`a ${kind} of a newer version is refused, with what to do, and the way back is to restore a backup from before`, async () => {
    await using test = await open();
    await using at = await temporary();
    const job = await given(test.store);
    await backup(test.url, `${at.path}/before.db`);
    await execute(
      test.url,
      "INSERT INTO schema_migrations (name, applied_at) SELECT '9999_future', max(applied_at) FROM schema_migrations",
    );
    const env = { DATABASE_URL: test.url };
    const refusal = /newer version.*9999_future.*upgrade the program, or restore a backup/;
    const list = await run(["jobs", "list"], { env });
    assert.equal(list.code, 2);
    assert.match(list.stderr, refusal);
    const doctor = await run(["doctor"], { env });
    assert.equal(doctor.code, 1);
    assert.match(
      doctor.stdout,
      new RegExp(`^database\tcritical\t.*${refusal.source}.*\t.*docs/troubleshoot\\.md`, "m"),
    );
    await using place = await vacant(kind, at.path);
    assert.equal((await restore(place.url, `${at.path}/before.db`)).code, 0);
    assert.deepEqual(
      (await run(["jobs", "list"], { env: { DATABASE_URL: place.url } })).stdout.split("\t")[1],
      job.name,
    );
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

const UNFIT: readonly (readonly [to: string, said: string])[] = [
  ["", "--to: found nothing, expected the path of a file to make"],
  [`/tmp/${"a".repeat(300)}`, `Cannot use /tmp/${"a".repeat(300)}: its name is too long`],
];
for (const [to, said] of UNFIT) {
  Deno.test(`database backup says in a line why it cannot write to ${JSON.stringify(to.slice(0, 10))}`, async () => {
    await using test = await openTestStore();
    const { code, stderr } = await backup(test.url, to);
    assert.deepEqual([code !== 0, stderr], [true, `jobctl: ${said}\n`]);
  });
}

Deno.test("database restore says in a line why it cannot write beside the database", async () => {
  await using test = await openTestStore();
  await using at = await temporary();
  await backup(test.url, `${at.path}/b.db`);
  const { code, stderr } = await restore("sqlite:////nowhere/jobs.db", `${at.path}/b.db`);
  const said = "jobctl: DATABASE_URL: cannot write to /nowhere: there is no such file or directory\n";
  assert.deepEqual([code, stderr], [2, said]);
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

Deno.test("database restore moves a file aside with --replace alone, and never one that a process has open", async () => {
  await using test = await openTestStore();
  await using at = await temporary();
  const { path, url } = test;
  const to = `${at.path}/b.db`;
  await given(test.store);
  await backup(url, to);
  const extra = await given(test.store, { name: "After the backup" });
  const inUse = await restore(url, to, "--replace");
  assert.equal(inUse.code, 2);
  assert.match(inUse.stderr, /a process has it open; stop all services and jobctl, then restore again/);
  assert.equal((await test.store.jobs.list({ limit: 9 })).items.length, 2);
  await test.store.close();
  // As a killed process leaves it: what was committed last is in the -wal.
  const { kept } = JSON.parse((await restore(url, to, "--replace", "--json")).stdout);
  const names = async (file: string) => {
    const store = await openSqlite(file, { migrations });
    const { items } = await store.jobs.list({ limit: 9 });
    await store.close();
    return items.map(({ name }) => name);
  };
  assert.deepEqual(await names(path), ["Minutely"]);
  assert.ok((await names(kept)).includes(extra.name));
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("database restore puts a backup in place of a damaged file, and refuses a backup that is damaged or none", async () => {
  await using test = await openTestStore();
  await using at = await temporary();
  const to = `${at.path}/b.db`;
  for (let i = 0; i < 40; i++) await given(test.store, { name: `Job ${i}` });
  await backup(test.url, to);
  await test.store.close();
  const bytes = await Deno.readFile(to);
  await Deno.writeFile(`${at.path}/half.db`, bytes.subarray(0, bytes.length / 2));
  await Deno.writeFile(`${at.path}/page.db`, bytes.fill(0x55, 4096 * 3, 4096 * 20));
  await Deno.writeTextFile(`${at.path}/text.db`, "no database");
  for (const name of ["half.db", "page.db", "text.db", "missing.db"]) {
    const { code, stderr } = await restore(test.url, `${at.path}/${name}`, "--replace");
    assert.equal(code, 2, name);
    assert.match(stderr, /^jobctl: --from: cannot use .*(damaged|there is no such file)/, name);
  }
  await Deno.writeTextFile(test.path, "spoilt");
  assert.equal((await restore(test.url, to, "--replace")).code, 0);
  assert.equal((await run(["database", "check"], { env: { DATABASE_URL: test.url } })).code, 0);
  assert.deepEqual((await at.names()).filter((name) => name.startsWith(".")), []);
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

Deno.test("the task jobctl may write a backup to the named file and nothing else, and restore it", async () => {
  await using test = await openTestStore();
  await using at = await temporary();
  await given(test.store);
  for (const args of [["--to", `${at.path}/a.db`], [`--to=${at.path}/b.db`]]) {
    const env = { DATABASE_URL: test.url };
    const { code, stderr } = await runTask("jobctl", { args: ["database", "backup", ...args], env });
    assert.deepEqual([code, stderr], [0, ""]);
  }
  assert.deepEqual(await at.names(), ["a.db", "b.db"]);
  const restored = `${at.path}/c/jobs.db`;
  await Deno.mkdir(`${at.path}/c`);
  for (const flags of [[], ["--replace"]]) {
    const env = { DATABASE_URL: `sqlite:///${restored}` };
    const { code, stderr } = await runTask("jobctl", {
      args: ["database", "restore", `--from=${at.path}/a.db`, ...flags],
      env,
    });
    assert.deepEqual([code, stderr], [0, ""]);
  }
  const checked = await runTask("jobctl", {
    args: ["database", "check"],
    env: { DATABASE_URL: `sqlite:///${at.path}/a.db` },
  });
  assert.deepEqual([checked.code, checked.stderr], [0, ""], checked.stdout);
});
