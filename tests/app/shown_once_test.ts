import assert from "node:assert/strict";
import { ShownOnce } from "../../app/server/shown_once.ts";
import { type Actor, userId } from "../../shared/domain/mod.ts";

const ALICE: Actor = { kind: "user", userId: userId(1), name: "alice" };
const BOB: Actor = { kind: "user", userId: userId(2), name: "bob" };

function given() {
  const state = { now: 0 };
  return { state, shown: new ShownOnce({ monotonic: () => state.now }) };
}

Deno.test("a secret is shown once, to whom it belongs", () => {
  const { shown } = given();
  const key = shown.keep(ALICE, "secret");
  assert.equal(shown.take(BOB, key), null);
  assert.equal(shown.take(null, key), null);
  assert.equal(shown.take(ALICE, "another key"), null);
  assert.equal(shown.take(ALICE, key), "secret");
  assert.equal(shown.take(ALICE, key), null);
});

Deno.test("a secret waits for a minute", () => {
  const { shown, state } = given();
  const [first, second] = [shown.keep(ALICE, "first"), shown.keep(ALICE, "second")];
  state.now = 59_999;
  assert.equal(shown.take(ALICE, first), "first");
  state.now = 60_000;
  assert.equal(shown.take(ALICE, second), null);
});

Deno.test("of more than 1,000 secrets the oldest is forgotten", () => {
  const { shown } = given();
  const keys = Array.from({ length: 1001 }, (_, i) => shown.keep(ALICE, `secret ${i}`));
  assert.deepEqual([0, 1, 1000].map((i) => shown.take(ALICE, keys[i] ?? null)), [null, "secret 1", "secret 1000"]);
});
