/**
 * Unit files as systemd reads them (systemd.syntax(7), systemd.time(7), systemd.service(5)): sections of `Name=value`, where an empty
 * value forgets what stood before; time spans; and command lines, which are no shell's.
 *
 * @module
 */

/** The values of a unit by section and name, `Timer.OnCalendar`, in the order in which they stand. */
export type Unit = ReadonlyMap<string, readonly string[]>;

/** Reads a unit's file, or several after each other: a unit with its drop-ins. */
export function parseUnit(text: string): Unit {
  const unit = new Map<string, readonly string[]>();
  let section = "";
  for (const line of text.replace(/^\s*[#;].*\n?/gm, "").replace(/\\\r?\n\s*/g, " ").split(/\r?\n/)) {
    const heading = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const [, name, value = ""] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (heading !== undefined || name === undefined) continue;
    const key = `${section}.${name}`;
    unit.set(key, value === "" ? [] : [...unit.get(key) ?? [], value]);
  }
  return unit;
}

/** The last value of a name; null: there is none. */
export function valueOf(unit: Unit, key: string): string | null {
  return unit.get(key)?.at(-1) ?? null;
}

/** Whether the last value of a name means yes. */
export function isYes(unit: Unit, key: string): boolean {
  return /^(?:1|yes|y|true|t|on)$/i.test(valueOf(unit, key) ?? "");
}

const MONTH_S = 30.44 * 86_400;
const YEAR_S = 365.25 * 86_400;

/** The seconds of each unit of time, by its names. */
const UNITS: readonly (readonly [names: RegExp, seconds: number])[] = [
  [/^(?:usec|us|µs|μs)$/, 1e-6],
  [/^(?:msec|ms)$/, 1e-3],
  [/^(?:seconds?|sec|s|)$/, 1],
  [/^(?:minutes?|min|m)$/, 60],
  [/^(?:hours?|hr|h)$/, 3600],
  [/^(?:days?|d)$/, 86_400],
  [/^(?:weeks?|w)$/, 604_800],
  [/^(?:months?|M)$/, MONTH_S],
  [/^(?:years?|y)$/, YEAR_S],
];

/** The seconds of a time span such as `1h 30min`, where a number alone is seconds; null: it is none. */
export function spanSeconds(text: string): number | null {
  if (!/^(?:\s*\d+(?:\.\d+)?\s*[a-zµμ]*)+\s*$/i.test(text)) return null;
  let sum = 0;
  for (const [, count = "", name = ""] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-zµμ]*)/gi)) {
    const seconds = UNITS.find(([names]) => names.test(name))?.[1];
    if (seconds === undefined) return null;
    sum += Number(count) * seconds;
  }
  return Math.round(sum * 1e6) / 1e6;
}

/** The words of a value: spaces part them, quotes hold them together, `\` escapes. */
export function unitWords(text: string): readonly string[] {
  return [...text.matchAll(/(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'\\])+/g)].map(([word]) =>
    word.replace(
      /"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|\\(.)/g,
      (_, double?: string, single?: string, escape?: string) =>
        escape === undefined
          ? (double ?? single ?? "").replace(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c)
          : ESCAPES[escape] ?? escape,
    )
  );
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", s: " " };
