import type { Claim } from "../../shared/store/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { type ExecutionResult, ProcessTable, StopControl } from "../../services/worker/execute/mod.ts";
import { type ExecutorContext, scriptExecutor } from "../../services/worker/executor.ts";
import { Programs } from "../../services/worker/programs.ts";
import { CLAIM } from "../support/claim.ts";
import { type ScriptDirectory, scriptDirectory } from "../scripts/_directory.ts";

/** The end of a script, its output, and the worker's warnings. */
export interface Ran {
  readonly result: ExecutionResult;
  readonly output: string;
  readonly warnings: readonly string[];
}

/** A script directory, and an executor of its scripts. */
export interface Stage extends ScriptDirectory {
  run(name: string, claim?: Partial<Claim>): Promise<Ran>;
}

/** Opens one; `path` is the worker's PATH. By default scripts run as this user and without cgroups. */
export async function openStage(
  path = "/usr/bin:/bin",
  { user = null, cgroups = null }: Partial<Pick<ExecutorContext, "user" | "cgroups">> = {},
): Promise<Stage> {
  const directory = await scriptDirectory();
  const programs = await Programs.of(path);
  return {
    ...directory,
    async run(name, claim = {}) {
      await using table = new ProcessTable();
      const warnings: string[] = [];
      const execute = scriptExecutor(
        { scriptsDirs: [directory.path], killGraceMs: 1_000, logMaxBytes: 100_000 },
        {
          base: { HOME: "/", LANG: "C.UTF-8", user: null },
          programs,
          user,
          table,
          owner: null,
          cgroups,
          onWarning: (message) => void warnings.push(message),
        },
      );
      let output = "";
      const result = await execute({ ...CLAIM, scriptPath: name, ...claim }, {
        timeoutMs: 60_000,
        traceparent: null,
        onOutput: ({ data }) => void (output += data),
        clock: systemClock,
        stop: new StopControl(),
      });
      return { result, output, warnings };
    },
  };
}

/** Whether it could not be started, and why, or how it exited. */
export function endOf({ result }: Ran): string {
  if (result.kind === "error") return result.message;
  return result.kind === "exited" ? `exit ${result.exitCode}` : result.kind;
}
