/**
 * Readers of flags and arguments. A wrong text throws {@linkcode Invalid} (exit code 2), which names the flag.
 *
 * @module
 */
import { type DispatchId, dispatchId, type EpochMs, Invalid, parseDuration } from "@jobtrigger/shared/domain";
import { readInstant, readLabels } from "@jobtrigger/shared/api";
import { ScheduleError } from "@jobtrigger/shared/schedule";

/** Adds `value` to what a repeated flag has gathered. */
export function gather(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...before ?? [], value];
}

/** Labels of which a job has one, in their stored form, added to the groups before. */
export function labelFlag(
  text: string,
  before: readonly (readonly string[])[] | undefined,
): readonly (readonly string[])[] {
  return [...before ?? [], readLabels(text, "--label")];
}

/** `NAME=value` of a repeated flag. */
export function gatherPair(
  pair: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = pair.indexOf("=");
  if (at < 1) throw wrong("--env", pair, "NAME=value");
  return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
}

/** An idempotency key. An empty one, for example from an unset variable, would merge all requests into one. */
export function keyFlag(text: string): string {
  if (text.trim() !== "") return text;
  throw wrong("--key", text, "a text of its own for each request");
}

/** A run's id, called `name` in messages. */
export function runIdFlag(name: string): (text: string) => DispatchId {
  return (text) => dispatchId(whole(name, text));
}

/** A count of 1 to `max`, called `name` in messages. */
export function countFlag(name: string, max: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => whole(name, text, max);
}

/** A count of 0 or more, called `name` in messages. */
export function offsetFlag(name: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw wrong(name, text, "a whole number from 0");
  };
}

/** A duration in seconds, called `name` in messages. */
export function durationFlag(name: string): (text: string) => number {
  return (text) => {
    const seconds = parseDuration(text);
    if (seconds !== null && seconds > 0) return seconds;
    throw wrong(name, text, "a duration such as 30m or 2h");
  };
}

/** One of `choices`, called `name` in messages. */
export function choiceFlag<Choice extends string>(name: string, choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((known) => known === text);
    if (choice === undefined) throw wrong(name, text, `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`);
    return choice;
  };
}

/** Some of `choices` separated by commas, in any case, called `name` in messages. */
export function choicesFlag<Choice extends string>(
  name: string,
  choices: readonly Choice[],
): (text: string) => readonly Choice[] {
  return (text) =>
    text.split(",").map((part) => {
      const choice = choices.find((known) => known === part.trim().toUpperCase());
      if (choice === undefined) throw wrong(name, part, `any of ${choices.join(",")}`);
      return choice;
    });
}

/** An instant in ISO 8601, called `name` in messages. */
export function instantFlag(name: string): (text: string) => EpochMs {
  return (text) => {
    const at = readInstant(text);
    if (at === null) throw wrong(name, text, INSTANT);
    return at;
  };
}

/** What messages call an instant. */
export const INSTANT = "an instant in ISO 8601 with Z or an offset, such as 2026-11-24T09:00:00+08:00";

/** The value of `--schedule`: text as it is, or the JSON form read. */
export function scheduleFlag(text: string): unknown {
  return text.trimStart().startsWith("{") ? parseJson(text, "--schedule") : text;
}

/** Parses JSON. @throws {Invalid} that names the flag `name`. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Invalid([{ field: name, message: `Cannot parse as JSON: ${reason}` }]);
  }
}

/** Calls `parse`. An error of the schedule engine becomes {@linkcode Invalid} with the name of the flag. */
export function flagged<Value>(name: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ScheduleError) throw new Invalid([{ field: name, message: error.message }]);
    throw error;
  }
}

function whole(name: string, text: string, max: number = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  throw wrong(name, text, `a whole number from 1${max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`}`);
}

function wrong(name: string, found: string, expected: string): Invalid {
  return new Invalid([{ field: name, message: `found ${JSON.stringify(found)}, expected ${expected}` }]);
}
