import type { EpochMs, LogStream } from "@jobtrigger/shared/domain";
import type { RunnableScript } from "@jobtrigger/shared/scripts";
import type { Clock } from "@jobtrigger/shared/time";
import type { Cgroups } from "./cgroups.ts";
import type { ProcessTable } from "./process_table.ts";
import type { StopControl, StopReason } from "./stop.ts";

/** The script to run, and its limits. */
export interface ExecutionRequest {
  /** How the script is started, as `resolveScript()` answers it. */
  readonly script: Pick<RunnableScript, "command" | "args">;
  /** A command that becomes the script, as another user; default: it is started as the worker's. */
  readonly through?: readonly string[];
  /** Follow the script's own name; passed as they are. */
  readonly args: readonly string[];
  /**
   * All of the script's environment, as `scriptEnvironment()` answers it. `JOBTRIGGER_RUN` in it is the mark by which
   * processes of this run are found again: no two runs have the same.
   */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the directory the script starts in. */
  readonly cwd: string;
  /** Time limit, from the start of the script. */
  readonly timeoutMs: number;
  /** From SIGTERM to SIGKILL; default 10,000. */
  readonly graceMs?: number;
  /** Most output passed on: half of it from the beginning, half from the end. */
  readonly logMaxBytes: number;
}

/** A chunk of output that has no number yet. */
export interface OutputChunk {
  readonly stream: LogStream;
  /** When its first byte was read. */
  readonly at: EpochMs;
  /** Never empty, at most 64 KiB of UTF-8; bytes that are not UTF-8, and NUL, have become U+FFFD. */
  readonly data: string;
}

/** The hooks of the caller. */
export interface ExecutionHooks {
  /**
   * Takes the output, one call after the other: the next is not made before a promise returned is fulfilled. The script
   * does not wait for it. When it throws, everything is killed and `execute()` rejects with what was thrown.
   */
  onOutput(chunk: OutputChunk): void | Promise<void>;
  /** Called once, when the script's process has started. A failure to execute may show only after that. */
  onStart?(start: { readonly pid: number; readonly at: EpochMs }): void;
  readonly clock: Clock;
  /** Where processes of the run are looked up; one for all runs of this process. */
  readonly table: ProcessTable;
  /** Where the run gets a cgroup of its own; one for all runs of this process. Null: there are none. */
  readonly cgroups: Cgroups | null;
  /** Ends the run early; one for each run. */
  readonly stop: StopControl;
}

/** How a run ended. */
export type ExecutionEnd =
  /** By itself. */
  | { readonly kind: "exited"; readonly exitCode: number }
  /** By a signal that was not sent from here, such as the kernel's when memory is short. */
  | { readonly kind: "signalled"; readonly signal: string }
  /** Over its time limit; `signal` is the strongest that was needed. */
  | { readonly kind: "timeout"; readonly signal: "SIGTERM" | "SIGKILL" }
  /** Stopped through {@linkcode StopControl}; `signal` is null when it had not been started yet. */
  | { readonly kind: "stopped"; readonly reason: StopReason; readonly signal: "SIGTERM" | "SIGKILL" | null }
  /** It could not be started; `message` says why. */
  | { readonly kind: "error"; readonly message: string };

/** The figures of a run. */
export interface ExecutionFacts {
  readonly startedAt: EpochMs;
  /** When the script's own process was gone. */
  readonly endedAt: EpochMs;
  /** By the clock, never negative. */
  readonly durationMs: number;
  /** Bytes the script wrote on both streams, passed on or not. */
  readonly logBytes: number;
  /** Whether output was left out because of `logMaxBytes`. */
  readonly truncated: boolean;
  /** Processes of the run that could not be ended; 0 nearly always. */
  readonly survivors: number;
}

/** The result of a finished run. */
export type ExecutionResult = ExecutionEnd & ExecutionFacts;
