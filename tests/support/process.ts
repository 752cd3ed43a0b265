/**
 * The project's processes as people run them: with the command that `deno.json` has for them, permissions included, on a database
 * and script directory of their own.
 *
 * @module
 */
import type { Store } from "../../shared/store/mod.ts";
import { openTestStore, type SqliteTestStore, type TestStore } from "./store.ts";

/** How long something may take to come about before a test gives up, in milliseconds. */
const PATIENCE_MS = 120_000;

/** A task of `deno.json` that is one process. */
export type Task = "scheduler" | "worker" | "notifier" | "serve" | "jobctl" | "migrate";

/** A task that starts a service again when it dies. */
export type KeptTask = "start:scheduler" | "start:worker";

/** What follows `deno` in the command of a task, with `flags` before its module. */
export async function commandOf(task: Task, flags: readonly string[] = []): Promise<readonly string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  const [program, ...args]: string[] = tasks[task].command.split(" ");
  if (program !== "deno") throw new TypeError(`The task ${task} does not start with "deno": ${program}`);
  return [...args.slice(0, -1), ...flags, ...args.slice(-1)];
}

/** What of this process's environment others need to find their programs and packages. */
function machine(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "LANG", "TMPDIR"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** What a process that has ended said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a task to its end. */
export async function runTask(
  task: Task,
  { args = [], env = {}, flags = [] }: {
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** Of Deno itself. */
    readonly flags?: readonly string[];
  },
): Promise<Said> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...await commandOf(task, flags), ...args],
    env: { ...machine(), NO_COLOR: "1", ...env },
    clearEnv: true,
    stdin: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

function spawn(
  [program = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const command = new Deno.Command(program, {
    args,
    env: { ...machine(), NO_COLOR: "1", LOG_FORMAT: "text", ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  return command.spawn();
}

/** A service that runs. */
export class Service implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting: Set<() => void> = new Set();
  readonly #read: Promise<unknown>;
  readonly #isSession: boolean;
  #hasEnded = false;

  /** Starts a task as people do: `deno task` in a session of its own, and what it starts and starts again. */
  static keep(task: KeptTask, env: Readonly<Record<string, string>>): Promise<Service> {
    return Promise.resolve(
      new Service(spawn(["setsid", Deno.execPath(), "task", "--quiet", task], env), { isSession: true }),
    );
  }

  /**
   * Starts a task as a process; `through` is a command that becomes it, such as `setpriv` with its arguments, and `flags` are
   * Deno's own.
   */
  static async start(
    task: Task,
    env: Readonly<Record<string, string>>,
    through: readonly string[] = [],
    flags: readonly string[] = [],
  ): Promise<Service> {
    return new Service(spawn([...through, Deno.execPath(), ...await commandOf(task, flags)], env), {
      isSession: false,
    });
  }

  private constructor(child: Deno.ChildProcess, { isSession }: { readonly isSession: boolean }) {
    this.#child = child;
    this.#isSession = isSession;
    this.#read = Promise.all([this.#follow(child.stdout), this.#follow(child.stderr)]).then(() => {
      this.#hasEnded = true;
      this.#wake();
    });
  }

  /** All it has said so far, on both streams. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Resolves with the first line that matches. @throws {Error} when the process ends, or the patience is over, without it. */
  async line(pattern: RegExp): Promise<string> {
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.#wake();
    }, PATIENCE_MS);
    try {
      while (true) {
        const found = this.#lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        const why = this.#hasEnded ? "It ended" : isOver ? `${PATIENCE_MS / 1000} s have passed` : null;
        if (why !== null) throw new Error(`${why} without its saying ${pattern}:\n${this.#lines.join("\n")}`);
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Sends a signal, to all processes of its session where it has one. */
  kill(signal: Deno.Signal): void {
    if (this.#isSession) Deno.kill(-this.pid, signal);
    else this.#child.kill(signal);
  }

  /** Resolves when it has ended and all it said is read. */
  async ended(): Promise<Deno.CommandStatus> {
    await this.#read;
    return await this.#child.status;
  }

  /** Kills it, if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.ended();
  }

  async #follow(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A database, a script directory and the environment that names both. */
export interface Site extends TestStore {
  readonly env: Readonly<Record<string, string>>;
  /** Writes an executable bash script. */
  script(name: string, text: string): Promise<void>;
}

/** Opens an empty site on SQLite. */
export function openSite(env: Readonly<Record<string, string>> = {}): Promise<Site & SqliteTestStore> {
  return openSiteOn(openTestStore, env);
}

/** Opens an empty site on a database that `open` opens, one of `DATABASES` for instance. */
export async function openSiteOn<Database extends TestStore>(
  open: () => Promise<Database>,
  env: Readonly<Record<string, string>> = {},
): Promise<Site & Database> {
  const database = await open();
  const scripts = await Deno.makeTempDir({ prefix: "jobtrigger-scripts-" });
  return {
    ...database,
    env: { DATABASE_URL: database.url, SCRIPTS_DIR: scripts, ...env },
    script: (name, text) => Deno.writeTextFile(`${scripts}/${name}`, `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 }),
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await Deno.remove(scripts, { recursive: true });
    },
  };
}

/** Looks again with every change of the database until there is something to see. */
export async function eventually<Found>(
  { changes }: Pick<Store, "changes">,
  look: () => Promise<Found | null | undefined | false>,
): Promise<Found> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
  try {
    while (true) {
      const version = changes.version();
      const found = await look();
      if (found !== null && found !== undefined && found !== false) return found;
      if (giveUp.signal.aborted) throw new Error(`It did not come about within ${PATIENCE_MS / 1000} s`);
      await changes.after(version, giveUp.signal);
    }
  } finally {
    clearTimeout(timer);
  }
}
