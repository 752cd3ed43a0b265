import { Option } from "commander";
import { choiceFlag } from "../flags.ts";

/** A flag that takes one of `choices`, which shells complete; `name` in messages. */
export function choiceOption(flags: string, about: string, name: string, choices: readonly string[]): Option {
  return new Option(flags, about).choices(choices).argParser(choiceFlag(name, choices));
}
