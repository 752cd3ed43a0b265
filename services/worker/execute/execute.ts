/**
 * One script, from its start until its last process has ended:
 *
 * ```
 *  start ─▶ running ─▶ its process has ended ─▶ what it left behind has ended ─▶ output passed on ─▶ result
 *    │         │ time limit, stop: SIGTERM, grace, SIGKILL
 *    └▶ error  └──────────▲
 * ```
 *
 * The run ends when the script's own process ends; its exit code is the result. Other processes of the run may still
 * write for half a second (as the `tee` of `exec > >(tee log)` does), or after SIGTERM for the rest of the grace;
 * then they are killed. Time limit and grace use the caller's clock. Waits for the kernel alone, for a killed process
 * to vanish or a pipe to close, use real time.
 *
 * @module
 */
import { systemClock } from "@jobtrigger/shared/time";
import { Ending } from "./_ending.ts";
import { RUN_MARK } from "./_process.ts";
import { cannotStart, start } from "./_start.ts";
import type { Cgroup } from "./cgroups.ts";
import { Output } from "./output.ts";
import { RunProcesses } from "./processes.ts";
import type { EpochMs } from "@jobtrigger/shared/domain";
import type { ExecutionEnd, ExecutionFacts, ExecutionHooks, ExecutionRequest, ExecutionResult } from "./types.ts";

/** From SIGTERM to SIGKILL, unless the request says otherwise. */
const DEFAULT_GRACE_MS = 10_000;

/** How long the remaining processes of a script may write after the script ended by itself. */
const SETTLE_MS = 500;

/** How long a pipe may take to close after all processes that could hold it were killed. */
const DRAIN_MS = 1_000;

/**
 * Runs one script to its end and returns how it ended. The processes it started are always ended too.
 *
 * @throws what a hook threw, after the script was killed.
 */
export function execute(request: ExecutionRequest, hooks: ExecutionHooks): Promise<ExecutionResult> {
  const { cgroups } = hooks;
  return cgroups === null ? run(request, hooks, null) : cgroups.run((cgroup) => run(request, hooks, cgroup));
}

/** Starts the script before it waits for anything. */
async function run(request: ExecutionRequest, hooks: ExecutionHooks, cgroup: Cgroup | null): Promise<ExecutionResult> {
  const { clock, stop } = hooks;
  const startedAt = clock.now();
  if (stop.request !== null) {
    return { kind: "stopped", reason: stop.request.reason, signal: null, ...nothing(startedAt) };
  }
  const startedAtMs = performance.now();
  const started = start(request);
  if (typeof started === "string") return notStarted(started, startedAt);
  const { child, exec } = started;

  const graceMs = request.graceMs ?? DEFAULT_GRACE_MS;
  const processes = new RunProcesses(hooks.table, { pid: child.pid, startedAtMs }, {
    mark: request.env[RUN_MARK] ?? null,
    cgroup,
  });
  const ending = new Ending(clock, processes);
  const failures: unknown[] = [];
  const fail = (error: unknown) => {
    failures.push(error);
    ending.begin({ kind: "failure" }, 0);
  };
  const output = new Output({
    limitBytes: request.logMaxBytes,
    clock,
    onOutput: (chunk) => hooks.onOutput(chunk),
    onFailure: fail,
  });
  const closed = Promise.all([
    output.read("stdout", child.stdout),
    output.read("stderr", child.stderr, (bytes) => exec?.filter(bytes) ?? bytes),
  ]);
  ending.limit(request.timeoutMs, graceMs);
  stop.listen((asked) => ending.begin({ kind: "stopped", reason: asked.reason }, asked.graceMs ?? graceMs));
  try {
    hooks.onStart?.({ pid: child.pid, at: startedAt });
  } catch (error) {
    fail(error);
  }

  const status = await child.status;
  processes.leaderEnded();
  const endedAt = clock.now();
  const ended = ending.ended;
  let survivors = await processes.end(async () => {
    if (ended === null) await settled(closed, SETTLE_MS);
    else await Promise.race([closed, ending.graceOver]);
  });
  stop.listen(null);
  await ending.close();
  if (!await settled(closed, DRAIN_MS)) {
    await output.abandon();
    await closed;
    survivors = Math.max(survivors, 1);
  }
  const execError = output.bytes === 0 ? exec?.error(status) ?? null : null;
  if (execError === null && exec !== null) output.take("stderr", exec.held);
  await output.finish();
  if (failures.length > 0) throw failures[0];
  if (execError !== null) return notStarted(cannotStart(request, execError), startedAt);
  return {
    ...endOf(status, ended),
    startedAt,
    endedAt,
    durationMs: Math.max(0, endedAt - startedAt),
    logBytes: output.bytes,
    truncated: output.truncated,
    survivors,
  };
}

function endOf(status: Deno.CommandStatus, ended: Ending["ended"]): ExecutionEnd {
  switch (ended?.cause.kind) {
    case "timeout":
      return { kind: "timeout", signal: ended.signal };
    case "stopped":
      return { kind: "stopped", reason: ended.cause.reason, signal: ended.signal };
    case "failure":
    case undefined:
      return status.signal === null
        ? { kind: "exited", exitCode: status.code }
        : { kind: "signalled", signal: status.signal };
  }
}

/** Waits for `promise`, at most `ms` of real time. Answers whether it came. */
async function settled(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const came = promise.then(() => true);
  const result = await Promise.race([came, systemClock.sleep(ms, over.signal).then(() => false)]);
  over.abort();
  return result;
}

/** The result of a run that could not be started. */
export function notStarted(message: string, at: EpochMs): ExecutionResult {
  return { kind: "error", message, ...nothing(at) };
}

function nothing(at: EpochMs): ExecutionFacts {
  return { startedAt: at, endedAt: at, durationMs: 0, logBytes: 0, truncated: false, survivors: 0 };
}
