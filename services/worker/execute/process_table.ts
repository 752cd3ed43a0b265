/**
 * The processes of this machine, read from /proc, for all runs of a worker.
 *
 * A script's children are created after it, and Linux gives out pids in order. So at the end of a short script the worker
 * reads only the processes with pids between the script's and the newest: none, or a handful. It reads all processes when
 * pids may have started again from the beginning since, that is after a long script. A script that may choose its pids
 * (CAP_CHECKPOINT_RESTORE, such as root's) can hide from the short lookup.
 *
 * Callers that come during a lookup share the next one.
 *
 * @module
 */
import { parseProcesses, type Process } from "./_process.ts";
import { ProcessReader } from "./_process_reader.ts";

/** A script's own process. */
export interface Leader {
  readonly pid: number;
  /** When it was about to be started, by `performance.now()`. */
  readonly startedAtMs: number;
}

/** A caller that waits for a lookup. */
interface Waiting {
  /** Null: asks for all processes. */
  readonly since: Leader | null;
  readonly resolve: (table: readonly Process[] | null) => void;
}

/** Looks processes up through one shell, which the first lookup starts, or the next one after the shell has died. */
export class ProcessTable implements AsyncDisposable {
  readonly #leaders = new Map<number, Leader>();
  #reader: ProcessReader | null = null;
  #home: string | null = null;
  #waiting: Waiting[] = [];
  #looking: Promise<void> | null = null;

  /** Has the shell move into the cgroup at this directory: it would otherwise be born in the cgroup of the next run. */
  settle(home: string): void {
    this.#home = home;
  }

  /** Notes a script's start, so that {@linkcode ProcessTable.readSince} of another script leaves it out. */
  begin(leader: Leader): void {
    this.#leaders.set(leader.pid, leader);
  }

  /** Notes that a script's own process has ended: a process with its pid is now another. */
  end({ pid }: Leader): void {
    this.#leaders.delete(pid);
  }

  /** All living processes; null where they cannot be looked up. */
  read(): Promise<readonly Process[] | null> {
    return this.#look(null);
  }

  /**
   * The living processes created since a script was started, without the worker's other scripts, and maybe some older ones.
   * Null where they cannot be looked up.
   */
  readSince(leader: Leader): Promise<readonly Process[] | null> {
    return this.#look(leader);
  }

  /** Identifies this process among all of the machine until the next boot; null where it cannot be looked up. */
  async self(): Promise<{ readonly namespace: number; readonly pid: number; readonly startTicks: number } | null> {
    const { pid, startTicks } = (await this.read())?.find(({ pid }) => pid === Deno.pid) ?? {};
    if (pid === undefined || startTicks === undefined) return null;
    return { namespace: this.#reader?.namespace ?? 0, pid, startTicks };
  }

  /** Ends the shell. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#looking;
    await this.#reader?.close();
    this.#reader = null;
  }

  #look(since: Leader | null): Promise<readonly Process[] | null> {
    return new Promise((resolve) => {
      this.#waiting.push({ since, resolve });
      this.#looking ??= this.#lookForAll();
    });
  }

  async #lookForAll(): Promise<void> {
    // Questions of the same turn of the event loop share one lookup.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting.splice(0);
      const table = await this.#lookFor(waiting.map(({ since }) => since));
      for (const { resolve } of waiting) resolve(table);
    }
    this.#looking = null;
  }

  async #lookFor(leaders: readonly (Leader | null)[]): Promise<readonly Process[] | null> {
    // If the shell has died, look again with a new one.
    return await this.#ask(leaders) ?? await this.#ask(leaders);
  }

  async #ask(leaders: readonly (Leader | null)[]): Promise<readonly Process[] | null> {
    const reader = this.#reader ??= await ProcessReader.start(this.#home);
    if (reader === null) return null;
    const oldest = leaders.reduce((a, b) => a === null || b === null ? null : a.startedAtMs < b.startedAtMs ? a : b);
    const pids = oldest === null ? "all" : await this.#since(reader, oldest);
    if (pids !== "all" && pids.length === 0) return [];
    const records = await reader.read(pids);
    const table = records === null ? null : parseProcesses(records);
    // A table without this process itself is not usable.
    if (table !== null && (pids !== "all" || table.some(({ pid }) => pid === Deno.pid))) return table;
    this.#reader = null;
    await reader.close();
    return null;
  }

  /** The pids created since `oldest`, without the known scripts; "all" when that is uncertain. */
  async #since(reader: ProcessReader, oldest: Leader): Promise<readonly number[] | "all"> {
    const isYoung = () => performance.now() - oldest.startedAtMs < reader.longestAgeMs;
    const pids = isYoung() ? await reader.since(oldest.pid) : null;
    // Pids may have started again from the beginning while the answer was on its way.
    if (pids === null || pids === "many" || !isYoung()) return "all";
    return pids.filter((pid) => !this.#leaders.has(pid));
  }
}
