import { Command, CommanderError, type Option, type OutputConfiguration } from "commander";
import { exitCodeOf, fileFault, Invalid, StoreUnavailable, VERSION } from "@jobtrigger/shared/domain";
import { addAlertsCommands } from "./commands/alerts.ts";
import { addAuditCommands } from "./commands/audit.ts";
import { addCompletionCommands } from "./commands/completion.ts";
import { addDatabaseCommands } from "./commands/database.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addExamples } from "./commands/examples.ts";
import { addImportCommands } from "./commands/import.ts";
import { addJobsCommands } from "./commands/jobs.ts";
import { addLoginCommands } from "./commands/login.ts";
import { outputFlags } from "./commands/output_flags.ts";
import { addRunsCommands } from "./commands/runs.ts";
import { addScheduleCommands } from "./commands/schedule.ts";
import { addQueueCommand } from "./commands/queue.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addTimeCommands } from "./commands/times.ts";
import { addUsersCommands } from "./commands/users.ts";
import { addWebhooksCommands } from "./commands/webhooks.ts";
import { addWorkersCommands } from "./commands/workers.ts";
import type { Io } from "./io.ts";
import { oneLine } from "./output/mod.ts";

const AFTER_HELP = `
Examples:
  jobctl jobs create --name Backup --script backup.sh --schedule "daily at 02:30"
  jobctl jobs run 1 --wait
  jobctl jobs why 1 --at 02:00
  jobctl runs list --job 1 --status FAILED,TIMEOUT
  jobctl schedule explain --schedule "cron 0 9 * * mon-fri"
  jobctl users add alice --role admin
  jobctl webhooks add nightly ci --arg "/ref string"
  jobctl audit --since 2026-11-01 --action jobs.edit
  jobctl import reflex --from sqlite:///reflex.db --dry-run
  jobctl database copy --from sqlite:///jobs.db --to postgresql://jobtrigger@db.example/jobs

Exit codes: 0 done, 1 failed, 2 wrong use or input, 4 not permitted, 5 no such thing, 6 conflict;
"jobs run --wait" exits as the script does: with its code, with 128 + n when signal n ended it, with 1 when there is neither.
Variables: DATABASE_URL, SCRIPTS_DIR, DISPLAY_TIMEZONE; JOBTRIGGER_URL and JOBTRIGGER_TOKEN for a portal in place of a
database, or jobctl login; see docs/configuration.md and docs/jobctl.md.`;

/**
 * Runs jobctl with `args` and answers its exit code: 0 done, 1 failed, 2 wrong use or input, 4 not permitted, 5 no such
 * thing, 6 conflict. Errors go to standard error.
 */
export async function runJobctl(args: readonly string[], io: Io): Promise<number> {
  let code = 0;
  const said: string[] = [];
  const printed: string[] = [];
  const output: OutputConfiguration = {
    writeOut: (text) => printed.push(text),
    writeErr: (text) => said.push(text),
  };
  // Whoever names no command first, but a flag or nothing, asks about all of them. So does who wants them completed.
  const only = args[0] === "completion" ? undefined : args[0];
  const program = makeProgram(io, (ownCode) => code = ownCode, { output, only });

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

/** What adds the commands of some names. */
type Adder = readonly [
  names: readonly string[],
  add: (program: Command, io: Io, exit: (code: number) => void) => void,
];

/** All commands, in the order of the help. */
const COMMANDS: readonly Adder[] = [
  [["jobs"], addJobsCommands],
  [["runs"], addRunsCommands],
  [["queue"], addQueueCommand],
  [["workers"], addWorkersCommands],
  [["status"], addStatusCommand],
  [["doctor"], addDoctorCommand],
  [["timeline", "stats"], addTimeCommands],
  [["schedule"], addScheduleCommands],
  [["users"], addUsersCommands],
  [["webhooks"], addWebhooksCommands],
  [["alerts", "alert-rules", "alert-channels"], addAlertsCommands],
  [["audit"], addAuditCommands],
  [["database"], addDatabaseCommands],
  [["import"], addImportCommands],
  [["login", "logout", "whoami"], addLoginCommands],
  [["completion", "complete-values"], addCompletionCommands],
];

/**
 * The program with all of its commands. `exit` takes the exit code of a command that has its own; `output` what help and errors
 * print. With the name of a command as `only`, the program has that one and its neighbours: to make all takes longer than most
 * commands run.
 */
export function makeProgram(
  io: Io,
  exit: (code: number) => void,
  { output = {}, only }: { readonly output?: OutputConfiguration; readonly only?: string | undefined } = {},
): Command {
  const program = new Command("jobctl")
    .description("steer Job Trigger Portal from the command line")
    .version(VERSION)
    .addHelpText("after", AFTER_HELP)
    .configureHelp({ optionDescription, argumentDescription: ({ description }) => description })
    .exitOverride()
    .configureOutput({ ...output, getOutHasColors: () => false, getErrHasColors: () => false });
  const named = COMMANDS.filter(([names]) => only !== undefined && names.includes(only));
  for (const [, add] of named.length > 0 ? named : COMMANDS) add(program, io, exit);
  complete(program, "");
  return program;
}

/** Commands whose output has one form: shells read it. */
const FORMLESS = ["completion", "complete-values"];

/** What help says of a flag. Choices stand in its description already. */
function optionDescription({ description, defaultValue, defaultValueDescription }: Option): string {
  if (defaultValue === undefined || typeof defaultValue === "boolean") return description;
  return `${description} (default: ${defaultValueDescription ?? JSON.stringify(defaultValue)})`;
}

/** Sets up every command: the flags of its output, its examples, and a one-line error that names the help to read. */
function complete(command: Command, path: string): void {
  if (command.commands.length === 0 && !FORMLESS.includes(command.name())) outputFlags(command);
  addExamples(command, path);
  const named = `jobctl ${path}`.trimEnd();
  command.configureOutput({
    outputError: (text, write) =>
      write(`jobctl: ${oneLine(text.replace(/^error: /, "").trimEnd())} (see ${named} --help)\n`),
  });
  for (const child of command.commands) complete(child, `${path} ${child.name()}`.trimStart());
}

/** The name under which people typed what a field is called elsewhere. */
function typedAs(field: string): string {
  return field === "idempotency-key" ? "--key" : field;
}

/** The file that an error of Deno names at its end, or a refusal of Deno first; without one, a file. */
function fileOf(error: unknown): string {
  const text = error instanceof Error ? error.message : "";
  return /'([^']+)'$/.exec(text)?.[1] ?? /access to "([^"]+)"/.exec(text)?.[1] ?? "a file";
}

async function report(error: unknown, io: Io): Promise<number> {
  const code = exitCodeOf(error);
  const isForeseen = code !== 1 || error instanceof StoreUnavailable;
  if (error instanceof Invalid) {
    const lines = error.problems.map(({ field, message }) => oneLine(`jobctl: ${typedAs(field)}: ${message}`));
    await io.err(lines.map((line) => `${line}\n`).join(""));
  } else if (isForeseen && error instanceof Error) {
    await io.err(`jobctl: ${oneLine(error.message)}\n`);
  } else if (fileFault(error) !== null) {
    await io.err(`jobctl: ${oneLine(`Cannot use ${fileOf(error)}: ${fileFault(error)}`)}\n`);
  } else {
    // A defect: the stack helps to repair it.
    await io.err(`jobctl: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
  return code;
}
