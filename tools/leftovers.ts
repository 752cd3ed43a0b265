/**
 * Finds what a run of the tests left behind: processes, files, cgroups. A run has a temporary directory of its own: its files lie
 * in it, and its processes have it in their environment, in their arguments or as their working directory.
 *
 * @module
 */
import { join } from "node:path";

/** Files that the tests unpack or copy once for all of them, and their locks. */
const SHARED = new RegExp(
  [
    /^(?:chromium|fonts|al2023|locales|lib(?:EGL|GLESv2|vk_swiftshader|vulkan)\.so.*|vk_swiftshader_icd\.json)$/,
    /^jobtrigger-(?:browser|postgres|initdb|template)\.lock$/,
    /^jobtrigger-postgres-\d+\.[\w.-]+$/,
  ].map(({ source }) => source).join("|"),
);

/** How long processes that clean up after the tests may take to end, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * A sentence for each thing that the run in `directory` left behind. `cgroupsBefore` are the cgroups that existed when it began.
 * Processes and cgroups can be seen on Linux alone.
 */
export async function leftovers(
  directory: string,
  cgroupsBefore: readonly string[],
  { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {},
): Promise<readonly string[]> {
  const processes = await remaining(directory, patienceMs);
  const files = (await entries(directory)).filter((name) => !SHARED.test(name)).toSorted();
  const cgroups = (await workerCgroups()).filter((path) => !cgroupsBefore.includes(path));
  return [
    ...processes,
    ...files.map((name) => `file ${directory}/${name}`),
    ...cgroups.map((path) => `cgroup ${path}`),
  ];
}

/** The processes of the run that do not end by themselves within the patience. */
async function remaining(directory: string, patienceMs: number): Promise<readonly string[]> {
  const until = Date.now() + patienceMs;
  while (true) {
    const found = await processesOf(directory);
    if (found.length === 0 || Date.now() >= until) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function processesOf(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of await entries("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === Deno.pid) continue;
    const read = (file: string) => Deno.readTextFile(`/proc/${pid}/${file}`).catch(() => "");
    const [cmdline, environ, cwd] = await Promise.all([
      read("cmdline"),
      read("environ"),
      Deno.readLink(`/proc/${pid}/cwd`).catch(() => ""),
    ]);
    if (![cmdline, environ, cwd].some((text) => text.includes(directory))) continue;
    found.push(`process ${pid}: ${cmdline.replaceAll("\0", " ").trim().slice(0, 200)}`);
  }
  return found;
}

/** The directories of the cgroups that workers have made below the cgroup of this process. */
export async function workerCgroups(): Promise<readonly string[]> {
  const own = /^0::(\S+)$/m.exec(await Deno.readTextFile("/proc/self/cgroup").catch(() => ""))?.[1];
  if (own === undefined) return [];
  const parent = join("/sys/fs/cgroup", own);
  return (await entries(parent)).filter((name) => name.startsWith("jobtrigger-")).map((name) => join(parent, name));
}

async function entries(directory: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  } catch {
    return [];
  }
}
