import assert from "node:assert/strict";
import { BoundedWarnings } from "../../app/server/bounded_warnings.ts";
import { epochMs } from "../../shared/domain/mod.ts";

/** Warnings whose span ends when the test says so, and the lines that they wrote. */
function given() {
  const lines: string[] = [];
  let endSpan = () => {};
  const clock = {
    now: () => epochMs(0),
    monotonic: () => 0,
    sleep: () => new Promise<void>((resolve) => endSpan = resolve),
  };
  const say = (message: string, { left }: Record<string, unknown>) =>
    void lines.push(message.replace("{left}", `${left}`));
  const log = { info: say, warn: say, error: say };
  const warnings = new BoundedWarnings(log, clock, new AbortController().signal);
  return {
    lines,
    warn: (count: number) => {
      for (let i = 0; i < count; i++) warnings.warn("refused", {});
    },
    endSpan: async () => {
      endSpan();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

Deno.test("of many warnings within a span 20 are written, and then how many more there were", async () => {
  const { lines, warn, endSpan } = given();
  warn(23);
  assert.deepEqual(lines, Array.from({ length: 20 }, () => "refused"));
  await endSpan();
  assert.deepEqual(lines.slice(20), ["3 more requests of the last {seconds} s were refused or failed"]);
});

Deno.test("each span counts anew, and one with few warnings needs no further line", async () => {
  const { lines, warn, endSpan } = given();
  for (let span = 0; span < 2; span++) {
    warn(20);
    await endSpan();
  }
  assert.deepEqual(lines, Array.from({ length: 40 }, () => "refused"));
});
