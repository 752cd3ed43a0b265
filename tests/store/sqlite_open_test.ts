import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Invalid } from "../../shared/domain/mod.ts";
import { openStore, type Store } from "../../shared/store/mod.ts";
import { migrations } from "@jobtrigger/shared/migrations";
import { given } from "./_given.ts";

/** A directory for one test, and the URL of a database in it. */
async function temporary(): Promise<
  AsyncDisposable & { readonly directory: string; readonly path: string; readonly url: string }
> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-open-" });
  const path = `${directory}/jobs.db`;
  return {
    directory,
    path,
    url: `sqlite:///${path}`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

async function digest(path: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(bytes).toHex();
}

/**
 * Opening must fail with `message` and leave the file and its neighbours as they were. SQLite's own companions do not count: even a
 * connection that only reads makes them beside a database in WAL mode.
 */
async function refused(path: string, url: string, message: RegExp): Promise<void> {
  const list = async () =>
    (await Array.fromAsync(Deno.readDir(path.replace(/\/[^/]*$/, "")))).map(({ name }) => name).filter((name) =>
      !/-(?:shm|wal)$/.test(name)
    ).toSorted();
  const [names, before] = [await list(), await digest(path)];
  await assert.rejects(openStore(url, { migrations }), (error) => {
    assert.ok(error instanceof Invalid, String(error));
    assert.equal(error.problems[0]?.field, "DATABASE_URL");
    assert.match(error.problems[0]?.message ?? "", message);
    return true;
  });
  assert.deepEqual([await list(), await digest(path)], [names, before]);
}

/** Opens the database at `url`, and makes it if it is missing. */
function make(url: string): Promise<Store> {
  return openStore(url, { migrations, onMade: () => {} });
}

/** Names in a directory, in order. */
async function namesIn(directory: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).toSorted();
}

Deno.test("openStore() makes a missing database where it may, and reports it once", async () => {
  await using at = await temporary();
  const made: string[] = [];
  const options = { migrations, onMade: (path: string) => void made.push(path) };
  for (let times = 0; times < 2; times++) await (await openStore(at.url, options)).close();
  assert.deepEqual(made, [at.path]);
});

Deno.test("openStore() refuses a path without a database where it may not make one, and leaves nothing there", async () => {
  await using at = await temporary();
  await assert.rejects(openStore(at.url, { migrations }), (error) => {
    assert.ok(error instanceof Invalid, String(error));
    assert.match(error.problems[0]?.message ?? "", /jobs\.db: there is no such file; .*`deno task migrate` or `jobctl/);
    return true;
  });
  assert.deepEqual(await namesIn(at.directory), []);
  await Deno.writeTextFile(at.path, "");
  await refused(at.path, at.url, /it holds no database yet; .*`deno task migrate`/);
});

for (const found of ["no file", "an empty file"] as const) {
  Deno.test(`openStore() makes no database beside a -wal that holds data where ${found} is`, async () => {
    await using at = await temporary();
    if (found === "an empty file") await Deno.writeTextFile(at.path, "");
    await Deno.writeTextFile(`${at.path}-wal`, "data");
    const before = await namesIn(at.directory);
    await assert.rejects(make(at.url), (error) => {
      assert.ok(error instanceof Invalid, String(error));
      assert.match(error.problems[0]?.message ?? "", /jobs\.db-wal beside it holds data: put the database/);
      return true;
    });
    assert.deepEqual(await namesIn(at.directory), before);
    assert.equal(await Deno.readTextFile(`${at.path}-wal`), "data");
  });
}

Deno.test("openStore() refuses a database of a newer version, untouched", async () => {
  await using at = await temporary();
  await (await make(at.url)).close();
  const db = new DatabaseSync(at.path);
  db.exec("INSERT INTO schema_migrations (name, applied_at) VALUES ('9999_future', 0)");
  db.close();
  await refused(at.path, at.url, /newer version.*9999_future.*upgrade/);
});

Deno.test("openStore() refuses a file that is not a database, untouched", async () => {
  await using at = await temporary();
  await Deno.writeTextFile(at.path, "These are my notes, not a database.\n".repeat(100));
  await refused(at.path, at.url, /not a SQLite database/);
});

Deno.test("openStore() refuses the tables of another program, untouched", async () => {
  await using at = await temporary();
  const db = new DatabaseSync(at.path);
  db.exec("CREATE TABLE recipes (name TEXT)");
  db.close();
  await refused(at.path, at.url, /tables of another program \(recipes\)/);
});

Deno.test("openStore() refuses a database of the Reflex system, says what to do, and leaves it unchanged", async () => {
  await using at = await temporary();
  const db = new DatabaseSync(at.path);
  db.exec(`
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
    CREATE TABLE scheduled_jobs (id INTEGER PRIMARY KEY, name VARCHAR, script_path VARCHAR, schedule_type VARCHAR, next_run DATETIME);
    CREATE TABLE job_dispatch (id INTEGER PRIMARY KEY, job_id INTEGER, status VARCHAR);
    INSERT INTO scheduled_jobs (name, script_path, schedule_type) VALUES ('Old', 'old.py', 'daily')`);
  db.close();
  await refused(at.path, at.url, /Reflex system.*DATABASE_URL=sqlite:\/\/\//);
});

Deno.test("openStore() refuses a directory", async () => {
  await using at = await temporary();
  await Deno.mkdir(at.path);
  await assert.rejects(openStore(at.url, { migrations }), /it is a directory/);
});

Deno.test("openStore() refuses a path in a directory that is not there", async () => {
  await using at = await temporary();
  await assert.rejects(
    openStore(`sqlite:///${at.directory}/no/jobs.db`, { migrations }),
    /does not exist; make it first/,
  );
});

Deno.test("many connections opening a new database at once migrate it once", async () => {
  await using at = await temporary();
  const stores = await Promise.all(Array.from({ length: 6 }, () => make(at.url)));
  for (const store of stores) await store.close();
  const db = new DatabaseSync(at.path);
  const names = db.prepare("SELECT name FROM schema_migrations ORDER BY name").all().map(({ name }) => name);
  db.close();
  assert.deepEqual(names, migrations.sqlite.map(({ name }) => name));
});

Deno.test("a commit is on the disk before it is answered", async () => {
  await using at = await temporary();
  const store = await make(at.url);
  const job = await given(store);
  const copy = `${at.directory}/copy.db`;
  await Deno.copyFile(at.path, copy);
  await Deno.copyFile(`${at.path}-wal`, `${copy}-wal`);
  await store.close();
  const found = await openStore(`sqlite:///${copy}`, { migrations });
  assert.deepEqual(await found.jobs.get(job.id), job);
  await found.close();
});
