import type { WorkerConfig } from "@jobtrigger/shared/config";
import { Invalid } from "@jobtrigger/shared/domain";
import { resolveScript, type RunnableScript } from "@jobtrigger/shared/scripts";
import type { Claim } from "@jobtrigger/shared/store";
import { dirname, isAbsolute } from "node:path";
import {
  type BaseEnvironment,
  type Cgroups,
  execute,
  type ExecutionHooks,
  type ExecutionRequest,
  type ExecutionResult,
  formatMark,
  notStarted,
  type Owner,
  type ProcessTable,
  RUN_MARK,
  scriptEnvironment,
} from "./execute/mod.ts";
import { isEnv, type Programs } from "./programs.ts";
import { firstForbidden, type ScriptUser } from "./script_user.ts";

/**
 * Runs the script of a claim within `timeoutMs`. Every end of the script is a result; it rejects only on a defect of
 * the worker.
 */
export type Executor = (
  claim: Claim,
  run: Omit<ExecutionHooks, "table" | "cgroups"> & {
    readonly timeoutMs: number;
    /** Which trace the script belongs to; null: none. */
    readonly traceparent: string | null;
  },
) => Promise<ExecutionResult>;

/** The settings for all scripts of a worker. */
export interface ExecutorContext {
  readonly base: Omit<BaseEnvironment, "PATH">;
  readonly programs: Programs;
  /** Null: scripts run as the worker's own user. */
  readonly user: ScriptUser | null;
  readonly table: ProcessTable;
  /** The worker itself; null where processes cannot be looked up. */
  readonly owner: Owner | null;
  /** Null where the worker may not make any. */
  readonly cgroups: Cgroups | null;
  /** Called once for each warning about a script. */
  readonly onWarning: (message: string) => void;
}

/** Most warnings to remember, so that each is logged once. */
const MAX_WARNINGS = 1_000;

/** The executor of scripts. */
export function scriptExecutor(
  config: Pick<WorkerConfig, "scriptsDirs" | "killGraceMs" | "logMaxBytes">,
  { base, programs, user, table, owner, cgroups, onWarning }: ExecutorContext,
): Executor {
  const ownGroup = Deno.gid();
  const warned = new Set<string>();

  return async (claim, { timeoutMs, traceparent, ...hooks }) => {
    const prepared = await prepare(claim, traceparent);
    if (typeof prepared === "string") return notStarted(prepared, hooks.clock.now());
    const { killGraceMs: graceMs, logMaxBytes } = config;
    const request = { ...prepared, args: claim.args, timeoutMs, graceMs, logMaxBytes };
    return await execute(request, { ...hooks, table, cgroups });
  };

  /** The checked command, or a sentence that says why it cannot be started. */
  async function prepare(
    claim: Claim,
    traceparent: string | null,
  ): Promise<Pick<ExecutionRequest, "script" | "env" | "cwd" | "through"> | string> {
    const cannot = (why: string) => `Cannot run script ${JSON.stringify(claim.scriptPath)}: ${why}`;
    let env: Readonly<Record<string, string>>;
    try {
      env = scriptEnvironment({ ...claim, traceparent }, claim.env, { ...base, PATH: programs.path });
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return cannot(`its job's environment is refused. ${error.problems.map(({ message }) => message).join(". ")}`);
    }
    const script = await resolveScript(config.scriptsDirs, claim.scriptPath, { ownGroup });
    if (!script.ok) return script.message;
    for (const warning of script.warnings) warnOnce(`Script ${claim.scriptPath}: ${warning}`);
    const command = await commandOf(script);
    if (typeof command !== "string") return cannot(command.why);
    const forbidden = await forbiddenTo(user, { files: [script.file], programs: [command] });
    if (user !== null && forbidden !== null) {
      return cannot(`its user, ${user.account.name}, may not use ${forbidden}: see the mode and the owner of that`);
    }
    const mark = owner === null ? {} : { [RUN_MARK]: formatMark(owner, claim) };
    return {
      script: { command, args: script.args },
      env: { ...env, ...mark },
      cwd: dirname(script.file),
      ...user === null ? {} : { through: user.start },
    };
  }

  /** The first path that the scripts' user may not use; null: it may use all. */
  async function forbiddenTo(
    user: ScriptUser | null,
    paths: Parameters<typeof firstForbidden>[1],
  ): Promise<string | null> {
    if (user === null) return null;
    // The check is a process too: without a cgroup of its own it could be born in that of a run, and end with it.
    return await (cgroups === null ? firstForbidden(user, paths) : cgroups.run(() => firstForbidden(user, paths)));
  }

  /** Absolute path of the program to start, if it can be executed; else the reason. */
  async function commandOf(
    { command, args, file }: RunnableScript,
  ): Promise<string | { readonly why: string }> {
    const path = isAbsolute(command) ? command : await programs.find(command);
    if (path === null) return { why: `its interpreter ${command} is not on the worker's PATH, ${programs.path}` };
    const why = await programs.check(path);
    if (why !== null) return { why: command === file ? `it ${why}` : `its interpreter ${path} ${why}` };
    const missing = command !== file && isEnv(command)
      ? await programs.checkEnv(args.length > 1 ? args[0] ?? null : null)
      : null;
    return missing === null ? path : { why: `its first line ${missing}` };
  }

  function warnOnce(message: string): void {
    if (warned.has(message) || warned.size >= MAX_WARNINGS) return;
    warned.add(message);
    onWarning(message);
  }
}
