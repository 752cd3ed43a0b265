/**
 * Loaded into a process of the project before its own module (`--preload`), this tries what a bug or an attacker inside the
 * process would try, and prints as JSON which attempts worked. Attempts that the machine fails for other reasons than a missing
 * permission count as worked.
 *
 * @module
 */
import { backup, DatabaseSync } from "node:sqlite";

/** The targets of a probe. A successful attempt harms nothing that the project or the machine uses. */
export interface Ground {
  /** A directory that only the test uses, with a link `code` to the project's `services/`. */
  readonly directory: string;
  /** A directory of scripts. */
  readonly scripts: string;
  /** The project's root. */
  readonly root: string;
}

/** The beginning of an attempt's line. */
export const WORKED = "the probe's attempts that worked: ";

type Attempts = Readonly<Record<string, () => unknown>>;

/** Attempts that end at once. */
function attempts({ directory, scripts, root }: Ground): Attempts {
  const write = (path: string) => () => Deno.openSync(path, { write: true, create: true }).close();
  return {
    run: () => new Deno.Command("true").outputSync(),
    signal: () => Deno.kill(1, "SIGCONT"),
    loadLibrary: () => Deno.dlopen("libnowhere.so", {}),
    loadSqliteExtension: () => new DatabaseSync(":memory:", { allowExtension: true }).loadExtension("nowhere.so"),
    listenHere: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
    listenEverywhere: () => Deno.listen({ hostname: "0.0.0.0", port: 0 }).close(),
    listenEverywhereOnIpv6: () => Deno.listen({ hostname: "::", port: 0 }).close(),
    writeNodeModules: write(`${root}/node_modules/probe`),
    writeServices: write(`${root}/services/probe`),
    writeServicesThroughALink: write(`${directory}/code/probe`),
    writeBuild: write(`${root}/_fresh/probe`),
    writeSettings: () => Deno.openSync(`${root}/deno.json`, { write: true }).close(),
    writeScript: write(`${scripts}/probe.sh`),
    writeSshKeys: write(`${directory}/.ssh/authorized_keys`),
    // Changes nothing where it works, even as root.
    writeCrontabs: () => Deno.chmodSync("/etc/cron.d", 0o755),
    writeTemporaryFile: () => Deno.removeSync(Deno.makeTempFileSync()),
    link: () => Deno.symlinkSync(`${root}/services`, `${directory}/another`),
    renameScript: () => Deno.renameSync(`${scripts}/probe.sh`, `${scripts}/other.sh`),
    attachDatabase: () => new DatabaseSync(":memory:").exec(`ATTACH '${scripts}/attached.sh' AS other`),
    vacuumInto: () => new DatabaseSync(":memory:").exec(`VACUUM INTO '${scripts}/vacuumed.sh'`),
    readForeignFile: () => Deno.readTextFileSync("/etc/hostname"),
    readTestsFile: () => Deno.readTextFileSync(`${directory}/.ssh/known_hosts`),
    readEnvironment: () => Deno.env.toObject(),
    readOneVariable: () => Deno.env.get("AWS_SECRET_ACCESS_KEY"),
    setLibraryPath: () => Deno.env.set("LD_PRELOAD", "nowhere.so"),
    readUserId: () => Deno.uid(),
    readMemory: () => Deno.systemMemoryInfo(),
  };
}

/** Attempts that end later: a process that is about to end cannot make them. */
function laterAttempts({ directory, scripts }: Ground): Attempts {
  return {
    connect: () => Deno.connect({ hostname: "nowhere.invalid", port: 80 }),
    fetch: () => fetch("http://nowhere.invalid/"),
    backUpIntoScripts: () => backup(new DatabaseSync(":memory:"), `${scripts}/backup.sh`),
    importRemoteCode: () => import(`https://deno.land/x/${directory.length}.ts`),
    importNewPackage: () => import(`npm:is-odd@3.0.${directory.length % 2}`),
    writeScriptFromThread: () => inThread(`Deno.writeTextFileSync(${JSON.stringify(`${scripts}/thread.sh`)}, "")`),
    runFromThread: () => inThread(`new Deno.Command("true").outputSync()`),
  };
}

/** Tries everything when the process gets SIGUSR2, and what ends at once when it ends. */
export function watch(ground: Ground): void {
  const print = (names: readonly (string | null)[]) => {
    console.log(WORKED + JSON.stringify(names.filter((name) => name !== null)));
  };
  Deno.addSignalListener("SIGUSR2", async () => {
    const tried = { ...attempts(ground), ...laterAttempts(ground) };
    print(
      await Promise.all(
        Object.entries(tried).map(async ([name, attempt]) => {
          try {
            await attempt();
            return name;
          } catch (error) {
            return isRefusal(error) ? null : name;
          }
        }),
      ),
    );
  });
  addEventListener("unload", () => {
    print(
      Object.entries(attempts(ground)).map(([name, attempt]) => {
        try {
          attempt();
          return name;
        } catch (error) {
          return isRefusal(error) ? null : name;
        }
      }),
    );
  });
}

/** What Deno says where it was started so that it does not do such a thing, whatever the permissions are. */
const REFUSALS = /NotCapable|max 0|--no-remote is specified|Could not find a matching package/;

function isRefusal(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable || error instanceof Error && REFUSALS.test(error.message);
}

function inThread(code: string): Promise<void> {
  const reporting = `try { ${code}; postMessage(""); } catch (error) { postMessage(error.name); }`;
  const thread = new Worker(`data:text/javascript,${encodeURIComponent(reporting)}`, { type: "module" });
  return new Promise((resolve, reject) => {
    thread.onmessage = ({ data }) => {
      thread.terminate();
      if (data === "") resolve();
      else reject(new Error(String(data)));
    };
  });
}
