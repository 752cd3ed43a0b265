/**
 * Schedules as people type and read them:
 *
 * ```text
 * manual
 * once at 2026-12-01 09:00
 * every 5m · every 1h30m · every 10s from 2026-11-23T00:00:00Z
 * hourly at :15
 * daily at 09:00
 * weekly on mon,fri at 09:00 · weekly on mon-fri at 09:00
 * monthly on 31 at 09:00 · monthly on last at 09:00
 * cron 0 9 * * mon-fri · @daily · 0 9 * * mon-fri
 * ```
 *
 * Case and spaces do not matter, times may have seconds, days and units may be written out.
 *
 * @module
 */
import { parseCron } from "./cron/parse.ts";
import { didYouMean, quote, ScheduleError } from "./errors.ts";
import { type Schedule, type Weekday, WEEKDAYS } from "./types.ts";
import {
  canonicalExpression,
  canonicalInstant,
  canonicalTime,
  canonicalWall,
  daysBetween,
  formatDuration,
  inWeekOrder,
  MAX_EVERY_SECONDS,
  readDuration,
  readWeekday,
} from "./values.ts";

const MAX_LENGTH = 2_000;

/** The first word of each form, an example of it, and the property that its "at" or "from" brings. */
const FORMS: ReadonlyMap<string, { readonly example: string; readonly property: string }> = new Map([
  ["manual", { example: "manual", property: "kind" }],
  ["once", { example: "once at 2026-12-01 09:00", property: "at" }],
  ["every", { example: "every 5m from 2026-11-23T00:00:00Z", property: "anchor" }],
  ["hourly", { example: "hourly at :15", property: "minute" }],
  ["daily", { example: "daily at 09:00", property: "time" }],
  ["weekly", { example: "weekly on mon,fri at 09:00", property: "time" }],
  ["monthly", { example: "monthly on 31 at 09:00", property: "time" }],
  ["cron", { example: "cron 0 9 * * mon-fri", property: "expression" }],
]);

/**
 * Parses the text form of a schedule.
 *
 * @example
 * ```ts
 * import { formatSchedule, parseScheduleText } from "@jobtrigger/shared/schedule";
 * import assert from "node:assert/strict";
 *
 * const schedule = parseScheduleText("Weekly on Fri, Mon at 9:00");
 * assert.deepEqual(schedule, { kind: "weekly", days: ["mon", "fri"], time: "09:00" });
 * assert.equal(formatSchedule(schedule), "weekly on mon,fri at 09:00");
 * ```
 *
 * @throws {ScheduleError} with the field that is wrong and where it stands.
 */
export function parseScheduleText(text: string): Schedule {
  return new ScheduleText(text).parse();
}

/** The text form of a schedule; {@linkcode parseScheduleText} gives the same schedule back. */
export function formatSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case "manual":
      return "manual";
    case "once":
      return `once at ${schedule.at.replace("T", " ")}`;
    case "interval": {
      const from = schedule.anchor === undefined ? "" : ` from ${schedule.anchor}`;
      return `every ${formatDuration(schedule.everySeconds)}${from}`;
    }
    case "hourly":
      return `hourly at :${String(schedule.minute).padStart(2, "0")}`;
    case "daily":
      return `daily at ${schedule.time}`;
    case "weekly":
      return `weekly on ${schedule.days.join(",")} at ${schedule.time}`;
    case "monthly":
      return `monthly on ${schedule.day} at ${schedule.time}`;
    case "cron":
      return `cron ${schedule.expression}`;
  }
}

/** A part of the text and where it starts. */
interface Phrase {
  readonly text: string;
  readonly at: number;
}

class ScheduleText {
  readonly #text: string;
  readonly #words: readonly Phrase[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    const words = text.length > MAX_LENGTH ? [] : text.matchAll(/\S+/g);
    this.#words = [...words].map((match) => ({ text: match[0], at: match.index }));
  }

  parse(): Schedule {
    if (this.#text.length > MAX_LENGTH) {
      this.#fail("schedule", MAX_LENGTH, `it is longer than ${MAX_LENGTH} characters`);
    }
    const kind = this.#word();
    switch (kind.text.toLowerCase()) {
      case "manual":
        return this.#ended({ kind: "manual" });
      case "once":
        this.#keyword("at");
        return this.#ended({ kind: "once", at: this.#wall(this.#phrase()) });
      case "every":
        return this.#interval();
      case "hourly":
        this.#keyword("at");
        return this.#ended({ kind: "hourly", minute: this.#minute(this.#phrase()) });
      case "daily":
        return this.#ended({ kind: "daily", time: this.#time() });
      case "weekly": {
        this.#keyword("on", "schedule.days");
        const days = this.#days(this.#phrase("at"));
        return this.#ended({ kind: "weekly", days, time: this.#time() });
      }
      case "monthly": {
        this.#keyword("on", "schedule.day");
        const day = this.#dayOfMonth(this.#phrase("at"));
        return this.#ended({ kind: "monthly", day, time: this.#time() });
      }
      case "cron":
        return this.#cron(this.#words[1]?.at ?? this.#text.length);
      default:
        return this.#withoutKind(kind);
    }
  }

  /** A cron expression may stand alone; nothing else starts with a sign, or with a number and has as many words. */
  #withoutKind(first: Phrase): Schedule {
    const { text, at } = first;
    const looksLikeCron = /^[@*?]/.test(text) || (/^\d/.test(text) && this.#words.length >= 4);
    if (looksLikeCron) return this.#cron(at);
    const kinds = [...FORMS.keys()];
    const like = didYouMean(text, kinds);
    const problem = text === "" ? "it is empty" : `unknown kind ${quote(text)}`;
    return this.#fail(
      "schedule.kind",
      at,
      `${problem}${like === "" ? `, it must be one of ${kinds.join(", ")}` : like}`,
    );
  }

  #cron(at: number): Schedule {
    const text = this.#text.slice(at);
    parseCron(text.trimEnd(), at);
    return { kind: "cron", expression: canonicalExpression(text) };
  }

  #interval(): Schedule {
    const length = this.#phrase("from");
    const everySeconds = readDuration(length.text);
    if (everySeconds === null) {
      this.#wrong("schedule.everySeconds", length, "an interval", `a duration such as "5m", "1h30m" or "10s"`);
    }
    if (everySeconds < 1 || everySeconds > MAX_EVERY_SECONDS) {
      this.#wrong("schedule.everySeconds", length, "an interval", `1s to ${formatDuration(MAX_EVERY_SECONDS)}`);
    }
    if (this.#next === this.#words.length) return { kind: "interval", everySeconds };
    this.#keyword("from");
    const start = this.#phrase();
    const anchor = canonicalInstant(start.text);
    if (anchor === null) {
      this.#wrong("schedule.anchor", start, "an instant", `a date and time with its offset: 2026-11-23T00:00:00Z`);
    }
    return { kind: "interval", everySeconds, anchor };
  }

  #wall(phrase: Phrase): string {
    return canonicalWall(phrase.text) ??
      this.#wrong("schedule.at", phrase, "a date and time", "YYYY-MM-DD HH:MM or with :SS");
  }

  #time(): string {
    this.#keyword("at");
    const phrase = this.#phrase();
    return canonicalTime(phrase.text) ??
      this.#wrong("schedule.time", phrase, "a time of day", "HH:MM or HH:MM:SS from 00:00 to 23:59:59");
  }

  #minute(phrase: Phrase): number {
    const minute = Number(/^:?(\d{1,2})$/.exec(phrase.text)?.[1] ?? NaN);
    return minute < 60 ? minute : this.#wrong("schedule.minute", phrase, "a minute", ":00 to :59");
  }

  #dayOfMonth(phrase: Phrase): number | "last" {
    if (phrase.text.toLowerCase() === "last") return "last";
    const day = /^\d{1,2}$/.test(phrase.text) ? Number(phrase.text) : 0;
    return day >= 1 && day <= 31 ? day : this.#wrong("schedule.day", phrase, "a day", `1 to 31 or "last"`);
  }

  #days(phrase: Phrase): Weekday[] {
    const days: Weekday[] = [];
    for (const match of phrase.text.matchAll(/[^\s,]+/g)) {
      const at = phrase.at + match.index;
      const dash = match[0].indexOf("-");
      const from = this.#weekday(dash === -1 ? match[0] : match[0].slice(0, dash), at);
      days.push(...(dash === -1 ? [from] : daysBetween(from, this.#weekday(match[0].slice(dash + 1), at + dash + 1))));
    }
    return days.length > 0
      ? inWeekOrder(days)
      : this.#wrong("schedule.days", phrase, "a weekday", "a list such as mon,fri");
  }

  #weekday(name: string, at: number): Weekday {
    const day = readWeekday(name);
    if (day !== null) return day;
    const like = didYouMean(name, WEEKDAYS);
    const right = like === "" ? `, it must be one of ${WEEKDAYS.join(", ")}` : like;
    return this.#fail("schedule.days", at, `${quote(name)} is not a weekday${right}`);
  }

  /** The next word; at the end, nothing where the text ends. */
  #word(): Phrase {
    return this.#words[this.#next++] ?? { text: "", at: this.#text.length };
  }

  /** All words up to `keyword`; without one, all that are left. */
  #phrase(keyword?: string): Phrase {
    const isEnd = (word: Phrase | undefined) => word === undefined || word.text.toLowerCase() === keyword;
    const first = this.#words[this.#next];
    const at = first?.at ?? this.#text.length;
    let end = at;
    for (let word = first; word !== undefined && !isEnd(word); word = this.#words[++this.#next]) {
      end = word.at + word.text.length;
    }
    return { text: this.#text.slice(at, end), at };
  }

  /** Passes over `word`, which brings the property that `field` names. */
  #keyword(word: "at" | "from" | "on", field?: string): void {
    const found = this.#word();
    if (found.text.toLowerCase() === word) return;
    const form = FORMS.get(this.#words[0]?.text.toLowerCase() ?? "");
    const seen = found.text === "" ? "it ends" : `found ${quote(found.text)}`;
    const problem = `${seen} where "${word}" must stand, as in "${form?.example}"`;
    this.#fail(field ?? `schedule.${form?.property}`, found.at, problem);
  }

  #ended(schedule: Schedule): Schedule {
    const more = this.#words[this.#next];
    if (more !== undefined) this.#fail("schedule", more.at, `${quote(more.text)} is more than a schedule needs`);
    return schedule;
  }

  #wrong(field: string, { text, at }: Phrase, what: string, right: string): never {
    const problem = text === "" ? `${what} is missing` : `${quote(text)} is not ${what}`;
    return this.#fail(field, at, `${problem}, it must be ${right}`);
  }

  #fail(field: string, at: number, problem: string): never {
    throw new ScheduleError(`Cannot parse schedule ${quote(this.#text)}: ${problem}`, field, at);
  }
}
