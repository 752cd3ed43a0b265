/**
 * The processes of one run: signals them while the script lives and ends those that remain.
 *
 * **What belongs to a run.** The script is started in a session of its own, so its pid P is also the number of its session
 * and its process group. A process is the run's when it is in that session or group, when it carries the run's mark in the
 * environment it was started with, when it is in the run's cgroup, or when it descends from one that is. A daemon that left
 * the session keeps the mark; one that was started with a clean environment is found as a descendant as long as its parents
 * live, which is looked up before every signal. What did both, before anyone looked, is still in its cgroup; where the worker
 * may not make cgroups, it is out of reach. `docs/execution.md` lists it all.
 *
 * **Numbers that come back.** A pid may belong to a stranger as soon as its process was reaped, so:
 *
 * - Until the end of the script is known here, P is signalled as a group without looking. The kernel keeps P as long as the
 *   script is not reaped. Deno reaps in its event loop and tells us in the same turn, so what remains is one turn of the loop.
 * - After it, nothing is signalled that has not been looked up right before. Pid and start time are what identifies a
 *   process seen earlier; a process that carries the mark needs no other proof.
 * - Being in session or group P is proof right after the script's end, and later as long as a process identified before
 *   still is: the kernel does not give out a number that is in use as a group or session. A process *with* the pid P after
 *   the end shows that the number was given out again; then the group proves nothing.
 * - Between looking and signalling a few milliseconds pass. Linux gives out pids in a circle of at least 32,768, and a
 *   stranger would need all of it to be used up in them. The race that is left is that one; closing it needs pidfd, which
 *   Deno does not have.
 *
 * Where the processes cannot be looked up, because there is no /proc or no process can be started to read it, the group is
 * killed once at the script's end, without looking. Windows knows no groups: there the script's own process is all that is
 * ended.
 *
 * @module
 */
import { systemClock } from "@jobtrigger/shared/time";
import type { Process } from "./_process.ts";
import type { Cgroup } from "./cgroups.ts";
import type { Leader, ProcessTable } from "./process_table.ts";

/** Waits between attempts at ending what is left; SIGKILL takes effect within a millisecond or two unless the disk hangs. */
const RETRY_MS: readonly number[] = [2, 10, 30, 100, 250, 500];

/** The processes of one run. */
export class RunProcesses {
  readonly #table: ProcessTable;
  readonly #leader: Leader;
  readonly #mark: string | null;
  readonly #cgroup: Cgroup | null;
  /** By pid and start: those found to be the run's, so that they are recognised when what showed it is gone. */
  readonly #known = new Set<string>();
  #leaderEnded = false;
  #looked = false;

  /** `leader` is the script's own process; `mark` and `cgroup` what only this run's processes have; null: nothing. */
  constructor(
    table: ProcessTable,
    leader: Leader,
    { mark, cgroup }: { readonly mark: string | null; readonly cgroup: Cgroup | null },
  ) {
    this.#table = table;
    this.#leader = leader;
    this.#mark = mark;
    this.#cgroup = cgroup;
    table.begin(leader);
  }

  /** Call as soon as the script's end is known. */
  leaderEnded(): void {
    this.#leaderEnded = true;
    this.#table.end(this.#leader);
  }

  /** Signals the script and its group, and remembers who else is the run's. Answers false when the script had ended before. */
  async signal(signal: "SIGTERM" | "SIGKILL"): Promise<boolean> {
    await this.#find();
    // Right after its start the script leads no group yet and is alone.
    return !this.#leaderEnded && (this.#killGroup(signal) || kill(this.#leader.pid, signal));
  }

  /**
   * Ends what is left after the script's end: waits for `patience` when something is, then kills until nothing is. Answers
   * how many processes could not be ended.
   */
  async end(patience: () => Promise<void>): Promise<number> {
    let left = await this.#find();
    if (left === null) this.#killGroup("SIGKILL");
    else if (left.length > 0) await patience();
    for (const waitMs of left?.length === 0 ? [] : RETRY_MS) {
      left = await this.#find();
      if (left?.length === 0) break;
      // First the whole cgroup in one step, new processes included; then processes found elsewhere.
      await this.#cgroup?.kill();
      this.#killAll(left ?? []);
      await systemClock.sleep(waitMs);
    }
    return left?.length ?? 0;
  }

  /** The living processes of the run, the script's own included while it lives; null when they cannot be looked up. */
  async #find(): Promise<readonly Process[] | null> {
    const leaderEnded = this.#leaderEnded;
    // Only processes created after the script can still be alive.
    const table = await (leaderEnded ? this.#table.readSince(this.#leader) : this.#table.read());
    if (table === null) return null;
    const leader = this.#leader.pid;
    const found = runProcesses(table, {
      leader,
      leaderEnded,
      mark: this.#mark,
      cgroup: this.#cgroup,
      groupProves: !this.#looked || table.some((process) => this.#isKnown(process) && isInGroup(process, leader)),
      isKnown: (process) => this.#isKnown(process),
    });
    for (const process of found) this.#known.add(identity(process));
    this.#looked ||= leaderEnded;
    return found;
  }

  #isKnown(process: Process): boolean {
    return this.#known.has(identity(process));
  }

  #killAll(processes: readonly Process[]): void {
    // Kill the group first, in one step, so that no member can start another process in between.
    if (processes.some((process) => process.group === this.#leader.pid)) this.#killGroup("SIGKILL");
    for (const process of processes) kill(process.pid, "SIGKILL");
  }

  #killGroup(signal: "SIGTERM" | "SIGKILL"): boolean {
    return kill(Deno.build.os === "windows" ? this.#leader.pid : -this.#leader.pid, signal);
  }
}

/** How to recognise the processes of a run. */
export interface RunKnowledge {
  readonly leader: number;
  readonly leaderEnded: boolean;
  /** Null: its processes carry none. */
  readonly mark: string | null;
  /** Null: it has none of its own. */
  readonly cgroup: Pick<Cgroup, "has"> | null;
  /** Whether being in the leader's group or session still shows that a process is the run's. */
  readonly groupProves: boolean;
  readonly isKnown: (process: Process) => boolean;
}

/** Those of `table` that belong to a run, as the module says. Never this process itself. */
export function runProcesses(table: readonly Process[], run: RunKnowledge): readonly Process[] {
  const givenOutAgain = run.leaderEnded && table.some((process) => process.pid === run.leader);
  const groupProves = run.groupProves && !givenOutAgain;
  return withDescendants(table, (process) => {
    const isMarked = run.mark !== null && process.mark === run.mark;
    const isInside = process.cgroup !== null && run.cgroup?.has(process.cgroup) === true;
    return isMarked || isInside || run.isKnown(process) || (groupProves && isInGroup(process, run.leader));
  });
}

/** Those of `table` that are `chosen`, and who descends from them. Never this process itself. */
export function withDescendants(
  table: readonly Process[],
  chosen: (process: Process) => boolean,
): readonly Process[] {
  const children = Map.groupBy(table, (process) => process.parent);
  const found = new Set<Process>();
  const add = (process: Process) => {
    if (found.has(process) || process.pid === Deno.pid) return;
    found.add(process);
    children.get(process.pid)?.forEach(add);
  };
  for (const process of table) if (chosen(process)) add(process);
  return [...found];
}

function isInGroup(process: Process, leader: number): boolean {
  return process.group === leader || process.session === leader;
}

/** Identifies a process among all, earlier and later. */
export function identity({ pid, startTicks }: Pick<Process, "pid" | "startTicks">): string {
  return `${pid} since ${startTicks}`;
}

/** Returns whether a process was there and could be signalled. A negative pid is a group. */
export function kill(pid: number, signal: "SIGTERM" | "SIGKILL"): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
