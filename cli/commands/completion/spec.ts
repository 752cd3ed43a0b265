/**
 * What can be completed, read off the program itself: a new command or flag appears by itself.
 *
 * @module
 */
import type { Argument, Command, Option } from "commander";

/** What the shell asks jobctl for while somebody types. */
export const ASKED = ["jobs", "runs", "users"] as const;

/** One of {@linkcode ASKED}. */
export type Asked = typeof ASKED[number];

/** The values of a flag or an argument: words, what jobctl is asked for, or anything (null). */
export type Values = readonly string[] | Asked | null;

/** A command, or the program itself. */
export interface CommandSpec {
  /** The words that lead to it, with a space between them; of the program empty. */
  readonly path: string;
  readonly about: string;
  readonly commands: readonly Pick<CommandSpec, "path" | "about">[];
  readonly options: readonly OptionSpec[];
  /** The values of its arguments, in order. */
  readonly arguments: readonly Values[];
}

/** A flag. */
export interface OptionSpec {
  /** Without a dash; absent: it has none. */
  readonly short?: string;
  /** Without dashes. */
  readonly long: string;
  readonly about: string;
  /** The values that it takes; absent: it takes none. */
  readonly values?: Values;
}

/** The last word of a command's path. */
export function nameOf({ path }: Pick<CommandSpec, "path">): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}

/** The program and all of its commands, each before those below it. */
export function specsOf(program: Command): readonly CommandSpec[] {
  return specsBelow(program, "");
}

function specsBelow(command: Command, path: string): readonly CommandSpec[] {
  const help = command.createHelp();
  const pathOf = (child: Command) => path === "" ? child.name() : `${path} ${child.name()}`;
  const children = help.visibleCommands(command).filter((child) => child.name() !== "help");
  const own: CommandSpec = {
    path,
    about: command.description(),
    commands: children.map((child) => ({ path: pathOf(child), about: child.description() })),
    options: help.visibleOptions(command).map(optionSpec),
    arguments: command.registeredArguments.map((argument) => argumentValues(path, argument)),
  };
  return [own, ...children.flatMap((child) => specsBelow(child, pathOf(child)))];
}

function optionSpec(option: Option): OptionSpec {
  const { short, long, description, argChoices } = option;
  const takesValue = option.required || option.optional;
  return {
    ...(short != null && { short: short.slice(1) }),
    long: (long ?? "").slice(2),
    about: description,
    ...(takesValue && { values: argChoices ?? (long === "--job" ? "jobs" : null) }),
  };
}

function argumentValues(path: string, argument: Argument): Values {
  if (argument.argChoices !== undefined) return argument.argChoices;
  if (argument.name() === "job") return "jobs";
  if (path.startsWith("runs ") && argument.name() === "id") return "runs";
  if (path.startsWith("users ") && path !== "users add" && argument.name() === "name") return "users";
  return null;
}
