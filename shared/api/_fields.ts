/**
 * Readers of single fields of what people send. Each answers the value or throws what is wrong with it, in words that complete
 * "field: …".
 *
 * @module
 */
import { type EpochMs, epochMs, parseDuration, type ProblemCode } from "../domain/mod.ts";
import { readTypedTime } from "./typed_time.ts";

/** The bounds of a number, and what it counts. */
export interface Bounds {
  /** The smallest. */
  readonly min: number;
  /** The greatest. */
  readonly max: number;
  /** What it counts, such as `seconds`. */
  readonly unit: string;
}

/** A field is wrong; `code` says to programs what is wrong. */
export class Refused extends RangeError {
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Text without the space around it; `fallback` where there is none. @throws {RangeError} */
export function textOr(input: unknown, fallback: string): string {
  if (input === undefined || input === null) return fallback;
  if (typeof input !== "string") throw new RangeError(`expected text, found ${typeof input}`);
  return input.trim() === "" ? fallback : input.trim();
}

/** A whole number, as number or text. Null where nothing is given. @throws {RangeError} */
export function wholeOrNull(input: unknown, { min, max, unit }: Bounds): number | null {
  if (isNothing(input)) return null;
  const value = typeof input === "string" && /^-?\d{1,10}$/.test(input.trim()) ? Number(input) : input;
  return within(value, { min, max }, input, `a whole number of ${unit} from ${min} to ${max}`);
}

/** A duration in whole seconds, as number or text such as `90`, `5m` or `1h30m`. Null where nothing is given. @throws {RangeError} */
export function durationOrNull(input: unknown, { min, max }: Bounds): number | null {
  if (isNothing(input)) return null;
  const value = typeof input === "string" ? parseDuration(input) : input;
  const expected = `a whole number of seconds from ${min} to ${max}, or a duration such as 5m or 1h30m`;
  return within(value, { min, max }, input, expected);
}

function within(value: unknown, { min, max }: Pick<Bounds, "min" | "max">, input: unknown, expected: string): number {
  const isWhole = typeof value === "number" && Number.isInteger(value);
  if (isWhole && value >= min && value <= max) return value;
  throw new Refused(isWhole ? "out_of_range" : "invalid", `found ${JSON.stringify(input)}, expected ${expected}`);
}

function isNothing(input: unknown): boolean {
  return input === undefined || input === null || input === "";
}

/** One of some words. Null where nothing is given. @throws {RangeError} */
export function wordOrNull<Word extends string>(input: unknown, words: readonly Word[]): Word | null {
  const text = textOr(input, "");
  const found = words.find((word) => word === text.toLowerCase());
  if (text === "" || found !== undefined) return found ?? null;
  throw new Refused("unknown", `found "${text}", expected one of ${words.join(", ")}`);
}

/**
 * An instant: ISO 8601 with an offset, or a day or a wall time in `zone`, such as `2026-12-01 09:00`. A time without a date is
 * refused: it would be no instant, but one of each day. Null where nothing is given.
 * @throws {RangeError}
 */
export function instantOrNull(input: unknown, zone: string): EpochMs | null {
  if (typeof input === "number") return epochMs(input);
  const text = textOr(input, "");
  if (text === "") return null;
  const time = readTypedTime(text, { now: null, zone });
  if (time !== null) return time.at;
  throw new RangeError(`found "${text}", expected a day and a time such as 2026-12-01 09:00 or 2026-12-01T01:00:00Z`);
}
