import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { Invalid, StoreUnavailable } from "../../shared/domain/mod.ts";
import { checkSqlite } from "../../shared/store/sqlite/check.ts";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import { openTestStore, type SqliteTestStore } from "../support/store.ts";
import { HandClock } from "../worker/execute/support.ts";
import { given } from "./_given.ts";

/** Longer than the store waits before it takes a database to be at rest. */
const REST_MS = 2000;

async function sizeOf(path: string): Promise<number> {
  return (await Deno.stat(path)).size;
}

/** Opens the test's database once more, on a clock that the test moves. */
async function onHandClock({ path }: SqliteTestStore) {
  const clock = new HandClock();
  return { clock, store: await openSqlite(path, { migrations, clock }) };
}

/** Lets time pass without a write, so that checks for idleness run; each waits again if it sees a change. */
async function rest(clock: HandClock): Promise<void> {
  while (clock.sleepers > 0) {
    clock.pass(REST_MS);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** A copy of the file, and of its `-wal` where `isWhole`. */
async function copied({ path }: SqliteTestStore, name: string, { isWhole = false } = {}): Promise<string> {
  const copy = path.replace(/[^/]*$/, name);
  await Deno.copyFile(path, copy);
  if (isWhole) await Deno.copyFile(`${path}-wal`, `${copy}-wal`);
  return copy;
}

async function jobsIn(path: string): Promise<number> {
  const store = await openSqlite(path, { migrations });
  try {
    return (await store.jobs.list({ limit: 200 })).items.length;
  } finally {
    await store.close();
  }
}

async function refusal(path: string): Promise<string> {
  try {
    await (await openSqlite(path, { migrations })).close();
  } catch (error) {
    if (error instanceof Invalid) return error.problems[0]?.message ?? "";
    throw error;
  }
  return "not refused";
}

Deno.test("a database that was just made is in its file, its -wal is empty", async () => {
  await using test = await openTestStore();
  assert.equal(await sizeOf(`${test.path}-wal`), 0);
});

Deno.test("a database is one file after its last process has closed it", async () => {
  await using test = await openTestStore();
  await given(test.store);
  await test.store.close();
  const names = (await Array.fromAsync(Deno.readDir(test.path.replace(/\/[^/]*$/, "")))).map(({ name }) => name);
  assert.deepEqual(names, ["jobs.db"]);
});

Deno.test("a process that has written empties the -wal when it closes, even while others have the database open", async () => {
  await using test = await openTestStore();
  const other = await test.another();
  await given(other);
  assert.ok(await sizeOf(`${test.path}-wal`) > 0);
  await other.close();
  assert.equal(await sizeOf(`${test.path}-wal`), 0);
});

Deno.test("a copy of the file alone holds everything once the database is at rest", async () => {
  await using test = await openTestStore();
  const { clock, store } = await onHandClock(test);
  await given(store);
  await rest(clock);
  assert.equal(await sizeOf(`${test.path}-wal`), 0);
  assert.equal(await jobsIn(await copied(test, "copy.db")), 1);
  await store.close();
});

Deno.test("the -wal is not emptied while another writes", async () => {
  await using test = await openTestStore();
  const { clock, store } = await onHandClock(test);
  await rest(clock);
  await given(store);
  await given(test.store);
  clock.pass(REST_MS);
  await new Promise((resolve) => setTimeout(resolve));
  assert.ok(await sizeOf(`${test.path}-wal`) > 0);
  await rest(clock);
  assert.equal(await sizeOf(`${test.path}-wal`), 0);
  assert.equal(clock.sleepers, 0, "nobody waits once it is empty");
  await store.close();
});

/** What services may, as far as a test here needs it. SQLite opens no other file than the one named then. */
const asAService: Pick<Deno.TestDefinition, "permissions"> = {
  permissions: { read: ["/"], write: ["/"], env: true, sys: true },
};

Deno.test(
  "an older copy beside a newer -wal is refused, untouched, and used once the -wal is away",
  asAService,
  async () => {
    await using test = await openTestStore();
    const { clock, store } = await onHandClock(test);
    await given(store);
    await rest(clock);
    const older = await copied(test, "older.db");
    for (let times = 0; times < 2; times++) {
      await given(store);
      await rest(clock);
    }
    await given(store);
    await Deno.copyFile(`${test.path}-wal`, `${older}-wal`);
    const before = await Deno.readFile(older);
    assert.match(
      await refusal(older),
      /older\.db: older\.db-wal beside it was not written on this file.*move older\.db-wal/,
    );
    assert.deepEqual(await Deno.readFile(older), before);
    await Deno.remove(`${older}-wal`);
    assert.equal(await jobsIn(older), 1);
    await store.close();
  },
);

Deno.test("a file that is opened once more keeps the locks of the connections that have it open", async () => {
  await using test = await openTestStore();
  await given(test.store);
  assert.ok(await sizeOf(`${test.path}-wal`) > 0);
  const { ino } = await Deno.stat(test.path);
  const locks = async () =>
    (await Deno.readTextFile("/proc/locks")).split("\n").filter((line) => line.includes(`:${ino} `)).length;
  assert.equal(await locks(), 1);
  await test.another();
  assert.equal(await locks(), 1);
  await assert.rejects(openSqlite(test.path, { migrations: { sqlite: [] } }));
  assert.equal(await locks(), 1);
});

Deno.test("a -wal of another database is refused", async () => {
  await using test = await openTestStore();
  await using other = await openTestStore();
  // New databases are alike in all bytes: this one gets a past of its own.
  await given(other.store);
  await other.sql("PRAGMA wal_checkpoint(TRUNCATE)");
  await given(test.store);
  await given(other.store);
  const copy = await copied(test, "copy.db");
  await Deno.copyFile(`${other.path}-wal`, `${copy}-wal`);
  assert.match(await refusal(copy), /was not written on this file/);
});

Deno.test("the files of a process that was killed are used, whatever had been written back by then", async () => {
  await using test = await openTestStore();
  const other = await test.another();
  for (let jobs = 1; jobs <= 6; jobs++) {
    await given(jobs % 2 === 0 ? other : test.store);
    // Copies of both files are the state after a kill.
    const left = await copied(test, `left-${jobs}.db`, { isWhole: true });
    assert.equal(await jobsIn(left), jobs);
    if (jobs === 3) await test.sql("PRAGMA wal_checkpoint(PASSIVE)");
    if (jobs === 5) await test.sql("PRAGMA wal_checkpoint(TRUNCATE)");
  }
});

Deno.test("of a -wal that was cut off within a transaction, the complete transactions are used", async () => {
  await using test = await openTestStore();
  await given(test.store);
  const left = await copied(test, "left.db", { isWhole: true });
  await given(test.store);
  const wal = await Deno.readFile(`${test.path}-wal`);
  await Deno.writeFile(`${left}-wal`, wal.subarray(0, wal.length - 100));
  assert.equal(await jobsIn(left), 1);
});

for (const gone of ["-wal", "-shm"]) {
  Deno.test(`a store whose ${gone} is moved away writes nothing, reports it, and continues when it is back`, async () => {
    await using test = await openTestStore();
    await given(test.store);
    const file = `${test.path}${gone}`;
    await Deno.rename(file, `${file}.away`);
    const unavailable = (error: unknown) => {
      assert.ok(error instanceof StoreUnavailable, String(error));
      assert.match(error.message, new RegExp(`its jobs\\.db${gone} has been deleted, moved or replaced; put it back`));
      return true;
    };
    await assert.rejects(given(test.store), unavailable);
    await assert.rejects(test.store.jobs.list({ limit: 1 }), unavailable);
    if (gone === "-wal") {
      assert.match(await refusal(test.path), /jobs\.db-wal has been deleted or moved, but jobs\.db-shm/);
      const findings = checkSqlite(test.path, migrations.sqlite);
      assert.deepEqual(findings.map(({ check, isOk }) => [check, isOk]), [["mode", true], ["wal", false]]);
      await assert.rejects(Deno.stat(`${test.path}-wal`), Deno.errors.NotFound);
    }
    await Deno.rename(`${file}.away`, file);
    await given(test.store);
    assert.equal((await test.store.jobs.list({ limit: 10 })).items.length, 2);
  });
}

Deno.test("commits in a -wal that was deleted are in the file after the last store is closed", async () => {
  await using test = await openTestStore();
  await given(test.store);
  await Deno.remove(`${test.path}-wal`);
  await assert.rejects(given(test.store), StoreUnavailable);
  await test.store.close();
  assert.equal(await jobsIn(test.path), 1);
});

Deno.test("a version never throws: it grows once when the file is gone, and once when it is back", async () => {
  await using test = await openTestStore();
  const { changes } = test.store;
  const before = changes.version();
  await Deno.rename(test.path, `${test.path}.away`);
  const away = changes.version();
  assert.ok(away > before);
  assert.equal(changes.version(), away);
  await changes.after(before, new AbortController().signal);
  await Deno.rename(`${test.path}.away`, test.path);
  assert.ok(changes.version() > away);
});

Deno.test("closing the store ends calls that wait for a change, also while the file is gone", async () => {
  await using test = await openTestStore();
  const { changes } = test.store;
  await Deno.rename(test.path, `${test.path}.away`);
  const waiting = changes.after(changes.version(), new AbortController().signal);
  await test.store.close();
  await waiting;
});
