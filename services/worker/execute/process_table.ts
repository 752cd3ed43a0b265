/**
 * The processes of this machine, read from /proc, for all runs of a worker.
 *
 * Whoever a script has started was created after it, so at its end only the processes created since are of interest: for a
 * short script none, or a handful. Nobody is missed by that: pids are given out in a circle, so those created since have
 * the pids between the script's own and the one given out last. It cannot be told when the circle may have come round in
 * between; then, and for long scripts, all processes are looked at. What comes round sooner is a script with the rights to
 * choose pids (CAP_CHECKPOINT_RESTORE), such as one of root's.
 *
 * Lookups are shared: callers that come during one wait, and the next serves all of them.
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
  /** Null: wants to see all. */
  readonly since: Leader | null;
  readonly resolve: (table: readonly Process[] | null) => void;
}

/** Looks processes up, through one shell that is started at the first look and again when it has died. */
export class ProcessTable implements AsyncDisposable {
  readonly #leaders = new Map<number, Leader>();
  #reader: ProcessReader | null = null;
  #home: string | null = null;
  #waiting: Waiting[] = [];
  #looking: Promise<void> | null = null;

  /** Whoever reads is to sit in this cgroup, a directory: where this process is when one is started would be a run's. */
  settle(home: string): void {
    this.#home = home;
  }

  /** A script has been started: it is not itself among the processes created since another. */
  begin(leader: Leader): void {
    this.#leaders.set(leader.pid, leader);
  }

  /** The script's own process has ended: what has its pid from now on is another. */
  end({ pid }: Leader): void {
    this.#leaders.delete(pid);
  }

  /** All living processes; null where they cannot be looked up. */
  read(): Promise<readonly Process[] | null> {
    return this.#look(null);
  }

  /**
   * The living processes created since a script was started, and maybe others; not among them the scripts that
   * {@linkcode ProcessTable.begin} told of. Null where they cannot be looked up.
   */
  readSince(leader: Leader): Promise<readonly Process[] | null> {
    return this.#look(leader);
  }

  /** Identifies this process among all of the machine, earlier and later; null where that cannot be looked up. */
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

  /** The processes created since, without known scripts; all processes when that is unknown. */
  async #since(reader: ProcessReader, oldest: Leader): Promise<readonly number[] | "all"> {
    const isYoung = () => performance.now() - oldest.startedAtMs < reader.longestAgeMs;
    const pids = isYoung() ? await reader.since(oldest.pid) : null;
    // If it took long, the circle may have come round before the answer.
    if (pids === null || pids === "many" || !isYoung()) return "all";
    return pids.filter((pid) => !this.#leaders.has(pid));
  }
}
