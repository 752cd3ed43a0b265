/** Whether this machine has python3. Where CI says so it must, and tests that need it fail without. */
export const hasPython: boolean = Deno.env.get("CI") !== undefined ||
  (await new Deno.Command("sh", { args: ["-c", "command -v python3"], stdout: "null" }).output()).success;

/** Registers a test that runs python3; where there is none, its name says that it is skipped. */
export function pythonTest(name: string, run: () => Promise<void>): void {
  if (hasPython) Deno.test(name, run);
  else Deno.test({ name: `${name} (skipped: no python3 here)`, ignore: !hasPython, fn: run });
}
