import type { Command } from "commander";

/** Adds a command about one job, whose action is given the text that names it. */
export function jobCommand(parent: Command, name: string, about: string): Command {
  return parent.command(name).description(about).argument("<job>", "the job's id, key or exact name");
}
