import type { Command } from "commander";
import { choiceFlag } from "../flags.ts";
import { COLOR_CHOICES, FORMS } from "../output/mod.ts";

/** Adds the flags that every command has: how its output is written. */
export function outputFlags(command: Command): Command {
  return command
    .option(
      "-o, --output <form>",
      "json, yaml, name (a key or id a line) or wide (all columns)",
      choiceFlag("--output", FORMS),
    )
    .option("--json", "print JSON")
    .option(
      "--color <when>",
      "auto (on a terminal, unless NO_COLOR is set), always or never",
      choiceFlag("--color", COLOR_CHOICES),
    );
}
