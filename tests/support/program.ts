/** Whether this machine has a program. Where CI says so it must, and tests that need it fail without. */
async function hasProgram(program: string): Promise<boolean> {
  return Deno.env.get("CI") !== undefined ||
    (await new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).output()).success;
}

/** Registers a test that runs a program; where there is none, its name says that it is skipped. */
export async function programTest(program: string, name: string, run: () => Promise<void>): Promise<void> {
  const isThere = await hasProgram(program);
  Deno.test({ name: isThere ? name : `${name} (skipped: no ${program} here)`, ignore: !isThere, fn: run });
}
