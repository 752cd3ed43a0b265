import { Command } from "commander";
import { examplesOf } from "../cli/commands/examples.ts";
import { outputFlags } from "../cli/commands/output_flags.ts";
import { processIo } from "../cli/io.ts";
import { makeProgram } from "../cli/program.ts";
import { line, sentence } from "./reference_text.ts";

const OUTPUT = outputFlags(new Command()).options;

/** The flags that every command has; the page lists them once. */
const COMMON: ReadonlySet<string> = new Set(["help", ...OUTPUT.map((option) => option.name())]);

/** The text of `docs/reference/jobctl.md`: each command of jobctl, from the program itself. */
export function jobctlReference(): string {
  const chapters = childrenOf(makeProgram(processIo(), () => {})).map((child) => {
    const leaves = leavesOf(child, child.name());
    return [
      `## ${child.name()}`,
      sentence(child.description()),
      ...leaves.flatMap(([leaf, path]) => section(leaf, path)),
    ];
  });
  return [
    "# Reference of jobctl",
    "Each command, with its arguments, flags and examples, as `jobctl COMMAND --help` prints them. How jobctl finds its " +
    "database or portal, and its exit codes, are in [jobctl](../jobctl.md). `deno task docs` writes this page.",
    "Every command but `completion` takes these flags too:",
    OUTPUT.map(({ flags, description }) => line(flags, description)).join("\n"),
    ...chapters.flat(),
  ].join("\n\n") + "\n";
}

function childrenOf(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command).filter((child) => child.name() !== "help");
}

/** The commands at and below one that do something, with the words that lead to them. */
function leavesOf(command: Command, path: string): readonly (readonly [Command, string])[] {
  const children = childrenOf(command);
  if (children.length === 0) return [[command, path]];
  return children.flatMap((child) => leavesOf(child, `${path} ${child.name()}`));
}

/** The paragraphs of a command. */
function section(command: Command, path: string): readonly string[] {
  const help = command.createHelp();
  const lines = [
    ...help.visibleArguments(command).map((argument) => line(argument.name(), argument.description)),
    ...help.visibleOptions(command).filter((option) => !COMMON.has(option.name()))
      .map((option) => line(option.flags, help.optionDescription(option))),
  ];
  const examples = examplesOf(path);
  return [
    // A chapter of one command has its heading and its sentence already.
    ...(path.includes(" ") ? [`### ${path}`, sentence(command.description())] : []),
    `\`\`\`\n${help.commandUsage(command)}\n\`\`\``,
    ...(lines.length === 0 ? [] : [lines.join("\n")]),
    ...(examples.length === 0 ? [] : [`\`\`\`sh\n${examples.join("\n")}\n\`\`\``]),
  ];
}
