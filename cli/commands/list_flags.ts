import { type Command, Option } from "commander";
import { type EpochMs, Invalid } from "@jobtrigger/shared/domain";
import { readSince, readUntil, type TimeContext } from "@jobtrigger/shared/api";
import { countFlag } from "../flags.ts";
import { PAGE_MAX } from "../output/mod.ts";
import type { Session } from "../session.ts";

/** Adds the flags of lists. `limit` is how many rows a page has unless told otherwise. */
export function listFlags(command: Command, limit: number): Command {
  return command
    .option("--limit <n>", `at most this many, up to ${PAGE_MAX}`, countFlag("--limit", PAGE_MAX), limit)
    .option("--cursor <text>", "continue where a list ended")
    .addOption(new Option("--all", "every page, printed as it is read").conflicts("limit"))
    .addOption(watchOption().conflicts(["all", "cursor"]));
}

/** `--watch`. */
export function watchOption(): Option {
  return new Option(
    "-w, --watch",
    "go on until Ctrl-C: redraw on a terminal, else print rows that are new or have changed",
  );
}

/** Adds the terms of a filter as arguments. */
export function filterArgument(command: Command, example: string): Command {
  return command.argument("[filter...]", `such as ${example}; a comma means or: docs/filters.md`);
}

/** Times that a list is narrowed to. */
export interface TimeFlags {
  readonly since?: string;
  readonly until?: string;
}

/** Adds `--since` and `--until`. */
export function timeFlags(command: Command): Command {
  return command
    .option("--since <time>", '24h (ago), 2026-11-01, "2026-11-01 09:00", 09:00 (the last), or ISO 8601')
    .option("--until <time>", "likewise; a day or a minute counts whole");
}

/** What `--since` and `--until` narrow to. @throws {Invalid} that names the flag. */
export function timesOf(
  { since, until }: TimeFlags,
  context: TimeContext,
): { readonly since?: EpochMs; readonly until?: EpochMs } {
  return {
    ...(since !== undefined && { since: reading("--since", () => readSince(since, context)) }),
    ...(until !== undefined && { until: reading("--until", () => readUntil(until, context)) }),
  };
}

/** By what typed times are read: the database's time, and the display zone. */
export async function timeContext({ client, config }: Session): Promise<TimeContext> {
  return { now: await client.now(), zone: config.displayTimezone };
}

function reading<Value>(field: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new Invalid([{ field, message: error.message }]);
    throw error;
  }
}
