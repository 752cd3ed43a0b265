/**
 * Durations as people type and read them, for schedules, policies, flags and settings alike.
 *
 * @module
 */

const UNITS = [
  { seconds: 86_400, letter: "d", short: "d", long: "day" },
  { seconds: 3600, letter: "h", short: "h", long: "hour" },
  { seconds: 60, letter: "m", short: "min", long: "minute" },
  { seconds: 1, letter: "s", short: "s", long: "second" },
] as const;

/** Other names that people type for units. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([["hr", "hour"], ["sec", "second"]]);

type Unit = (typeof UNITS)[number];

/** Longer texts are refused. */
const MAX_LENGTH = 1000;

/**
 * Seconds, to the millisecond, of `90`, `5m`, `1h30m`, `1.5h` or `2 days`; null when `text` is no duration. The answer
 * may be 0, a fraction, or beyond any bound, so the caller checks its range.
 *
 * @example
 * ```ts
 * import { parseDuration } from "@jobtrigger/shared/domain";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseDuration("90"), 90);
 * assert.equal(parseDuration("1h30m"), 5400);
 * assert.equal(parseDuration("soon"), null);
 * ```
 */
export function parseDuration(text: string): number | null {
  const typed = text.trim().toLowerCase();
  if (typed === "" || typed.length > MAX_LENGTH) return null;
  if (/^\d+(?:\.\d+)?$/.test(typed)) return toMilliseconds(Number(typed));
  let seconds = 0;
  const rest = typed.replaceAll(/(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/g, (part, amount: string, name: string) => {
    const unit = unitOf(name);
    if (unit === undefined) return part;
    seconds += Number(amount) * unit.seconds;
    return "";
  });
  return rest === "" ? toMilliseconds(seconds) : null;
}

/** A duration of whole seconds as it is typed: `1h30m`; parseDuration() reads it. */
export function canonicalDuration(seconds: number): string {
  return inUnits(seconds).map(([amount, unit]) => `${amount}${unit.letter}`).join("");
}

/** A duration of whole seconds in short units: `1 h 30 min`. */
export function shortDuration(seconds: number): string {
  return inUnits(seconds).map(([amount, unit]) => `${amount} ${unit.short}`).join(" ");
}

/** A duration of whole seconds in words: `1 hour 30 minutes`. */
export function describeDuration(seconds: number): string {
  return inUnits(seconds).map(([amount, unit]) => `${amount} ${unit.long}${amount === 1 ? "" : "s"}`).join(" ");
}

/** The unit of `m`, `min`, `mins`, `minute`, `minutes` and the like. */
function unitOf(name: string): Unit | undefined {
  // "ms" is no plural of "m".
  const singular = name.length > 2 && name.endsWith("s") ? name.slice(0, -1) : name;
  const known = OTHER_NAMES.get(singular) ?? singular;
  return UNITS.find(({ letter, short, long }) => known === letter || known === short || known === long);
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function inUnits(seconds: number): [number, Unit][] {
  const parts: [number, Unit][] = [];
  let rest = seconds;
  for (const unit of UNITS) {
    const amount = Math.floor(rest / unit.seconds);
    if (amount > 0) parts.push([amount, unit]);
    rest -= amount * unit.seconds;
  }
  return parts.length === 0 ? [[0, UNITS[3]]] : parts;
}
