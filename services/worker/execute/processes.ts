/**
 * The processes of one run: signals them while the script lives, and ends those that remain.
 *
 * **What belongs to a run.** The script starts in a session of its own, so its pid P is also the number of its session and
 * process group. A process belongs to the run if it is in that session or group, carries the run's mark in its environment,
 * is in the run's cgroup, or descends from such a process. `docs/execution.md` says which processes escape all four.
 *
 * **Pids are used again** once a process is reaped, so a signal needs proof that the pid still means the same process:
 *
 * - While the script lives, the worker signals group P without a lookup: the kernel keeps P until Deno reaps the script, and
 *   Deno reports that in the same turn of the event loop.
 * - After its end, the worker signals only processes that it has just looked up. The mark, the cgroup, or a pid and start
 *   time seen before are proof.
 * - Group or session P is proof at the first lookup after the end, and later while a known process is still in it, because
 *   the kernel does not reuse such a number. If a process has pid P after the end, P was reused and proves nothing.
 * - A few milliseconds pass between lookup and signal. To hit a stranger, Linux would have to go through all pids (at least
 *   32,768) in that time. Only pidfd, which Deno lacks, could rule that out.
 *
 * **Without a lookup**, because there is no /proc or no process can be started to read it, the worker kills the group once at
 * the script's end. Windows has no groups: the worker ends the script's own process alone.
 *
 * @module
 */
import { systemClock } from "@jobtrigger/shared/time";
import type { Process } from "./_process.ts";
import type { Cgroup } from "./cgroups.ts";
import type { Leader, ProcessTable } from "./process_table.ts";

/** Waits between kills; SIGKILL takes effect within two milliseconds unless the disk hangs. */
const RETRY_MS: readonly number[] = [2, 10, 30, 100, 250, 500];

/** The processes of one run. */
export class RunProcesses {
  readonly #table: ProcessTable;
  readonly #leader: Leader;
  readonly #mark: string | null;
  readonly #cgroup: Cgroup | null;
  /** Processes found so far, by pid and start time: they stay known when their parent or group is gone. */
  readonly #known = new Set<string>();
  #leaderEnded = false;
  #looked = false;

  /** `leader` is the script's own process; only this run's processes have `mark` and `cgroup` (null: none has). */
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

  /** Signals the script and its group, and remembers the run's other processes. False: the script had ended before. */
  async signal(signal: "SIGTERM" | "SIGKILL"): Promise<boolean> {
    await this.#find();
    // Right after its start the script leads no group yet and is alone.
    return !this.#leaderEnded && (this.#killGroup(signal) || kill(this.#leader.pid, signal));
  }

  /**
   * Ends the processes that outlive the script: waits for `patience` if there are any, then kills until none is left.
   * Answers how many could not be ended.
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
export interface RunEvidence {
  readonly leader: number;
  readonly leaderEnded: boolean;
  /** Null: its processes carry none. */
  readonly mark: string | null;
  /** Null: it has none of its own. */
  readonly cgroup: Pick<Cgroup, "has"> | null;
  /** Whether the leader's group and session are still proof. */
  readonly groupProves: boolean;
  readonly isKnown: (process: Process) => boolean;
}

/** The processes in `table` that belong to a run, by the rules of this module. Never this process itself. */
export function runProcesses(table: readonly Process[], run: RunEvidence): readonly Process[] {
  const isPidReused = run.leaderEnded && table.some((process) => process.pid === run.leader);
  const groupProves = run.groupProves && !isPidReused;
  return withDescendants(table, (process) => {
    const isMarked = run.mark !== null && process.mark === run.mark;
    const isInside = process.cgroup !== null && run.cgroup?.has(process.cgroup) === true;
    return isMarked || isInside || run.isKnown(process) || (groupProves && isInGroup(process, run.leader));
  });
}

/** The `chosen` processes in `table`, and their descendants. Never this process itself. */
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

/** Identifies a process among all that ever run until the next boot. */
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
