import assert from "node:assert/strict";
import { Deadline } from "../../app/server/edge/deadline.ts";

/** A deadline, when it was made, and the instant at which it passes. */
function watched(): { readonly deadline: Deadline; readonly since: number; readonly passed: Promise<number> } {
  const { promise: passed, resolve } = Promise.withResolvers<number>();
  return { deadline: new Deadline(() => resolve(performance.now())), since: performance.now(), passed };
}

Deno.test("a deadline that is moved to a later instant passes at that one", async () => {
  const { deadline, since, passed } = watched();
  deadline.set(5);
  deadline.set(40);
  assert.ok(await passed - since >= 40);
});

Deno.test("a deadline that is moved to an earlier instant passes at that one", async () => {
  const { deadline, since, passed } = watched();
  deadline.set(3_600_000);
  deadline.set(5);
  assert.ok(await passed - since < 3_600_000);
});

Deno.test("a deadline that was taken away does not pass, and can be set again", async () => {
  const { deadline, since, passed } = watched();
  deadline.set(5);
  deadline.set(null);
  const later = watched();
  later.deadline.set(20);
  await later.passed;
  deadline.set(20);
  assert.ok(await passed - since >= 40);
});

Deno.test("a deadline that was disposed of leaves no timer", () => {
  using deadline = watched().deadline;
  deadline.set(3_600_000);
});
