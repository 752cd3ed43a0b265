import type { Command } from "commander";
import { COLOR_CHOICES, FORMS } from "../output/mod.ts";
import { choiceOption } from "./choice_option.ts";

/** Adds the flags that every command has: how its output is written. */
export function outputFlags(command: Command): Command {
  const color = "auto (on a terminal, unless NO_COLOR is set), always or never";
  return command
    .addOption(choiceOption("-o, --output <form>", "json, yaml, name (a key or id a line) or wide", "--output", FORMS))
    .option("--json", "print JSON")
    .addOption(choiceOption("--color <when>", color, "--color", COLOR_CHOICES));
}
