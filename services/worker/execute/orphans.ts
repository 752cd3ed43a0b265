/**
 * What workers that are gone left running on this machine.
 *
 * A worker killed with SIGKILL ends none of its scripts. Each of their processes carries the mark of its run, which names the
 * worker; a worker of the same installation that finds no such worker alive ends them: SIGTERM, and after the grace SIGKILL.
 * Beside those that carry the mark these are the ones in a cgroup that such a worker made for a run, the ones in their
 * sessions, which a run alone is in, and their descendants.
 *
 * A worker is alive when there is a process with its pid and its start. So processes of a living worker's runs are never
 * touched, whether it answers or not; and a pid of another container, which means nothing here, is never looked for.
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

/** How often to look whether those that were asked to end have. */
const LOOK_EVERY_MS = 50;

/** How many times to kill what is still there. */
const KILLS = 20;

/** What looking for orphans needs. */
export interface OrphanContext {
  readonly table: ProcessTable;
  /** Null: this worker may not make any; those that others made cannot be removed. */
  readonly cgroups: Cgroups | null;
  /** This worker. */
  readonly owner: Owner;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Ends what workers that are gone left here; returns when it is. When `signal` aborts, without further grace. */
export async function endOrphans(context: OrphanContext, signal: AbortSignal): Promise<void> {
  const { owner, graceMs, clock, log } = context;
  const known = new Set<string>();
  // Found once, a worker may have been overlooked that was started during that very look. So the second look counts.
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

/** What there is of workers that are gone. */
interface Found {
  readonly left: readonly Process[];
  /** Names of their cgroups beside ours, with somebody in them or not. */
  readonly cgroups: readonly string[];
  readonly isClear: boolean;
}

async function look({ table, cgroups, owner }: OrphanContext, known: ReadonlySet<string>): Promise<Found> {
  // Before the processes: whoever has made one by now is among them, or gone.
  const names = await cgroups?.others() ?? [];
  const processes = await table.read();
  if (processes === null) return { left: [], cgroups: [], isClear: true };
  const gone = isGone(processes, owner);
  const left = orphans(processes, owner, known);
  const theirs = names.filter((name) => cgroupOwners(`${name}/`).some(gone));
  return { left, cgroups: theirs, isClear: left.length === 0 && theirs.length === 0 };
}

/** Those of `table` that runs of this installation left whose worker is not in it; `known` are earlier ones. */
export function orphans(table: readonly Process[], owner: Owner, known: ReadonlySet<string>): readonly Process[] {
  const gone = isGone(table, owner);
  const ownerOf = ({ mark, cgroup }: Process) => {
    const marked = mark === null ? null : parseMark(mark)?.owner ?? null;
    const owners = [...marked === null ? [] : [marked], ...cgroupOwners(cgroup ?? "")];
    // A script of one that is gone may have started this worker.
    return owners.some((one) => isSameOwner(one, owner)) ? null : owners.find(gone) ?? null;
  };
  const isOrphan = (process: Process) => ownerOf(process) !== null;
  // In the first moment of its start a script is in its worker's session still; others are in that, from before the worker.
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

/** Whether a worker of this installation, whose pids mean the same here, is not in the table. */
function isGone(table: readonly Process[], { installation, namespace }: Owner): (worker: Owner) => boolean {
  const living = new Set(table.map(identity));
  return (worker) =>
    worker.installation === installation && worker.namespace === namespace && !living.has(identity(worker));
}

function remember(processes: readonly Process[], known: Set<string>): void {
  for (const process of processes) known.add(identity(process));
}

/** Group by group, so that nobody in one can start another in between, then each. */
function signalAll(processes: readonly Process[], signal: "SIGTERM" | "SIGKILL"): void {
  const pids = new Set(processes.map(({ pid }) => pid));
  const groups = new Set(processes.map(({ group }) => group));
  // A group whose leader is among them is theirs alone. SIGTERM once is enough for who is in one.
  const theirs = new Set([...groups].filter((group) => pids.has(group)));
  for (const group of theirs) kill(-group, signal);
  for (const { pid, group } of processes) if (signal === "SIGKILL" || !theirs.has(group)) kill(pid, signal);
}
