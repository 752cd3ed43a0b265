/**
 * Gives each run a cgroup of its own, so that no process of a run can hide from the worker: a child is born in its parent's
 * cgroup, and neither a new session nor a new environment takes it out. The worker sits in an unused cgroup, starts one
 * script there, and moves on to the next:
 *
 * ```
 *  cgroup of the service, where the worker was started
 *  └─ jobtrigger-…      the worker's directory, named after its process; its shells are here
 *     ├─ 0              run 17: its script and all that the script starts
 *     ├─ 1              run 18
 *     └─ 2              empty; the worker waits here for its next run
 * ```
 *
 * The worker moves right after each start, ahead of the next, because a move may take 20 ms. An empty cgroup is used again.
 * No controller is on, so nothing is limited or accounted.
 *
 * It needs cgroups of version 2, and root or a subtree of the worker's user (systemd: `Delegate=yes`). Where the worker may
 * make no cgroups, runs have none. When a move fails, the next run shares the cgroup of the last one, and that cgroup then
 * identifies neither; the worker tries again at the next start.
 *
 * @module
 */
import { Shell } from "./_shell.ts";
import { SCRIPT } from "./_cgroup_shell.ts";
import { cgroupName, type Owner } from "./run_mark.ts";

/** Cgroups made at a time, because making starts a process. */
const MADE_AT_ONCE = 8;

/** Cgroups to try before a run goes without. */
const TRIES = 3;

/** The cgroup of one run. */
export class Cgroup {
  /** Its path in `/proc/PID/cgroup`. */
  readonly path: string;
  readonly #cgroups: Cgroups;
  /** Whether another run may have started in it: then it identifies none. */
  isShared = false;

  constructor(path: string, cgroups: Cgroups) {
    this.path = path;
    this.#cgroups = cgroups;
  }

  /** Whether a process in the cgroup at `path` belongs to the run. */
  has(path: string): boolean {
    return !this.isShared && `${path}/`.startsWith(`${this.path}/`);
  }

  /** Kills all its processes in one step; none where the kernel cannot do that. */
  async kill(): Promise<void> {
    if (!this.isShared) await this.#cgroups.kill(this.path);
  }

  /** The run is over. */
  release(): void {
    this.#cgroups.release(this);
  }
}

/**
 * The cgroups of this process and its runs. A process may have one such object. While it has one, it starts other processes
 * through {@linkcode Cgroups.run} too: elsewhere they could be born in a run's cgroup and be killed with it.
 */
export class Cgroups implements AsyncDisposable {
  readonly #owner: Owner;
  /** Path of the worker's directory of cgroups. */
  readonly #path: string;
  /** The same as a directory: the worker's shells move there. */
  readonly home: string;
  readonly #unused: string[] = [];
  /** Shared by all questions; null: the next question starts it. */
  #shell: Promise<Shell | null> | null;
  #made = 0;
  #at: Cgroup | null = null;
  /** The cgroup in which this process is alone after its last move; null: none. */
  #seat: Promise<Cgroup | null>;

  /** Makes the cgroup of `owner`, which is this process; null where it may not. */
  static async open(owner: Owner): Promise<Cgroups | null> {
    if (Deno.build.os !== "linux") return null;
    const started = await startShell(owner);
    if (started === null) return null;
    const cgroups = new Cgroups(owner, started.shell, started.greeting);
    if (await cgroups.#seat !== null) return cgroups;
    await cgroups[Symbol.asyncDispose]();
    return null;
  }

  private constructor(owner: Owner, shell: Shell, greeting: string) {
    const [path = "", home = ""] = greeting.split("\0");
    this.#owner = owner;
    this.#shell = Promise.resolve(shell);
    this.#path = path;
    this.home = home;
    this.#seat = this.#move();
  }

  /** Calls `start` while this process is alone in a cgroup, so that the script is born there; null: there is none. */
  start<Started>(start: (cgroup: Cgroup | null) => Started): Promise<Started> {
    const started = this.#seat.then(start);
    const move = () => this.#move();
    this.#seat = started.then(move, move);
    return started;
  }

  /** Calls `work` as {@linkcode Cgroups.start} does; what it starts before it waits for anything has the cgroup to itself until `work` is over. */
  async run<Result>(work: (cgroup: Cgroup | null) => Promise<Result>): Promise<Result> {
    // Await the start only: the next may start while this one runs.
    const { cgroup, done } = await this.start((cgroup) => ({ cgroup, done: work(cgroup) }));
    try {
      return await done;
    } finally {
      cgroup?.release();
    }
  }

  /** The run of this cgroup is over. */
  release({ path, isShared }: Cgroup): void {
    if (!isShared) this.#unused.push(path.slice(this.#path.length + 1));
  }

  /** Kills all processes of a cgroup in one step. */
  async kill(path: string): Promise<void> {
    await this.#ask(`kill ${path.slice(this.#path.lastIndexOf("/") + 1)}`);
  }

  /** Names of the directories of other workers. */
  async others(): Promise<readonly string[]> {
    return (await this.#ask("list"))?.records ?? [];
  }

  /** Kills all processes below another worker's directory in one step. */
  async killOther(name: string): Promise<void> {
    await this.#ask(`kill ${name}`);
  }

  /** Removes another worker's directory if no process is in it. */
  async removeOther(name: string): Promise<void> {
    await this.#ask(`remove ${name}`);
  }

  /** Moves this process back to where it was started, and removes the empty cgroups. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#seat;
    await this.#ask("leave");
    await (await this.#shell)?.close();
    this.#shell = null;
  }

  async #move(): Promise<Cgroup | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      const name = this.#unused.shift() ?? await this.#make();
      if (name === null || (await this.#ask(`enter ${name}`))?.status !== "=0") continue;
      return this.#at = new Cgroup(`${this.#path}/${name}`, this);
    }
    // The next script is born beside the last one.
    if (this.#at !== null) this.#at.isShared = true;
    return null;
  }

  async #make(): Promise<string | null> {
    const names = Array.from({ length: MADE_AT_ONCE }, () => `${this.#made++}`);
    if ((await this.#ask(`make ${names.join(" ")}`))?.status !== "=0") return null;
    this.#unused.push(...names.slice(1));
    return names[0] ?? null;
  }

  /** Asks the shell, or a new one if it has died. */
  async #ask(question: string): ReturnType<Shell["ask"]> {
    for (let tries = 0; tries < 2; tries++) {
      const asked = this.#shell ??= startShell(this.#owner).then((started) => started?.shell ?? null);
      const shell = await asked;
      const answer = await shell?.ask(question) ?? null;
      if (answer !== null) return answer;
      await shell?.close();
      if (this.#shell === asked) this.#shell = null;
    }
    return null;
  }
}

async function startShell(owner: Owner): ReturnType<typeof Shell.start> {
  return await Shell.start(SCRIPT, [cgroupName(owner), String(owner.pid)]);
}
