import assert from "node:assert/strict";
import { closeStore } from "../../services/service.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { openTestStore } from "../support/store.ts";
import { HandClock } from "../worker/execute/support.ts";

Deno.test("a process that ends waits five seconds for a store that does not close, and no longer", async () => {
  const clock = new HandClock();
  let isOver = false;
  const closing = closeStore({ close: () => new Promise(() => {}) }, clock).then(() => isOver = true);
  clock.pass(4_999);
  await Promise.resolve();
  assert.equal(isOver, false);
  clock.pass(1);
  await closing;
});

Deno.test("a process that ends closes its store, and leaves no timer", async () => {
  await using test = await openTestStore();
  await closeStore(test.store, systemClock);
  await assert.rejects(test.store.runs.list({ limit: 1 }));
});
