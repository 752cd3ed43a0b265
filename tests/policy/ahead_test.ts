import assert from "node:assert/strict";
import { epochMs } from "../../shared/domain/mod.ts";
import { pastOf } from "../../shared/policy/ahead.ts";
import { jobOf } from "./_due.ts";

const at = (seconds: number) => epochMs(seconds * 1000);
const MINUTELY = "every 1m";
/** Ten minutes that were skipped. */
const ENTRY = { reason: "missed", firstAt: at(60), lastAt: at(600), count: 10 } as const;

Deno.test("of a ledger entry that begins in the past and ends ahead, what is past stays, counted", () => {
  assert.deepEqual(pastOf(ENTRY, jobOf(MINUTELY), at(200)), { ...ENTRY, lastAt: at(180), count: 3 });
});

Deno.test("a ledger entry is counted also where the job was changed since, but not its schedule", () => {
  const paused = { ...jobOf(MINUTELY), updatedAt: at(620) };
  assert.deepEqual(pastOf(ENTRY, paused, at(200)), { ...ENTRY, lastAt: at(180), count: 3 });
});

Deno.test("where the schedule was changed since, only the first occurrence of a ledger entry is known", () => {
  const edited = { ...jobOf("every 7s"), updatedAt: at(620) };
  assert.deepEqual(pastOf(ENTRY, edited, at(200)), { ...ENTRY, lastAt: at(60), count: 1 });
});

Deno.test("a ledger entry stays whole when all of it is past, and goes when none is", () => {
  assert.deepEqual(pastOf(ENTRY, jobOf(MINUTELY), at(600)), ENTRY);
  assert.equal(pastOf(ENTRY, jobOf(MINUTELY), at(59)), null);
});
