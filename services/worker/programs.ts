/**
 * The programs that start scripts: looked up in the worker's PATH, and checked before they are started.
 *
 * Only an absolute directory that nobody but its owner and group may write counts: a relative or empty one would mean
 * another directory for each script, and others could put their programs into an open one. Scripts get the same PATH.
 *
 * @module
 */
import { fileInfo, findWriter, isExecutable, parseHead, readHead } from "@jobtrigger/shared/scripts";
import { basename, isAbsolute, join } from "node:path";
import { checkElf, isElf } from "./execute/mod.ts";

/** Where programs are looked for when the worker has no PATH. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

const HEAD_BYTES = 4_096;

/** How many interpreters may be scripts of another interpreter, as in Linux. */
const MAX_DEPTH = 4;

/** Whether the scripts' user may search a directory for programs. */
type MaySearch = (directory: string) => Promise<boolean>;

/** The programs of this machine. */
export class Programs {
  /** Programs that passed the check, each with the file's identity and times at the check. */
  readonly #good = new Map<string, string>();
  readonly #directories: readonly string[];
  /** The PATH of scripts. */
  readonly path: string;
  /** The directories of the worker's PATH that are not used, each with the reason. */
  readonly ignored: readonly string[];

  /** Reads a PATH. */
  static async of(path: string | undefined, maySearch: MaySearch = () => Promise.resolve(true)): Promise<Programs> {
    if (Deno.build.os === "windows") return new Programs(path ?? "", [], []);
    const directories: string[] = [];
    const ignored: string[] = [];
    for (const directory of new Set((path || DEFAULT_PATH).split(":"))) {
      const why = await whyIgnored(directory, maySearch);
      if (why === null) directories.push(directory);
      else ignored.push(`${JSON.stringify(directory)} ${why}`);
    }
    const found = directories.length === 0 ? DEFAULT_PATH.split(":") : directories;
    return new Programs(found.join(":"), found, ignored);
  }

  private constructor(path: string, directories: readonly string[], ignored: readonly string[]) {
    this.path = path;
    this.#directories = directories;
    this.ignored = ignored;
  }

  /** Absolute path of a program that is on the PATH; null when there is none. On Windows the system looks itself. */
  async find(name: string): Promise<string | null> {
    if (Deno.build.os === "windows") return name;
    for (const directory of this.#directories) {
      const path = join(directory, name);
      const info = await fileInfo(path);
      if (info?.isFile && isExecutable(info.mode)) return path;
    }
    return null;
  }

  /**
   * Why a program cannot be executed, as the end of a sentence such as "is not there"; null: no reason found. `depth` counts
   * the interpreters between it and the script.
   */
  async check(path: string, depth = 0): Promise<string | null> {
    if (Deno.build.os === "windows") return null;
    const info = await fileInfo(path);
    if (info === null) return "is not there, or may not be looked at";
    if (info.isDirectory) return "is a directory";
    if (!info.isFile) return "is not a regular file";
    if (!isExecutable(info.mode)) return "is not executable";
    const { dev, ino, size, mtime, ctime } = info;
    const state = [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
    if (this.#good.get(path) === state) return null;
    const bytes = await readHead(path, HEAD_BYTES);
    // A file may be executable but not readable; then its first bytes stay unchecked.
    const why = bytes === null ? null : await this.#checkHead(bytes, size, depth);
    if (why === null) this.#good.set(path, state);
    return why;
  }

  /**
   * Why `env` could not start its program, as the end of a sentence; null: it can, or the argument has options or quotes that
   * this does not read. `argument` is all that follows `/usr/bin/env` in a first line.
   */
  async checkEnv(argument: string | null): Promise<string | null> {
    const split = /^(?:-[a-zA-Z]*S|--split-string[= ])\s*(.*)$/.exec(argument ?? "")?.[1];
    const words = split?.split(/\s+/) ?? [argument ?? ""];
    const name = words.find((word) => !/^\w+=/.test(word)) ?? "";
    if (name === "") return "names no program after env, which would start the script by itself for ever";
    const leading = words.slice(0, words.indexOf(name) + 1);
    if (leading.some((word) => /["'\\$]|^-|^PATH=/.test(word))) return null;
    if (name.includes("/")) {
      const why = isAbsolute(name) ? await this.check(name) : null;
      return why === null ? null : `names the program ${name}, which ${why}`;
    }
    const found = await this.find(name);
    if (found !== null) return await this.check(found);
    const hint = /\s/.test(name) ? "; write #!/usr/bin/env -S in front of a program with arguments" : "";
    return `names the program ${JSON.stringify(name)}, which is not on the worker's PATH, ${this.path}${hint}`;
  }

  async #checkHead(bytes: Uint8Array, size: number, depth: number): Promise<string | null> {
    const head = parseHead(bytes);
    switch (head.kind) {
      case "line": {
        const why = depth >= MAX_DEPTH ? "is one interpreter too many" : await this.check(head.interpreter, depth + 1);
        return why === null ? null : `is itself a script, whose interpreter ${head.interpreter} ${why}`;
      }
      case "program": {
        if (!isElf(bytes)) return null;
        const program = checkElf(bytes, size);
        if (program === null || typeof program === "string") return program;
        return await fileInfo(program.loader) === null
          ? `is a program that needs the loader ${program.loader}, which is not on this machine`
          : null;
      }
      case "broken":
      case "neither":
        return `cannot be executed: ${head.why}`;
    }
  }
}

/** Whether a first line starts `env`, which looks for a program itself. */
export function isEnv(interpreter: string): boolean {
  return basename(interpreter) === "env";
}

async function whyIgnored(directory: string, maySearch: MaySearch): Promise<string | null> {
  if (!isAbsolute(directory)) return "is not an absolute path";
  const writer = await findWriter(directory);
  if (writer !== null) return `cannot be trusted: ${writer}`;
  return await fileInfo(directory) === null || await maySearch(directory)
    ? null
    : "may not be searched by the scripts' user";
}
