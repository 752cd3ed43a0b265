import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type EpochMs, epochMs } from "../../shared/domain/mod.ts";
import { Connection } from "../../shared/store/sqlite/connection.ts";
import type { Clock } from "../../shared/time/mod.ts";

/** A clock that advances by each sleep, in whole milliseconds, and by the durations that the test gives. */
class WorkClock implements Clock {
  readonly slept: number[] = [];
  /** Called at the beginning of each sleep. */
  onSleep: () => void = () => {};
  #ms = 0;

  now(): EpochMs {
    return epochMs(Math.floor(this.#ms));
  }

  monotonic(): number {
    return this.#ms;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.onSleep();
    this.#ms += Math.ceil(ms);
    return Promise.resolve();
  }

  pass(ms: number): void {
    this.#ms += ms;
  }
}

/** A writer on a file of its own, and another process's connection to it. */
async function open() {
  const path = await Deno.makeTempFile({ prefix: "jobtrigger-writers-" });
  // Both answer at once when the other has the lock.
  const [own, other] = [new DatabaseSync(path, { timeout: 0 }), new DatabaseSync(path, { timeout: 0 })];
  own.exec("PRAGMA journal_mode = WAL; CREATE TABLE parts (ms REAL)");
  const clock = new WorkClock();
  const db = new Connection(own, { path, clock, busyTimeoutMs: 5_000 });
  /** A part of a transaction that takes `ms`; answers the number of its transaction, from 0. */
  const part = (ms: number): number => {
    db.run("INSERT INTO parts VALUES (:ms)", { ms });
    clock.pass(ms);
    return db.commits;
  };
  return {
    clock,
    db,
    part,
    /** Lets the other have the lock when the writer comes for it, until the writer first has to wait. */
    contend() {
      other.exec("BEGIN IMMEDIATE");
      clock.onSleep = () => {
        if (other.isTransaction) other.exec("COMMIT");
      };
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      other.close();
      await Deno.remove(path);
    },
  };
}

const sliced: readonly (readonly [name: string, parts: readonly number[], transactions: readonly number[]])[] = [
  ["parts that are over at once in one transaction", [0, 0, 0, 0], [0, 0, 0, 0]],
  ["no part begins when 5 ms are over", [2, 2, 2, 2, 2, 2, 2], [0, 0, 0, 1, 1, 1, 2]],
  ["one that ends with 5 ms is the last", [1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1, 1]],
  ["a part that takes longer has one to itself", [7, 7, 1, 7, 1], [0, 1, 2, 2, 3]],
  ["no part, no transaction", [], []],
];
for (const [name, parts, transactions] of sliced) {
  Deno.test(`writeEach() makes transactions short: ${name}`, async () => {
    await using opened = await open();
    const { db, part } = opened;
    assert.deepEqual(await db.writeEach(parts, part), transactions);
    assert.equal(db.commits, (transactions.at(-1) ?? -1) + 1);
    assert.deepEqual(db.all("SELECT ms FROM parts ORDER BY rowid").map(({ ms }) => ms), parts);
  });
}

Deno.test("a writer leaves the lock alone for a moment after each transaction while nobody else wants it", async () => {
  await using opened = await open();
  const { clock, db, part } = opened;
  await db.writeEach([6, 6, 6], part);
  await db.write(() => part(1));
  assert.deepEqual(clock.slept, [1, 1, 1]);
});

Deno.test("a writer leaves the lock alone for as long as it held it while others want it, and a second longer no more", async () => {
  await using opened = await open();
  const { clock, db, part, contend } = opened;
  contend();
  await db.writeEach([6, 9, 2, 2, 2, 0], part);
  const [retry = NaN, ...pauses] = clock.slept;
  assert.ok(retry >= 1 && retry <= 8, `it tried again after ${retry} ms`);
  assert.deepEqual(pauses, [6, 9, 6], "as long as each transaction took");
  clock.slept.length = 0;
  await db.write(() => clock.pass(0.25));
  await db.write(() => part(1));
  assert.deepEqual(clock.slept, [1, 1], "at least a moment");
  clock.pass(1000);
  clock.slept.length = 0;
  await db.writeEach([6, 6], part);
  assert.deepEqual(clock.slept, [1], "nobody wanted it for a second");
});

Deno.test("a writer that has not written for a while starts at once, and a heartbeat always does", async () => {
  await using opened = await open();
  const { clock, db, part } = opened;
  await db.write(() => part(6));
  await db.writeNow(() => part(1));
  assert.deepEqual(clock.slept, []);
  clock.pass(1);
  await db.write(() => part(1));
  assert.deepEqual(clock.slept, []);
});
