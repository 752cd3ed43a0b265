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
  /** A command that becomes the script as another user; default: the worker's user. */
  readonly through?: readonly string[];
  /** The script's arguments, passed as they are. */
  readonly args: readonly string[];
  /**
   * All of the script's environment, as `scriptEnvironment()` answers it, with the run's mark in `JOBTRIGGER_RUN`.
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
  /** Never empty, at most 64 KiB of UTF-8; U+FFFD stands for NUL and for bytes that are not UTF-8. */
  readonly data: string;
}

/** The hooks of the caller. */
export interface ExecutionHooks {
  /**
   * Takes the output. The next call comes when the returned promise is fulfilled; the script does not wait for it. If it
   * throws, `execute()` kills the run and rejects with the same error.
   */
  onOutput(chunk: OutputChunk): void | Promise<void>;
  /** Called once, when the script's process has started. That the script cannot be executed may show only later. */
  onStart?(start: { readonly pid: number; readonly at: EpochMs }): void;
  readonly clock: Clock;
  /** Looks up the run's processes; one for all runs of this worker. */
  readonly table: ProcessTable;
  /** Gives the run its cgroup; one for all runs of this worker. Null: there are none. */
  readonly cgroups: Cgroups | null;
  /** Ends the run early; one for each run. */
  readonly stop: StopControl;
}

/** How a run ended. */
export type ExecutionEnd =
  /** By itself. */
  | { readonly kind: "exited"; readonly exitCode: number }
  /** By a signal that the worker did not send, such as the kernel's when memory is short. */
  | { readonly kind: "signalled"; readonly signal: string }
  /** Over its time limit; `signal` is the strongest one sent. */
  | { readonly kind: "timeout"; readonly signal: "SIGTERM" | "SIGKILL" }
  /** Stopped through {@linkcode StopControl}; `signal` is null if the script had not started. */
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
