import assert from "node:assert/strict";
import { Kept } from "../../app/server/kept.ts";

/** A clock and a database that stand still until they are moved. */
function given() {
  const state = { now: 0, version: 1, made: 0 };
  const kept = new Kept<number>({ version: () => state.version }, { monotonic: () => state.now });
  const read = (tookMs: number, question = "q") =>
    kept.read(question, () => {
      state.now += tookMs;
      return Promise.resolve(++state.made);
    });
  return { state, read };
}

Deno.test("an answer that took 20 ms serves a second although the database changes, and no longer", async () => {
  const { state, read } = given();
  assert.equal(await read(20), 1);
  state.version += 1;
  state.now = 999;
  assert.equal(await read(20), 1);
  state.now = 1000;
  assert.equal(await read(20), 2);
});

Deno.test("an answer serves ten seconds while nothing changes, and only its own question", async () => {
  const { state, read } = given();
  assert.equal(await read(20), 1);
  assert.equal(await read(20, "other"), 2);
  state.now = 9_999;
  assert.equal(await read(20), 1);
  state.now = 10_000;
  assert.equal(await read(20), 3);
});

Deno.test("an answer that was made at once is made anew each time, and one that failed is forgotten", async () => {
  const { read } = given();
  assert.equal(await read(1), 1);
  assert.equal(await read(1), 2);
  const kept = new Kept<number>({ version: () => 1 }, { monotonic: () => 0 });
  await assert.rejects(kept.read("q", () => Promise.reject(new Error("away"))), /away/);
  assert.equal(await kept.read("q", () => Promise.resolve(7)), 7);
});
