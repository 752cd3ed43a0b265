import assert from "node:assert/strict";
import { Recently } from "../../app/server/access/recently.ts";

function given() {
  const state = { now: 0 };
  return { state, recently: new Recently({ monotonic: () => state.now }, 1000) };
}

Deno.test("a key that comes again and again stays recent; after a span without it, it is new", () => {
  const { recently, state } = given();
  const seen = [0, 999, 1998, 2998].map((at) => {
    state.now = at;
    return recently.has("key");
  });
  assert.deepEqual(seen, [false, true, true, false]);
});

Deno.test("a key that was forgotten is new", () => {
  const { recently } = given();
  recently.has("key");
  recently.forget("key");
  assert.equal(recently.has("key"), false);
});

Deno.test("of more than 10,000 keys the one that was seen longest ago is forgotten", () => {
  const { recently } = given();
  for (let i = 0; i < 10_000; i++) recently.has(`key ${i}`);
  assert.equal(recently.has("key 0"), true);
  recently.has("one more");
  assert.deepEqual([recently.has("key 0"), recently.has("key 1")], [true, false]);
});
