#!/usr/bin/env -S deno run
/**
 * A sample job: one line of progress a second, in colour.
 *
 *   test_job.ts [SECONDS] [EXIT_CODE]    how long it takes (default 5), how it ends (default 0)
 *
 * It gets no permissions from the worker, and needs none.
 *
 * @module
 */

/** Reads a whole number from 0 to `max`; says what was wrong and ends with code 2 when it is none. */
function wholeNumber(name: string, text: string, max: number): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= max) return Number(text);
  console.error(`test_job.ts: ${name} is "${text}", expected a whole number from 0 to ${max}`);
  Deno.exit(2);
}

const seconds = wholeNumber("SECONDS", Deno.args[0] ?? "5", 99_999);
const exitCode = wholeNumber("EXIT_CODE", Deno.args[1] ?? "0", 255);

for (let second = 1; second <= seconds; second++) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  console.log(`\x1b[36mStep ${second} of ${seconds}\x1b[0m ${Math.floor((100 * second) / seconds)} %`);
}
if (exitCode === 0) console.log("\x1b[32mDone\x1b[0m");
else console.error(`\x1b[31mEnding with code ${exitCode}, as asked\x1b[0m`);
Deno.exit(exitCode);
