/**
 * Runs tasks of `deno.json` side by side, each to its end, and fails if one of them fails: `side_by_side.ts TASK TASK`. Dependencies
 * of a task run side by side too, but the first failure kills the others, which then clean nothing up.
 *
 * @module
 */

/** Runs a task; answers whether it succeeded. */
async function run(task: string): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", task] }).spawn().status;
  if (!success) console.error(`The task ${task} failed`);
  return success;
}

if (import.meta.main) {
  const succeeded = await Promise.all(Deno.args.map(run));
  if (succeeded.includes(false)) Deno.exit(1);
}
