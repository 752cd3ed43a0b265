/**
 * Runs the doc examples and all tests, several files at a time, in a temporary directory of their own, and then checks that they left
 * nothing behind. Arguments go to `deno test`, for example a path or `--filter`.
 *
 * @module
 */
import { join } from "node:path";
import { writeExamples } from "./doc_examples.ts";
import { leftovers, workerCgroups } from "./leftovers.ts";
import { groupsOf, testFiles, writeGroups } from "./test_groups.ts";

const TEST = ["test", "--quiet", "--allow-all", "--unstable-bundle"];

/** How many groups of test files run side by side: more than two processors, because many tests wait for other processes. */
const JOBS = "3";

/** The files that take longest. They run by themselves and begin first, so that nobody waits for one of them at the end. */
const LONGEST = [
  "simulation/postgres_test.ts",
  "simulation/sqlite_test.ts",
  "fault/pooler_test.ts",
  "store/postgres_test.ts",
  "e2e/look_test.ts",
  "fault/chaos_postgres_test.ts",
  "fault/chaos_sqlite_test.ts",
  "worker/hostile/worker_test.ts",
  "e2e/islands_test.ts",
  "e2e/live_rows_test.ts",
  "services/flood_test.ts",
  "worker/script_user_test.ts",
  "worker/hostile/storm_test.ts",
  "services/services_test.ts",
  "worker/stored_output_test.ts",
  "fault/reconnect_test.ts",
].map((file) => join("tests", file));

/** Runs the tests; answers whether they passed and left nothing behind. */
async function runTests(args: readonly string[]): Promise<boolean> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-test-" });
  // Tests run programs as other users, which put their files here too.
  await Deno.chmod(directory, 0o1777);
  try {
    const cgroupsBefore = await workerCgroups();
    const hasPassed = args.length > 0
      ? await deno([...TEST, "--parallel", ...args], directory)
      : await runAll(directory);
    const left = await leftovers(directory, cgroupsBefore);
    for (const what of left) console.error(`The tests left behind: ${what}`);
    return hasPassed && left.length === 0;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Runs the doc examples and all tests; answers whether they passed. */
async function runAll(directory: string): Promise<boolean> {
  const groups = join(directory, "groups");
  await Deno.mkdir(groups);
  const examples = join(groups, "examples_test.ts");
  await writeExamples("shared", examples);
  const paths = await writeGroups(groupsOf(await testFiles("tests"), LONGEST), groups);
  // `deno task ok` checks the types of all tests and examples beside them.
  const hasPassed = await deno([...TEST, "--no-check", "--parallel", ...paths, examples], directory);
  await Deno.remove(groups, { recursive: true });
  return hasPassed;
}

async function deno(args: readonly string[], directory: string): Promise<boolean> {
  const env = { TMPDIR: directory, DENO_JOBS: JOBS };
  return (await new Deno.Command(Deno.execPath(), { args: [...args], env }).spawn().status).success;
}

if (import.meta.main && !await runTests(Deno.args)) Deno.exit(1);
