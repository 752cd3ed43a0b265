/**
 * Makes one binary of each process in `dist/`: `compile.ts [NAME …]`, all of them without a name. Deno embeds the packages that a program
 * imports, each whole; sources and builds for other loaders, which no program loads, are left out here.
 *
 * @module
 */

/** What goes into a binary besides the modules that its entry point imports. */
interface Program {
  readonly entry: string;
  /** Files and folders that it reads, and modules that it starts as threads. */
  readonly include?: readonly string[];
  readonly flags?: readonly string[];
}

const NOTIFY_THREAD = "shared/systemd/notify_thread.ts";

/** Each process, by the name of its permissions in `deno.json`. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  scheduler: { entry: "services/scheduler.ts", include: [NOTIFY_THREAD] },
  worker: { entry: "services/worker.ts", include: [NOTIFY_THREAD] },
  notifier: { entry: "services/notifier.ts", include: [NOTIFY_THREAD] },
  web: {
    entry: "app/serve.ts",
    include: ["_fresh", "app/server/access/oidc/provider_thread.ts", NOTIFY_THREAD],
    flags: ["--v8-flags=--max-semi-space-size=4"],
  },
  jobctl: { entry: "cli/jobctl.ts" },
};

/** Folders of packages from which no program loads a module. A test compares them with the modules that are loaded. */
export const NEVER_LOADED: Readonly<Record<string, readonly string[]>> = {
  luxon: ["src", "build/amd", "build/cjs-browser", "build/global", "build/node"],
  zod: ["src"],
};

/** The folder in which Deno keeps npm packages: one folder for each registry, and in it `NAME/VERSION`. */
async function packagesFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], stderr: "inherit" }).output();
  const { npmCache }: { npmCache: string } = JSON.parse(new TextDecoder().decode(stdout));
  return npmCache;
}

/** The packages that the lock file names, as `NAME@VERSION`. */
async function lockedPackages(): Promise<readonly string[]> {
  const { npm }: { npm: Readonly<Record<string, unknown>> } = JSON.parse(await Deno.readTextFile("deno.lock"));
  return Object.keys(npm);
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

/** The paths of {@link NEVER_LOADED} on this machine. @throws Error if a package lacks one of its folders. */
export async function pathsNeverLoaded(): Promise<readonly string[]> {
  const cache = await packagesFolder();
  const registries = Array.from(Deno.readDirSync(cache)).filter(({ isDirectory }) => isDirectory);
  const locked = await lockedPackages();
  const paths: string[] = [];
  for (const [name, folders] of Object.entries(NEVER_LOADED)) {
    const versions = locked.filter((each) => each.startsWith(`${name}@`));
    for (const version of versions.map((each) => each.slice(name.length + 1))) {
      for (const folder of folders) {
        const places = registries.map((registry) => `${cache}/${registry.name}/${name}/${version}/${folder}`);
        const found = await Promise.all(places.map(isFolder));
        if (!found.includes(true)) throw new Error(`Cannot leave ${folder} of ${name} ${version} out: no such folder`);
        paths.push(...places.filter((_, index) => found[index]));
      }
    }
  }
  return paths;
}

/** The arguments for Deno that make `output` of a program. `excluded` are paths of {@link pathsNeverLoaded}. */
export function compileArguments(name: string, output: string, excluded: readonly string[]): readonly string[] {
  const { entry, include = [], flags = [] } = PROGRAMS[name] ?? {};
  if (entry === undefined) {
    throw new RangeError(`Cannot compile "${name}": expected ${Object.keys(PROGRAMS).join(", ")}`);
  }
  return [
    "compile",
    "--no-check",
    "--no-prompt",
    "--frozen",
    "--node-modules-dir=none",
    "--exclude-unused-npm",
    `-P=${name}`,
    ...flags,
    ...include.flatMap((path) => ["--include", path]),
    ...excluded.flatMap((path) => ["--exclude", path]),
    "--output",
    output,
    entry,
  ];
}

if (import.meta.main) {
  const names = Deno.args.length > 0 ? Deno.args : Object.keys(PROGRAMS);
  const excluded = await pathsNeverLoaded();
  for (const name of names) {
    const args = [...compileArguments(name, `dist/jtp-${name}`, excluded)];
    args.splice(1, 0, "--quiet");
    const { success } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
    if (!success) Deno.exit(1);
  }
}
