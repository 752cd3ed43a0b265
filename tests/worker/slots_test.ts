import assert from "node:assert/strict";
import { Slots } from "../../services/worker/slots.ts";

/** Slots of a worker whose scripts take `durationMs`. */
function slotsOf(count: number, durationMs: number): Slots {
  const slots = new Slots(count);
  slots.take();
  slots.release(durationMs);
  return slots;
}

Deno.test("a worker of slow scripts claims for its free slots and nothing ahead", () => {
  const slots = slotsOf(4, 60_000);
  slots.take();
  assert.equal(slots.wanted({ waiting: 0, held: 1 }), 3);
  assert.equal(slots.wanted({ waiting: 2, held: 1 }), 1);
  assert.equal(slots.wanted({ waiting: 3, held: 1 }), 0);
});

Deno.test("a worker with short scripts claims the work of a moment ahead", () => {
  const slots = slotsOf(4, 10);
  assert.equal(slots.wanted({ waiting: 0, held: 0 }), 24);
  assert.equal(slots.wanted({ waiting: 24, held: 0 }), 0);
});

Deno.test("of much that is claimed ahead, half is claimed while the other half runs", () => {
  const slots = slotsOf(4, 0);
  assert.equal(slots.wanted({ waiting: 0, held: 0 }), 500);
  assert.equal(slots.wanted({ waiting: 500, held: 0 }), 500);
  assert.equal(slots.wanted({ waiting: 505, held: 0 }), 0);
  assert.equal(slots.wanted({ waiting: 1000, held: 0 }), 0);
});

Deno.test("a free slot for which nothing waits is claimed for at once, however much is claimed ahead", () => {
  const slots = slotsOf(600, 10_000);
  assert.equal(slots.wanted({ waiting: 599, held: 0 }), 4);
});

Deno.test("a worker claims nothing while its reports pile up", () => {
  const slots = slotsOf(4, 0);
  assert.equal(slots.wanted({ waiting: 0, held: 2000 }), 0);
});
