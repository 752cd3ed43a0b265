/**
 * Crontabs, as cron(8) of Debian (Vixie cron) and cronie read them:
 *
 * - A line is a comment (`#`), a variable (`NAME=value`, for the lines after it), or five fields or an `@` name, in a system
 *   crontab a user, and a command.
 * - `CRON_TZ` is the zone of the lines after it (cronie).
 * - In a command an unescaped `%` ends a line; what follows the first is the command's standard input; `\%` is a percent sign.
 *
 * The comment straight above a line is what people called the job.
 *
 * @module
 */
import { ScheduleError } from "../schedule/mod.ts";
import { parseCron } from "../schedule/cron/parse.ts";

/** A line that runs something. */
export interface CrontabJob {
  /** Its number in the file, from 1. */
  readonly line: number;
  /** The comment above it, else the name of the program it runs. */
  readonly name: string;
  /** Five fields, or an `@` name. */
  readonly expression: string;
  /** The zone that `CRON_TZ` names; null: the machine's. */
  readonly timezone: string | null;
  /** The user who runs it, in a system crontab; null in a user's. */
  readonly user: string | null;
  /** What a shell runs. */
  readonly command: string;
  /** What the command reads; null: nothing. */
  readonly stdin: string | null;
  /** The variables of the lines above it. */
  readonly env: Readonly<Record<string, string>>;
}

/** A line that cannot be taken over. */
export interface CrontabProblem {
  /** Its number in the file, from 1. */
  readonly line: number;
  /** Why, in a sentence. */
  readonly message: string;
}

/** What a crontab holds. */
export interface Crontab {
  /** The lines that run something. */
  readonly jobs: readonly CrontabJob[];
  /** The lines that cannot be taken over. */
  readonly problems: readonly CrontabProblem[];
}

/** A variable: spaces around the sign and quotes around name and value do not belong to them. */
const VARIABLE = /^\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z_][A-Za-z0-9_]*))\s*=\s*(.*?)\s*$/;

/** Reads a crontab; in a `isSystem` one a user stands before each command, as in `/etc/crontab` and `/etc/cron.d`. */
export function parseCrontab(text: string, { isSystem }: { readonly isSystem: boolean }): Crontab {
  const jobs: CrontabJob[] = [];
  const problems: CrontabProblem[] = [];
  let env: Readonly<Record<string, string>> = {};
  let comment: string | null = null;
  text.split(/\r?\n/).forEach((content, index) => {
    const line = index + 1;
    if (/^\s*$/.test(content)) {
      comment = null;
      return;
    }
    if (/^\s*#/.test(content)) {
      comment = content.replace(/^[\s#]+/, "").trim();
      return;
    }
    const variable = VARIABLE.exec(content);
    if (variable !== null) {
      const [, double, single, bare, value = ""] = variable;
      env = { ...env, [double ?? single ?? bare ?? ""]: value.replace(/^(["'])(.*)\1$/, "$2") };
      return;
    }
    const job = readLine(content.trim(), { line, comment, env, isSystem });
    if ("message" in job) problems.push(job);
    else jobs.push(job);
    comment = null;
  });
  return { jobs, problems };
}

function readLine(
  content: string,
  { line, comment, env, isSystem }: Pick<CrontabJob, "line" | "env"> & {
    readonly comment: string | null;
    readonly isSystem: boolean;
  },
): CrontabJob | CrontabProblem {
  const fields = content.startsWith("@") ? 1 : 5;
  const match = new RegExp(`^((?:\\S+\\s+){${fields - 1}}\\S+)\\s+(${isSystem ? "\\S+" : ""})\\s*(\\S.*)$`).exec(
    content,
  );
  const [, written = "", user = "", rest = ""] = match ?? [];
  if (match === null) {
    return {
      line,
      message: `it is no line of a crontab: expected ${isSystem ? "a time, a user" : "a time"} and a command`,
    };
  }
  const expression = written.replace(/\s+/g, " ");
  if (expression.toLowerCase() === "@reboot") {
    return { line, message: "@reboot runs when a machine starts, which no schedule can say; start it from systemd" };
  }
  try {
    parseCron(expression);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    return { line, message: error.message };
  }
  const [command = "", ...input] = splitAtPercent(rest);
  const { CRON_TZ: timezone = null, ...others } = env;
  return {
    line,
    name: comment === null || comment === "" ? programOf(command) : comment,
    expression,
    timezone,
    user: isSystem ? user : null,
    command: command.trim(),
    stdin: input.length === 0 ? null : `${input.join("\n")}\n`,
    env: others,
  };
}

/** The parts between unescaped percent signs. */
function splitAtPercent(text: string): readonly string[] {
  return text.split(/(?<!\\)%/).map((part) => part.replaceAll("\\%", "%"));
}

/** The last part of the first word that is no assignment. */
function programOf(command: string): string {
  const words = command.trim().split(/\s+/);
  const program = words.find((word) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) ?? command;
  return program.split("/").at(-1) || command;
}

/** A script that does what cron did: it exports the variables and hands the command to their `SHELL`, in the home directory. */
export function crontabScript({ command, stdin, env, line }: CrontabJob, origin: string): string {
  const { SHELL: shell = "/bin/sh", MAILTO: _mail, ...others } = env;
  const exports = Object.entries(others).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  const end = stdin === null ? "" : endOf(stdin);
  const input = stdin === null ? "" : ` <<'${end}'\n${stdin}${end}`;
  return [
    `#!/bin/sh\n`,
    `# From line ${line} of ${origin.replaceAll(/[\r\n]/g, " ")}.\n`,
    ...exports,
    `cd "$HOME" || exit 1\n`,
    `exec ${quoted(shell)} -c ${quoted(command)}${input}\n`,
  ].join("");
}

/** A line that `text` does not have. */
function endOf(text: string): string {
  let end = "END";
  while (text.includes(end)) end += "_";
  return end;
}

/** A text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
