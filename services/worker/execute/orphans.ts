/**
 * Ends processes that dead workers left running on this machine.
 *
 * A worker killed with SIGKILL ends none of its scripts. Each process of a run carries the run's mark, which names
 * the worker. If that worker is dead, another worker of the same installation ends them: SIGTERM, and after the grace
 * SIGKILL. It also ends processes in a cgroup that the dead worker made for a run, processes in the sessions of those
 * runs, and their descendants.
 *
 * A worker is alive when a process has its pid and start time. So the runs of a living worker are never touched,
 * even if it hangs, and pids of another container are never looked up.
 *
 * @module
 */
import type { Logger } from "@jobtrigger/shared/log";
import type { Clock } from "@jobtrigger/shared/time";
import type { Cgroups } from "./cgroups.ts";
import type { Process } from "./_process.ts";
import { identity, kill, withDescendants } from "./processes.ts";
import type { ProcessTable } from "./process_table.ts";
import { cgroupOwners, type Owner, parseMark } from "./run_mark.ts";

/** How often to check whether processes have ended after SIGTERM. */
const LOOK_EVERY_MS = 50;

/** How many times to kill what is still there. */
const KILLS = 20;

/** What looking for orphans needs. */
export interface OrphanContext {
  readonly table: ProcessTable;
  /** Null: this worker may make none, and cannot remove those of others. */
  readonly cgroups: Cgroups | null;
  /** This worker. */
  readonly owner: Owner;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Ends the processes of dead workers and returns when they have ended. When `signal` aborts, the grace ends. */
export async function endOrphans(context: OrphanContext, signal: AbortSignal): Promise<void> {
  const { owner, graceMs, clock, log } = context;
  const known = new Set<string>();
  // The first lookup may miss a worker that started during it, so only the second counts.
  if (owner.namespace === 0 || (await look(context, known)).isClear) return;
  let found = await look(context, known);
  const lookAgain = async () => {
    found = await look(context, known);
    remember(found.left, known);
  };
  if (found.left.length > 0) {
    const { left } = found;
    const runs = [...new Set(left.flatMap(({ mark }) => parseMark(mark ?? "")?.dispatchId ?? []))].join(", ") ||
      "of unknown number";
    log.warn("Run {runs} outlived its worker, which is gone: ending {count} processes", { runs, count: left.length });
    remember(left, known);
    signalAll(left, "SIGTERM");
    const killAt = clock.monotonic() + graceMs;
    while (found.left.length > 0 && clock.monotonic() < killAt && !signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      await lookAgain();
    }
    for (let kills = 0; found.left.length > 0 && kills < KILLS; kills++) {
      for (const name of found.cgroups) await context.cgroups?.killOther(name);
      signalAll(found.left, "SIGKILL");
      await clock.sleep(kills);
      await lookAgain();
    }
    if (found.left.length === 0) log.info("Nothing is left of run {runs}", { runs });
    else log.error("Could not end processes {pids}", { pids: found.left.map(({ pid }) => pid).join(", ") });
  }
  for (const name of found.cgroups) await context.cgroups?.removeOther(name);
}

/** The leftovers of dead workers. */
interface Found {
  readonly left: readonly Process[];
  /** Names of their directories of cgroups, empty or not. */
  readonly cgroups: readonly string[];
  readonly isClear: boolean;
}

async function look({ table, cgroups, owner }: OrphanContext, known: ReadonlySet<string>): Promise<Found> {
  // List cgroups before processes: a worker that made one is then among the processes, or dead.
  const names = await cgroups?.others() ?? [];
  const processes = await table.read();
  if (processes === null) return { left: [], cgroups: [], isClear: true };
  const gone = isGone(processes, owner);
  const left = orphans(processes, owner, known);
  const theirs = names.filter((name) => cgroupOwners(`${name}/`).some(gone));
  return { left, cgroups: theirs, isClear: left.length === 0 && theirs.length === 0 };
}

/** The processes of runs whose worker, of this installation, is not in `table`; `known` are those found before. */
export function orphans(table: readonly Process[], owner: Owner, known: ReadonlySet<string>): readonly Process[] {
  const gone = isGone(table, owner);
  const ownerOf = ({ mark, cgroup }: Process) => {
    const marked = mark === null ? null : parseMark(mark)?.owner ?? null;
    const owners = [...marked === null ? [] : [marked], ...cgroupOwners(cgroup ?? "")];
    // A script of a dead worker may have started this worker.
    return owners.some((one) => isSameOwner(one, owner)) ? null : owners.find(gone) ?? null;
  };
  const isOrphan = (process: Process) => ownerOf(process) !== null;
  // Right after its start a script is still in its worker's session, which older processes share.
  const hasBegunSession = (orphan: Process) =>
    table.every(({ session, startTicks }) =>
      session !== orphan.session || startTicks > (ownerOf(orphan)?.startTicks ?? Infinity)
    );
  const sessions = new Set(table.filter(isOrphan).filter(hasBegunSession).map(({ session }) => session));
  return withDescendants(
    table,
    (process) => isOrphan(process) || sessions.has(process.session) || known.has(identity(process)),
  );
}

function isSameOwner(one: Owner, other: Owner): boolean {
  return one.installation === other.installation && one.namespace === other.namespace && one.pid === other.pid &&
    one.startTicks === other.startTicks;
}

/** Whether a worker of this installation and pid namespace is not in the table. */
function isGone(table: readonly Process[], { installation, namespace }: Owner): (worker: Owner) => boolean {
  const living = new Set(table.map(identity));
  return (worker) =>
    worker.installation === installation && worker.namespace === namespace && !living.has(identity(worker));
}

function remember(processes: readonly Process[], known: Set<string>): void {
  for (const process of processes) known.add(identity(process));
}

/** Signals group by group, so that no member can start another process in between; then each process. */
function signalAll(processes: readonly Process[], signal: "SIGTERM" | "SIGKILL"): void {
  const pids = new Set(processes.map(({ pid }) => pid));
  const groups = new Set(processes.map(({ group }) => group));
  // If the leader of a group is an orphan, all members are. They get SIGTERM once.
  const orphaned = new Set([...groups].filter((group) => pids.has(group)));
  for (const group of orphaned) kill(-group, signal);
  for (const { pid, group } of processes) if (signal === "SIGKILL" || !orphaned.has(group)) kill(pid, signal);
}
