import type { Command } from "commander";

/** Adds a command about one job; the text that names the job is its argument. */
export function jobCommand(parent: Command, name: string, about: string): Command {
  return parent.command(name).description(about).argument("<job>", "the job's id, key or exact name");
}
