/**
 * How the body of a delivery becomes the arguments of a run. A webhook has a list of entries, each a text, and each makes one
 * argument, in that order:
 *
 * | entry                        | makes                                                                             |
 * | ---------------------------- | --------------------------------------------------------------------------------- |
 * | `=--quiet`                   | what stands after the `=`, always                                                 |
 * | `/ref string`                | the text at that place of the JSON body (JSON Pointer, RFC 6901)                  |
 * | `/count number min=1 max=50` | a number within bounds                                                            |
 * | `/force boolean optional`    | `true` or `false`; nothing where the body has no such place, or null              |
 * | `/ref string prefix=--ref=`  | `--ref=` and the text, as one argument                                            |
 * | `/path string dash`          | the text, also where it begins with a dash                                        |
 *
 * **A value never becomes an option of the script by itself**: one that begins with a dash is refused, unless the entry says `dash`
 * or has a prefix, or an entry before it is `=--`, after which most programs take no more options. A text has at most `max`
 * characters, 256 unless it says otherwise, and no NUL.
 *
 * @module
 */
import { Invalid, type Problem } from "../domain/mod.ts";

/** Most entries of a webhook. */
export const MAX_WEBHOOK_ARGS = 30;

/** Longest entry. */
const ENTRY_MAX = 500;

/** Most characters of a text, unless its entry says fewer or more; and the most that it may say. */
const TEXT_MAX = 256;
const TEXT_LIMIT = 4096;

const TYPES = ["string", "number", "boolean"] as const;

/** A pointer, whose escapes are `~0` and `~1`; a space in it is `%20`, since the parts of an entry are separated by spaces. */
const POINTER = /^(?:\/(?:[^/~\s]|~[01])*)+$/;

type Entry =
  | { readonly kind: "literal"; readonly text: string }
  | {
    readonly kind: "value";
    readonly pointer: string;
    readonly type: typeof TYPES[number];
    readonly isOptional: boolean;
    readonly mayBeOption: boolean;
    readonly min: number | null;
    readonly max: number | null;
    readonly prefix: string;
  };

/** The entries of a webhook, checked. @throws {Invalid} whose problems are of `args` and name each wrong entry. */
export function parseWebhookArgs(entries: readonly string[]): readonly string[] {
  if (entries.length > MAX_WEBHOOK_ARGS) {
    throw new Invalid([wrong(`found ${entries.length} entries, expected at most ${MAX_WEBHOOK_ARGS}`, "out_of_range")]);
  }
  const problems = entries.flatMap((entry) => {
    const read = readEntry(entry);
    return typeof read === "string" ? [wrong(`${JSON.stringify(entry.slice(0, 80))}: ${read}`)] : [];
  });
  if (problems.length > 0) throw new Invalid(problems);
  return entries;
}

/**
 * The arguments of a run that a delivery with this JSON body starts; null: the job's own, since the webhook has no entries.
 * @throws {Invalid} that names each place of the body with a wrong value.
 *
 * @example
 * ```ts
 * import { webhookArguments } from "@jobtrigger/shared/api";
 * import assert from "node:assert/strict";
 *
 * const entries = ["=--quiet", "/ref string prefix=--ref=", "=--", "/commits/0/message string"];
 * const body = { ref: "main", commits: [{ message: "-rf is only a text here" }] };
 * assert.deepEqual(webhookArguments(entries, body), ["--quiet", "--ref=main", "--", "-rf is only a text here"]);
 * ```
 */
export function webhookArguments(entries: readonly string[], body: unknown): readonly string[] | null {
  if (entries.length === 0) return null;
  const problems: Problem[] = [];
  const args: string[] = [];
  let areOptionsOver = false;
  for (const text of entries) {
    const entry = readEntry(text);
    if (typeof entry === "string") throw new Error(`A stored entry of a webhook cannot be read: ${text}: ${entry}`);
    if (entry.kind === "literal") {
      areOptionsOver ||= entry.text === "--";
      args.push(entry.text);
      continue;
    }
    const value = valueAt(body, entry.pointer);
    if (value === undefined || value === null) {
      if (!entry.isOptional) problems.push(at(entry.pointer, `expected a ${entry.type}, found nothing`, "missing"));
      continue;
    }
    const problem = problemOf(value, entry);
    if (problem !== null) {
      problems.push(at(entry.pointer, problem));
      continue;
    }
    // Only now: an object of the body may have a `toString` of its own, which is no function.
    const arg = entry.prefix + String(value);
    if (arg.startsWith("-") && entry.prefix === "" && !entry.mayBeOption && !areOptionsOver) {
      problems.push(at(entry.pointer, "begins with a dash, which the script could take for an option"));
    } else args.push(arg);
  }
  if (problems.length > 0) throw new Invalid(problems);
  return args;
}

/** An entry; a text: what is wrong with it. */
function readEntry(text: string): Entry | string {
  if (text.length > ENTRY_MAX || text.includes("\0")) return `expected at most ${ENTRY_MAX} characters, and no NUL`;
  if (text.startsWith("=")) return { kind: "literal", text: text.slice(1) };
  const [pointer = "", type, ...flags] = text.trim().split(/\s+/);
  if (!POINTER.test(pointer)) return "expected =text, or a JSON Pointer such as /ref and a type";
  const known = TYPES.find((one) => one === type);
  if (known === undefined) return `expected string, number or boolean after ${pointer}`;
  let entry: Extract<Entry, { kind: "value" }> = {
    kind: "value",
    pointer,
    type: known,
    isOptional: false,
    mayBeOption: false,
    min: null,
    max: null,
    prefix: "",
  };
  for (const flag of flags) {
    const [, name = "", value = ""] = /^([a-z]+)(?:=(.+))?$/.exec(flag) ?? [];
    if (flag === "optional") entry = { ...entry, isOptional: true };
    else if (flag === "dash") entry = { ...entry, mayBeOption: true };
    else if (name === "prefix" && value !== "") entry = { ...entry, prefix: value };
    else if ((name === "min" || name === "max") && /^-?\d{1,15}(?:\.\d{1,6})?$/.test(value) && known !== "boolean") {
      entry = { ...entry, [name]: Number(value) };
    } else return `found ${JSON.stringify(flag)}, expected optional, dash, min=…, max=… or prefix=…`;
  }
  const { min, max } = entry;
  if (min !== null && max !== null && min > max) return "min is larger than max";
  if (known === "string" && [min, max].some((bound) => bound !== null && !(bound >= 0 && bound <= TEXT_LIMIT))) {
    return `expected 0 to ${TEXT_LIMIT} characters as the bounds of a text`;
  }
  return entry;
}

/** The problem of a value; null: it has none. */
function problemOf(value: unknown, { type, min, max }: Extract<Entry, { kind: "value" }>): string | null {
  const found: string = typeof value;
  if (found !== type) {
    return `expected a ${type}, found ${
      Array.isArray(value) ? "a list" : found === "object" ? "an object" : `a ${found}`
    }`;
  }
  if (typeof value === "number") {
    if ((min !== null && value < min) || (max !== null && value > max)) {
      return `found ${value}, expected ${min ?? "…"} to ${max ?? "…"}`;
    }
  }
  if (typeof value === "string") {
    const [least, most] = [min ?? 0, max ?? TEXT_MAX];
    const { length } = [...value];
    if (length < least || length > most) return `found ${length} characters, expected ${least} to ${most}`;
    if (value.includes("\0")) return "has a NUL, which no argument can hold";
  }
  return null;
}

/** The value at a pointer; undefined: there is none. Only what the body itself has counts, not what every object inherits. */
function valueAt(body: unknown, pointer: string): unknown {
  let value = body;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("%20", " ").replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null) return undefined;
    if (Array.isArray(value) && !/^(?:0|[1-9]\d{0,5})$/.test(key)) return undefined;
    if (!Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function wrong(message: string, code: "invalid" | "out_of_range" = "invalid"): Problem {
  return { field: "args", message, code };
}

function at(pointer: string, message: string, code: "invalid" | "missing" = "invalid"): Problem {
  return { field: pointer, message, code };
}
