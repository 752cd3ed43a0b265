import { Command, CommanderError } from "commander";
import { exitCodeOf, Invalid, StoreUnavailable, VERSION } from "@jobtrigger/shared/domain";
import { ScheduleError } from "@jobtrigger/shared/schedule";
import { addJobsCommands } from "./commands/jobs.ts";
import { addRunsCommands } from "./commands/runs.ts";
import { addScheduleCommands } from "./commands/schedule.ts";
import { addWorkersCommands } from "./commands/workers.ts";
import type { Io } from "./io.ts";

/**
 * Runs jobctl with `args` and answers its exit code: 0 done, 1 failed, 2 wrong use or input, 5 no such thing, 6 somebody
 * else was first. What was wrong is said on standard error.
 */
export async function runJobctl(args: readonly string[], io: Io): Promise<number> {
  let code = 0;
  const said: string[] = [];
  const printed: string[] = [];
  const program = new Command("jobctl")
    .description("steer Job Trigger Portal from the command line")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printed.push(text),
      writeErr: (text) => said.push(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  addJobsCommands(program, io, (ownCode) => code = ownCode);
  addRunsCommands(program, io);
  addWorkersCommands(program, io);
  addScheduleCommands(program, io);
  inheritSettings(program, program);

  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) code = error.exitCode === 0 ? 0 : 2;
    else code = await report(error, io);
  }
  if (printed.length > 0) await io.out(printed.join(""));
  if (said.length > 0) await io.err(said.join(""));
  return code;
}

/** Subcommands made before the settings of their parent are complete take them over here. */
function inheritSettings(program: Command, command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(program).showHelpAfterError("(add --help for the flags)");
    inheritSettings(program, child);
  }
}

async function report(error: unknown, io: Io): Promise<number> {
  if (error instanceof Invalid) {
    await io.err(error.problems.map(({ field, message }) => `jobctl: ${field}: ${message}\n`).join(""));
  } else if (error instanceof ScheduleError) {
    await io.err(`jobctl: ${error.field}: ${error.message}\n`);
    return exitCodeOf(new Invalid([]));
  } else if (exitCodeOf(error) !== 1 || error instanceof StoreUnavailable) {
    await io.err(`jobctl: ${error instanceof Error ? error.message : String(error)}\n`);
  } else {
    await io.err(`jobctl: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  }
  return exitCodeOf(error);
}
