import assert from "node:assert/strict";
import { type Process, RUN_MARK } from "../../../services/worker/execute/_process.ts";
import {
  execute,
  type ExecutionHooks,
  type ExecutionRequest,
  type ExecutionResult,
  type OutputChunk,
  ProcessTable,
  StopControl,
} from "../../../services/worker/execute/mod.ts";
import { type EpochMs, epochMs } from "../../../shared/domain/mod.ts";
import { type Clock, systemClock } from "../../../shared/time/mod.ts";

/** A test's settings of a run. */
export interface RunOptions extends Partial<ExecutionRequest>, Partial<Omit<ExecutionHooks, "onOutput">> {
  /** Called with each chunk, after it was recorded. */
  readonly onOutput?: (chunk: OutputChunk, run: Run) => void | Promise<void>;
}

/** A run under way in a test. */
export interface Run {
  readonly chunks: readonly OutputChunk[];
  readonly stop: StopControl;
  /** What this run's processes carry in their environment. */
  readonly mark: string;
}

/** A finished run. */
export interface Finished extends Run {
  readonly result: ExecutionResult;
  readonly stdout: string;
  readonly stderr: string;
  readonly system: string;
}

/** Runs a bash script given as text, to its end, and makes sure that nothing of it is left. */
export function bash(text: string, options: RunOptions = {}): Promise<Finished> {
  return run({ command: "bash", args: ["-c", text, "script"] }, options);
}

/** Runs a program to its end, and makes sure that nothing of it is left. */
export async function run(script: ExecutionRequest["script"], options: RunOptions = {}): Promise<Finished> {
  await using table = new ProcessTable();
  const { onOutput, clock = systemClock, stop = new StopControl(), onStart, cgroups = null, ...request } = options;
  if (cgroups !== null) table.settle(cgroups.home);
  const chunks: OutputChunk[] = [];
  const running = { chunks, stop, mark: crypto.randomUUID() };
  const result = await execute({
    script,
    args: [],
    env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", [RUN_MARK]: running.mark },
    cwd: "/",
    timeoutMs: 60_000,
    logMaxBytes: 1_000_000,
    ...request,
  }, {
    onOutput(chunk) {
      chunks.push(chunk);
      return onOutput?.(chunk, running);
    },
    ...(onStart === undefined ? {} : { onStart }),
    clock,
    stop,
    table,
    cgroups,
  }).finally(async () => assert.deepEqual(await marked(running.mark), [], "processes of the run are left"));
  return {
    ...running,
    result,
    stdout: text(chunks, "stdout"),
    stderr: text(chunks, "stderr"),
    system: text(chunks, "system"),
  };
}

/** The pids of all living processes that carry a mark. */
export async function marked(mark: string): Promise<readonly number[]> {
  await using table = new ProcessTable();
  const processes = await table.read();
  assert.ok(processes !== null, "the processes can be looked up");
  return processes.filter((process) => process.mark === mark).map((process) => process.pid);
}

function text(chunks: readonly OutputChunk[], stream: OutputChunk["stream"]): string {
  return chunks.filter((chunk) => chunk.stream === stream).map((chunk) => chunk.data).join("");
}

/** A clock that stands still until a test moves it. */
export class HandClock implements Clock {
  #passedMs = 0;
  #wall: EpochMs;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  /** Shows `wall` at first. */
  constructor(wall: EpochMs = epochMs(1_000_000)) {
    this.#wall = wall;
  }

  now(): EpochMs {
    return this.#wall;
  }

  monotonic(): number {
    return this.#passedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#passedMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake, { once: true });
    });
  }

  /** Moves the time on, and ends the sleeps that are over. */
  pass(ms: number): void {
    this.#passedMs += ms;
    this.#wall = epochMs(this.#wall + ms);
    for (const sleeper of this.#sleepers) if (sleeper.until <= this.#passedMs) sleeper.wake();
  }

  /** Sets the clock by `ms`. No time passes, so no sleep ends. */
  set(ms: number): void {
    this.#wall = epochMs(this.#wall + ms);
  }

  /** How many sleeps are under way. */
  get sleepers(): number {
    return this.#sleepers.size;
  }
}

/** A process of a made-up table. */
export function made(pid: number, of: Partial<Process> = {}): Process {
  return { pid, parent: 1, group: pid, session: pid, startTicks: pid, mark: null, cgroup: null, ...of };
}
