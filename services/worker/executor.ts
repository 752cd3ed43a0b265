import type { WorkerConfig } from "@jobtrigger/shared/config";
import { resolveScript } from "@jobtrigger/shared/scripts";
import type { Claim } from "@jobtrigger/shared/store";
import { dirname } from "node:path";
import {
  type Cgroups,
  execute,
  type ExecutionHooks,
  type ExecutionResult,
  formatMark,
  notStarted,
  type Owner,
  type ProcessTable,
  RUN_MARK,
  scriptEnvironment,
} from "./execute/mod.ts";

/** Runs what a claim is about, within `timeoutMs`. Whatever the script does is a result; rejects on a defect of the worker. */
export type Executor = (
  claim: Claim,
  run: Omit<ExecutionHooks, "table" | "cgroups"> & { readonly timeoutMs: number },
) => Promise<ExecutionResult>;

/**
 * The executor of scripts. `workerEnv` is the worker's PATH, HOME and LANG, as far as it has them; `owner` the worker itself,
 * null where processes cannot be looked up; `cgroups` null where it may not make any.
 */
export function scriptExecutor(
  config: Pick<WorkerConfig, "scriptsDirs" | "killGraceMs" | "logMaxBytes">,
  { workerEnv, table, owner, cgroups }: {
    readonly workerEnv: Readonly<Record<string, string>>;
    readonly table: ProcessTable;
    readonly owner: Owner | null;
    readonly cgroups: Cgroups | null;
  },
): Executor {
  return async (claim, { timeoutMs, ...hooks }) => {
    const script = await resolveScript(config.scriptsDirs, claim.scriptPath);
    if (!script.ok) return notStarted(script.message, hooks.clock.now());
    const mark = owner === null ? {} : { [RUN_MARK]: formatMark(owner, claim) };
    return await execute({
      script,
      args: claim.args,
      env: { ...scriptEnvironment(claim, claim.env, workerEnv), ...mark },
      cwd: dirname(script.file),
      timeoutMs,
      graceMs: config.killGraceMs,
      logMaxBytes: config.logMaxBytes,
    }, { ...hooks, table, cgroups });
  };
}
