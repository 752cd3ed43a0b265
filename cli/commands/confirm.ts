import { Option } from "commander";
import { Invalid } from "@jobtrigger/shared/domain";
import type { Io } from "../io.ts";
import { oneLine } from "../output/mod.ts";

/** What commands that destroy something take. */
export interface ConfirmFlags {
  readonly yes?: boolean;
}

/** The flag that answers the question beforehand. */
export function yesOption(): Option {
  return new Option("-y, --yes", "do not ask; needed where standard input is no terminal");
}

/**
 * Asks before something is destroyed; `what` names it, such as `delete job 3 "nightly"`. Answers whether to go on.
 * @throws {Invalid} when there is nobody to ask.
 */
export async function confirmed(io: Io, { yes = false }: ConfirmFlags, what: string): Promise<boolean> {
  if (yes) return true;
  if (io.ask === null) {
    throw new Invalid([{ field: "--yes", message: `is missing: it takes a terminal or --yes to ${oneLine(what)}` }]);
  }
  const question = oneLine(`${what.charAt(0).toUpperCase()}${what.slice(1)}? This cannot be undone.`);
  if (/^y(?:es)?$/i.test(await io.ask(`${question} [y/N] `))) return true;
  await io.err("Nothing was changed\n");
  return false;
}
