import assert from "node:assert/strict";
import benchJson from "../../bench/deno.json" with { type: "json" };
import denoJson from "../../deno.json" with { type: "json" };
import { compileArguments, NEVER_LOADED, pathsNeverLoaded, PROGRAMS } from "../../tools/compile.ts";
import testsJson from "../deno.json" with { type: "json" };

/** Packages that only tests and benchmarks need. */
const OTHERS = [...Object.keys(testsJson.imports), ...Object.keys(benchJson.imports)];

/** The parts of the project that an installation needs. */
const INSTALLED = ["app", "cli", "services", "shared", "deno.json", "deno.lock"];

const MB = 1_000_000;

/** Runs Deno, and answers its output on both streams. @throws when it fails. */
async function deno(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
  }).output();
  const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, 0, printed);
  return printed;
}

/** A temporary directory. */
async function workplace(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "jobtrigger-install-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The bytes of all files below a directory. */
async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory, isFile } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) bytes += await sizeOf(path);
    else if (isFile) bytes += (await Deno.lstat(path)).size;
  }
  return bytes;
}

/** The versions of packages that a lock file names. */
async function versionsIn(lock: string): Promise<ReadonlySet<string>> {
  const { npm }: { npm: Readonly<Record<string, unknown>> } = JSON.parse(await Deno.readTextFile(lock));
  return new Set(Object.keys(npm));
}

Deno.test("an installation without tests/ and bench/ is small, keeps the lock's versions, and starts without a lock", async () => {
  await using place = await workplace();
  const cp = await new Deno.Command("cp", { args: ["-r", ...INSTALLED, place.path] }).output();
  assert.ok(cp.success);
  const before = await versionsIn("deno.lock");
  await deno(["install", "--quiet"], place.path);

  const size = await sizeOf(`${place.path}/node_modules`);
  assert.ok(size < 30 * MB, `node_modules takes ${size} bytes`);
  const packages = Array.from(Deno.readDirSync(`${place.path}/node_modules/.deno`), ({ name }) => name);
  for (const other of OTHERS) {
    const found = packages.filter((name) => name.startsWith(`${other.replace("/", "+")}@`));
    assert.deepEqual(found, [], `${other} is installed`);
  }
  for (const version of await versionsIn(`${place.path}/deno.lock`)) {
    assert.ok(before.has(version), `${version} is not what deno.lock says`);
  }

  await Deno.remove(`${place.path}/deno.lock`);
  const env = { DATABASE_URL: `sqlite:///${place.path}/jobs.db` };
  await deno(["task", "--quiet", "migrate"], place.path, env);
  await deno(["task", "--quiet", "jobctl", "jobs", "list"], place.path, env);
  await assert.rejects(Deno.stat(`${place.path}/deno.lock`), Deno.errors.NotFound);
});

Deno.test("the web as one binary embeds less than 20 MB, and nothing that only tests and benchmarks need", async () => {
  await using place = await workplace();
  // The web has the most dependencies. The other binaries leave out the same by the same flags.
  const args = compileArguments("web", `${place.path}/web`, await pathsNeverLoaded());
  // Deno would download the program before the embedded files; any program serves here.
  const printed = await deno(args, Deno.cwd(), { DENORT_BIN: Deno.execPath() });
  const files = /^Files: ([\d.]+)MB$/m.exec(printed)?.[1] ?? assert.fail(printed);
  // Deno divides by 1024 twice.
  const size = Number(files) * 1024 * 1024;
  assert.ok(size < 20 * MB, `it embeds ${size} bytes`);
  const embedded = new Set(printed.split("\n").map((line) => /[├└][─┬ ]*([\w@.+-]+)/.exec(line)?.[1]));
  assert.ok(embedded.has("preact") && embedded.has("pg"), printed);
  for (const other of OTHERS) {
    for (const name of other.split("/")) assert.ok(!embedded.has(name), `${name} is embedded`);
  }
});

Deno.test("each binary has the permissions of its process, and no others", () => {
  for (const name of Object.keys(PROGRAMS)) {
    const args = compileArguments(name, "binary", []);
    assert.ok(name in denoJson.permissions && args.includes(`-P=${name}`), args.join(" "));
    assert.deepEqual(args.filter((each) => each.startsWith("--allow-")), []);
  }
});

/** The modules that importing `entry`, a file's URL, loads from the same package, by their relative imports. */
async function modulesOf(entry: string, found: Set<string> = new Set()): Promise<ReadonlySet<string>> {
  if (found.has(entry)) return found;
  found.add(entry);
  const text = await Deno.readTextFile(new URL(entry));
  for (const [, path] of text.matchAll(/(?:from|import|import\(|require\()\s*["'](\.[^"']+)["']/g)) {
    await modulesOf(new URL(path ?? "", entry).href, found);
  }
  return found;
}

for (const [name, folders] of Object.entries(NEVER_LOADED)) {
  Deno.test(`binaries leave no module of ${name} out that a program loads`, async () => {
    const modules = Array.from(await modulesOf(import.meta.resolve(name)));
    for (const folder of folders) {
      const loaded = modules.filter((each) => each.includes(`/node_modules/${name}/${folder}/`));
      assert.deepEqual(loaded, [], `a program loads modules in ${folder}`);
    }
  });
}
