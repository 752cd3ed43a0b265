import assert from "node:assert/strict";
import {
  Conflict,
  dispatchId,
  epochMs,
  exitCodeOf,
  httpStatusOf,
  Invalid,
  jobId,
  NotFound,
  StoreUnavailable,
  VERSION,
  workerId,
} from "../../shared/domain/mod.ts";

Deno.test("the version is the published one", async () => {
  assert.equal(VERSION, JSON.parse(await Deno.readTextFile("shared/deno.json")).version);
});

Deno.test("an instant is whole milliseconds that a date can hold", () => {
  assert.equal(epochMs(8.64e15), 8.64e15);
  for (const value of [0.5, NaN, Infinity, 8.64e15 + 1]) assert.throws(() => epochMs(value), RangeError);
});

Deno.test("ids are positive whole numbers, a worker's a text", () => {
  for (const value of [0, -1, 1.5, NaN, 2 ** 53]) {
    assert.throws(() => jobId(value), /job id/);
    assert.throws(() => dispatchId(value), /run id/);
  }
  assert.throws(() => workerId(""), RangeError);
});

const answers: readonly (readonly [error: unknown, status: number, exit: number])[] = [
  [new Invalid([{ field: "name", message: "is missing" }]), 422, 2],
  [new NotFound("x"), 404, 5],
  [new Conflict("x"), 409, 6],
  [new StoreUnavailable("x"), 503, 1],
  [new TypeError("a defect"), 500, 1],
  ["thrown text", 500, 1],
];
for (const [error, status, exit] of answers) {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  Deno.test(`${name} is HTTP ${status} and exit code ${exit}`, () => {
    assert.deepEqual([httpStatusOf(error), exitCodeOf(error)], [status, exit]);
  });
}

Deno.test("an invalid input names all its problems", () => {
  const error = new Invalid([{ field: "name", message: "is missing" }, { field: "args", message: "too many" }]);
  assert.equal(error.message, "name: is missing; args: too many");
});
