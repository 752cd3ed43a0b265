/**
 * Compares our queue with its peers, on one PostgreSQL and on SQLite; writes `bench/RESULTS.md`. `deno task bench:queue [ROUNDS]`.
 *
 * @module
 */
import type { Measured, Scenario } from "./queue/measure.ts";
import { report, type Result } from "./queue/report.ts";
import { type BenchServer, benchServer } from "./queue/server.ts";

const MEASURE = new URL("./queue/measure.ts", import.meta.url).pathname;
const SQLITE_LOAD = new URL("./sqlite_load.ts", import.meta.url).pathname;
const RESULTS = new URL("./RESULTS.md", import.meta.url);
const DEFAULT_ROUNDS = 3;

const CONTESTANTS = ["ours", "graphile-worker", "pg-boss", "bare"];
/** Contestants that keep finished jobs, which may slow them down. */
const WITH_HISTORY = ["ours", "pg-boss", "bare"];
const SCENARIOS: readonly Scenario[] = ["quiet", "idle", "snapshot", "dispatch"];

/** Runs one contestant in one scenario, in a process of its own. */
async function measure(contestant: string, scenario: Scenario, url: string): Promise<Result> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", MEASURE, contestant, scenario, url],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
  if (code !== 0) throw new Error(`${contestant}, ${scenario}: ${new TextDecoder().decode(stderr)}`);
  const measured: Measured = JSON.parse(text);
  const { enqueue, drain, dispatch } = measured;
  console.log(
    contestant,
    scenario,
    Object.entries({ enqueue, drain, dispatch }).map(([what, rate]) =>
      rate === undefined ? "" : `${what} ${Math.round(rate)}`
    ).join(" "),
  );
  return { contestant, scenario, measured };
}

async function roundOnPostgres(server: BenchServer, histories: ReadonlyMap<string, string>): Promise<Result[]> {
  const results: Result[] = [];
  for (const scenario of SCENARIOS) {
    for (const contestant of CONTESTANTS) {
      await using database = await server.createDatabase();
      results.push(await measure(contestant, scenario, database.url));
    }
  }
  for (const [contestant, url] of histories) results.push(await measure(contestant, "history", url));
  return results;
}

async function roundOnSqlite(): Promise<Result[]> {
  const results: Result[] = [];
  for (const scenario of ["quiet", "dispatch"] as const) {
    for (const contestant of ["ours-sqlite", "bare-sqlite"]) {
      const directory = await Deno.makeTempDir({ prefix: "jobtrigger-bench-" });
      results.push(await measure(contestant, scenario, `sqlite:///${directory}/jobs.db`));
      await Deno.remove(directory, { recursive: true });
    }
  }
  return results;
}

async function sqliteLoad(): Promise<readonly string[]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", SQLITE_LOAD],
    stdin: "null",
  }).output();
  if (code !== 0) throw new Error(`SQLite under load: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim().split("\n");
}

async function machine(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /model name\s*:\s*(.+)/.exec(info)?.[1] ?? Deno.build.arch;
  return `${navigator.hardwareConcurrency} × ${model}, ${
    Math.round(Deno.systemMemoryInfo().total / 2 ** 30)
  } GiB; ${Deno.build.os}`;
}

async function versions(): Promise<string> {
  const of = async (name: string) =>
    JSON.parse(await Deno.readTextFile(`node_modules/${name}/package.json`)).version as string;
  const packages = await Promise.all(
    ["graphile-worker", "pg-boss", "pg"].map(async (name) => `${name} ${await of(name)}`),
  );
  return `Deno ${Deno.version.deno}, ${packages.join(", ")}`;
}

const rounds = Number(Deno.args[0] ?? DEFAULT_ROUNDS);
await using server = await benchServer();
await using databases = new AsyncDisposableStack();
const histories = new Map<string, string>();
for (const contestant of WITH_HISTORY) {
  const database = databases.use(await server.createDatabase());
  await measure(contestant, "fill", database.url);
  histories.set(contestant, database.url);
}
const results: Result[] = [];
for (let round = 0; round < rounds; round++) {
  results.push(...await roundOnPostgres(server, histories), ...await roundOnSqlite());
}
const page = report(results, {
  date: new Date().toISOString().slice(0, 10),
  rounds,
  machine: await machine(),
  server: server.description,
  versions: await versions(),
  sqliteLoad: await sqliteLoad(),
});
await Deno.writeTextFile(RESULTS, page);
console.log(page);
