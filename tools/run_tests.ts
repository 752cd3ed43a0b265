/**
 * Runs the doc examples and all tests, several files at a time, in a temporary directory of their own, and then checks that they left
 * nothing behind. Arguments go to `deno test`, for example a path or `--filter`.
 *
 * @module
 */
import { leftovers, workerCgroups } from "./leftovers.ts";

const TEST = ["test", "--quiet", "--allow-all", "--unstable-bundle"];

/** How many test files run side by side: more than two processors, because many tests wait for other processes. */
const JOBS = "3";

/** The files that take longest. They begin first, so that nobody waits for one of them at the end. */
const LONGEST = [
  "simulation/postgres_test.ts",
  "simulation/sqlite_test.ts",
  "fault/chaos_postgres_test.ts",
  "fault/chaos_sqlite_test.ts",
  "worker/hostile/worker_test.ts",
  "store/postgres_test.ts",
  "e2e/look_test.ts",
  "e2e/islands_test.ts",
  "e2e/live_rows_test.ts",
  "services/flood_test.ts",
  "worker/script_user_test.ts",
  "worker/hostile/storm_test.ts",
  "services/services_test.ts",
].map((file) => `tests/${file}`);

/** Runs the tests; answers whether they passed and left nothing behind. */
async function runTests(args: readonly string[]): Promise<boolean> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-test-" });
  // Tests run programs as other users, which put their files here too.
  await Deno.chmod(directory, 0o1777);
  try {
    const runs = args.length > 0
      ? [[...TEST, "--parallel", ...args]]
      // `deno task ok` has checked the types of all tests before.
      : [[...TEST, "--doc", "shared"], [...TEST, "--no-check", "--parallel", ...LONGEST, "tests"]];
    const cgroupsBefore = await workerCgroups();
    let hasPassed = true;
    for (const run of runs) hasPassed = await deno(run, directory) && hasPassed;
    const left = await leftovers(directory, cgroupsBefore);
    for (const what of left) console.error(`The tests left behind: ${what}`);
    return hasPassed && left.length === 0;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function deno(args: readonly string[], directory: string): Promise<boolean> {
  const env = { TMPDIR: directory, DENO_JOBS: JOBS };
  return (await new Deno.Command(Deno.execPath(), { args: [...args], env }).spawn().status).success;
}

if (import.meta.main && !await runTests(Deno.args)) Deno.exit(1);
