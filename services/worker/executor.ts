import type { WorkerConfig } from "@jobtrigger/shared/config";
import { resolveScript } from "@jobtrigger/shared/scripts";
import type { Claim } from "@jobtrigger/shared/store";
import { dirname } from "node:path";
import { execute, type ExecutionHooks, type ExecutionResult, notStarted, scriptEnvironment } from "./execute/mod.ts";

/** Runs what a claim is about, within `timeoutMs`. Whatever the script does is a result; rejects on a defect of the worker. */
export type Executor = (claim: Claim, run: ExecutionHooks & { readonly timeoutMs: number }) => Promise<ExecutionResult>;

/** The executor of scripts. `workerEnv` is the worker's PATH, HOME and LANG, as far as it has them. */
export function scriptExecutor(
  config: Pick<WorkerConfig, "scriptsDirs" | "killGraceMs" | "logMaxBytes">,
  workerEnv: Readonly<Record<string, string>>,
): Executor {
  return async (claim, { timeoutMs, ...hooks }) => {
    const script = await resolveScript(config.scriptsDirs, claim.scriptPath);
    if (!script.ok) return notStarted(script.message, hooks.clock.now());
    return await execute({
      script,
      args: claim.args,
      env: scriptEnvironment(claim, claim.env, workerEnv),
      cwd: dirname(script.file),
      timeoutMs,
      graceMs: config.killGraceMs,
      logMaxBytes: config.logMaxBytes,
    }, hooks);
  };
}
