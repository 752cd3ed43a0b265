/**
 * A cgroup of its own for each run, where this process may make cgroups (version 2: as root, or in a subtree that was delegated
 * to its user, as systemd does with `Delegate=yes`).
 *
 * A process is born in the cgroup of its parent, and cannot lose it by forking, by a new session or by another environment. So
 * this process sits in an unused cgroup, starts one script there, and goes on to the next:
 *
 * ```
 *  cgroup of the service, where this process was before
 *  └─ jobtrigger-…      this worker's, with the name of its process: the shells that look after it
 *     ├─ 0              run 17: its script and whatever that starts
 *     ├─ 1              run 18
 *     └─ 2              unused; here this process waits for the next run
 * ```
 *
 * A script is in its cgroup before its first instruction, and nothing is put in front of it. Moving a process waits for the
 * kernel to let all processors pass by (10 to 20 ms when nothing was moved lately, else 0.05 ms), so the move is made after
 * each start, ahead of the next. Only who starts again within that time waits.
 *
 * A cgroup is used again when it is empty, which is looked at before entering it. Nothing is limited or accounted here: no
 * controller is switched on.
 *
 * @module
 */
import { Shell } from "./_shell.ts";
import { SCRIPT } from "./_cgroup_shell.ts";
import { cgroupName, type Owner } from "./run_mark.ts";

/** How many are made at a time: a process has to be started for it. */
const MADE_AT_ONCE = 8;

/** How many to try to enter before going without. */
const TRIES = 3;

/** The cgroup of one run. */
export class Cgroup {
  /** As `/proc/PID/cgroup` tells it of the processes in it. */
  readonly path: string;
  readonly #cgroups: Cgroups;
  /** Whether other runs may have been started in it; then it identifies no run. */
  isShared = false;

  constructor(path: string, cgroups: Cgroups) {
    this.path = path;
    this.#cgroups = cgroups;
  }

  /** Whether a process whose cgroup has this path is the run's. */
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

/** The cgroups of this process and its runs. One at a time: a process is in one place. */
export class Cgroups implements AsyncDisposable {
  readonly #owner: Owner;
  /** Of this process's own cgroup, before. */
  readonly #path: string;
  /** Where the shells that look after it belong: a directory. */
  readonly home: string;
  readonly #unused: string[] = [];
  /** One for all who ask; null: the next to ask starts it. */
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

  /**
   * Calls `start` while this process is in an unused cgroup, so that the script is born there; null: there is no such
   * cgroup.
   */
  start<Started>(start: (cgroup: Cgroup | null) => Started): Promise<Started> {
    const started = this.#seat.then(start);
    const move = () => this.#move();
    this.#seat = started.then(move, move);
    return started;
  }

  /** The run of this cgroup is over. */
  release({ path, isShared }: Cgroup): void {
    if (!isShared) this.#unused.push(path.slice(this.#path.length + 1));
  }

  /** Kills all that is in a cgroup, in one step. */
  async kill(path: string): Promise<void> {
    await this.#ask(`kill ${path.slice(this.#path.lastIndexOf("/") + 1)}`);
  }

  /** Names of the cgroups that other workers made beside this one. */
  async others(): Promise<readonly string[]> {
    return (await this.#ask("list"))?.records ?? [];
  }

  /** Ends what is left in one of the others, all at once. */
  async killOther(name: string): Promise<void> {
    await this.#ask(`kill ${name}`);
  }

  /** Removes one of the others, if nobody is in it. */
  async removeOther(name: string): Promise<void> {
    await this.#ask(`remove ${name}`);
  }

  /** Goes back to where this process was, and removes what is empty. */
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
    // From now on scripts are born in the same cgroup as the last one.
    if (this.#at !== null) this.#at.isShared = true;
    return null;
  }

  async #make(): Promise<string | null> {
    const names = Array.from({ length: MADE_AT_ONCE }, () => `${this.#made++}`);
    if ((await this.#ask(`make ${names.join(" ")}`))?.status !== "=0") return null;
    this.#unused.push(...names.slice(1));
    return names[0] ?? null;
  }

  /** Start a new shell when this one has died. */
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
