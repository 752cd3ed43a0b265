/**
 * Scripts that run in virtual time in place of processes, and a record of what they did, with which the database is compared.
 *
 * @module
 */
import type { Executor } from "../../services/worker/executor.ts";
import type { ExecutionEnd, ExecutionHooks, ExecutionResult, StopReason } from "../../services/worker/execute/mod.ts";
import type { Claim, ClaimRef } from "../../shared/store/mod.ts";
import type { Random } from "../support/random.ts";
import type { Machine } from "./machine.ts";

/** The plan of a script. */
interface Plan {
  /** When it prints each line, from its start, ascending. */
  readonly linesAt: readonly number[];
  readonly endsAt: number;
  readonly end: ExecutionEnd;
  /** From SIGTERM to its end; null: it runs on until SIGKILL. */
  readonly leavesWithin: number | null;
}

/** A script that was started. */
export interface Performance extends ClaimRef {
  readonly machine: Machine;
  /** Its output so far, line by line. */
  readonly said: readonly string[];
  /** Whether it got SIGTERM. */
  readonly isStopped: boolean;
  /** How it ended; null: it runs, or its machine has died. */
  readonly result: ExecutionResult | null;
}

const GRACE_MS = 2_000;

/** All scripts of one simulation. */
export class Scripts {
  readonly #random: Random;
  readonly #all: Performance[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** The scripts that were started, in that order. */
  get all(): readonly Performance[] {
    return this.#all;
  }

  /** The running scripts, on living machines. */
  get running(): readonly Performance[] {
    return this.#all.filter(({ result, machine }) => result === null && !machine.isDead);
  }

  /** The executor of a worker on `machine`. */
  executorOf(machine: Machine): Executor {
    return async (claim, hooks) => {
      const { dispatchId, epoch } = claim;
      const { stop } = hooks;
      const said: string[] = [];
      const script = {
        ...{ machine, said, dispatchId, epoch, result: null },
        get isStopped() {
          return stop.request !== null;
        },
      };
      const index = this.#all.push(script) - 1;
      const result = await perform(this.#plan(), claim, { ...hooks, said });
      this.#all[index] = { machine, said, dispatchId, epoch, result, isStopped: script.isStopped };
      return result;
    };
  }

  #plan(): Plan {
    const random = this.#random;
    if (random.chance(0.03)) {
      const end = { kind: "error", message: "There is no such script" } as const;
      return { linesAt: [], endsAt: 0, end, leavesWithin: 0 };
    }
    const endsAt = random.pick([0, 1, 40, 60, 300, 2_000, 7_000, 15_000, 50_000]);
    const linesAt = Array.from({ length: random.int(0, 4) }, () => random.int(0, endsAt)).sort((a, b) => a - b);
    const end: ExecutionEnd = random.chance(0.7)
      ? { kind: "exited", exitCode: 0 }
      : random.chance(0.8)
      ? { kind: "exited", exitCode: random.int(1, 3) }
      : { kind: "signalled", signal: "SIGSEGV" };
    // A few cannot be ended for a long time, as a process that hangs in the kernel.
    const leavesWithin = random.chance(0.7) ? random.int(0, 100) : random.chance(0.8) ? null : 60_000;
    return { linesAt, endsAt, end, leavesWithin };
  }
}

async function perform(
  { linesAt, endsAt, end, leavesWithin }: Plan,
  { dispatchId, epoch }: Claim,
  { timeoutMs, onOutput, clock, stop, said }: Omit<ExecutionHooks, "table" | "cgroups"> & {
    readonly timeoutMs: number;
    readonly said: string[];
  },
): Promise<ExecutionResult> {
  const startedAt = clock.now();
  const begin = clock.monotonic();
  const over = Promise.withResolvers<ExecutionEnd>();
  const ended = new AbortController();
  const endIn = async (ms: number, how: ExecutionEnd) => {
    await clock.sleep(ms, ended.signal);
    over.resolve(how);
  };
  const signalOf = (graceMs: number) => leavesWithin !== null && leavesWithin <= graceMs ? "SIGTERM" : "SIGKILL";
  stop.listen(({ reason, graceMs }: { readonly reason: StopReason; readonly graceMs: number | null }) => {
    const grace = graceMs ?? GRACE_MS;
    void endIn(leavesWithin ?? grace, { kind: "stopped", reason, signal: signalOf(grace) });
  });
  const speak = async () => {
    for (const [number, at] of linesAt.entries()) {
      await clock.sleep(begin + at - clock.monotonic(), ended.signal);
      if (ended.signal.aborted) return;
      const line = `${dispatchId} ${epoch} ${number}\n`;
      said.push(line);
      await onOutput({ stream: number % 3 === 2 ? "stderr" : "stdout", at: clock.now(), data: line });
    }
    await endIn(begin + endsAt - clock.monotonic(), end);
  };
  const limit = async () => {
    await clock.sleep(timeoutMs, ended.signal);
    await endIn(leavesWithin ?? GRACE_MS, { kind: "timeout", signal: signalOf(GRACE_MS) });
  };
  speak().catch(over.reject);
  void limit();
  try {
    const how = await over.promise;
    const durationMs = clock.monotonic() - begin;
    const logBytes = said.join("").length;
    return { ...how, startedAt, endedAt: clock.now(), durationMs, logBytes, truncated: false, survivors: 0 };
  } finally {
    stop.listen(null);
    ended.abort();
  }
}
