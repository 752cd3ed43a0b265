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
 * Case and spaces do not matter, times may have seconds, days and units may be written out. Other texts that can mean only one
 * thing are read too: `daily at 9`, `9:30 pm` and `noon` as times; `every 90` as seconds; `every day at 9`,
 * `every monday at 9`, `every hour at :15`, `weekdays at 9`, `monthly on 1st at 9`, `@every 5m`, a comment after cron.
 *
 * @module
 */
import { canonicalDuration, parseDuration } from "../domain/duration.ts";
import { parseCron } from "./cron/parse.ts";
import { looksLikeCron } from "./cron/paste.ts";
import { didYouMean, quote, ScheduleError } from "./errors.ts";
import { type Schedule, type Weekday, WEEKDAYS } from "../domain/schedule.ts";
import {
  canonicalExpression,
  canonicalInstant,
  daysBetween,
  inWeekOrder,
  MAX_EVERY_SECONDS,
  readWeekday,
  typedTime,
  typedWall,
} from "./values.ts";

const MAX_LENGTH = 2_000;

/** The first word of each form, an example of it, and the property that its "at" or "from" brings. */
const FORMS = {
  manual: { example: "manual", property: "kind" },
  once: { example: "once at 2026-12-01 09:00", property: "at" },
  every: { example: "every 5m from 2026-11-23T00:00:00Z", property: "anchor" },
  hourly: { example: "hourly at :15", property: "minute" },
  daily: { example: "daily at 09:00", property: "time" },
  weekly: { example: "weekly on mon,fri at 09:00", property: "time" },
  monthly: { example: "monthly on 31 at 09:00", property: "time" },
  cron: { example: "cron 0 9 * * mon-fri", property: "expression" },
} as const;

type Form = keyof typeof FORMS;

const WORKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri"];
const WEEKEND: readonly Weekday[] = ["sat", "sun"];

/** Words for several days. */
const DAY_WORDS: ReadonlyMap<string, readonly Weekday[]> = new Map([
  ["weekday", WORKDAYS],
  ["weekdays", WORKDAYS],
  ["weekend", WEEKEND],
  ["weekends", WEEKEND],
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
        this.#keyword("at", "once");
        return this.#ended({ kind: "once", at: this.#wall(this.#phrase()) });
      case "every":
        return this.#every();
      case "hourly":
        return this.#hourly();
      case "daily":
        return this.#ended({ kind: "daily", time: this.#time("daily") });
      case "weekdays":
      case "weekends":
        return this.#weekly(this.#days(kind));
      case "weekly":
        this.#keyword("on", "weekly", "schedule.days");
        return this.#weekly(this.#days(this.#phrase("at")));
      case "monthly": {
        this.#keyword("on", "monthly", "schedule.day");
        const day = this.#dayOfMonth(this.#phrase("at"));
        return this.#ended({ kind: "monthly", day, time: this.#time("monthly") });
      }
      case "cron":
        return this.#cron(this.#words[1]?.at ?? this.#text.length);
      case "@every":
        return this.#interval();
      default:
        return this.#withoutKind(kind);
    }
  }

  /** A cron expression may stand alone. */
  #withoutKind({ text, at }: Phrase): Schedule {
    if (looksLikeCron(text, this.#words.length)) return this.#cron(at);
    const kinds = Object.keys(FORMS);
    const like = didYouMean(text, [...kinds, "weekdays", "weekends"]);
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

  /** `every 5m`, or in place of the duration days, or the hour, before "at". */
  #every(): Schedule {
    const word = this.#words[this.#next]?.text.toLowerCase() ?? "";
    if (word === "hour" && this.#words[this.#next + 1]?.text.toLowerCase() === "at") {
      this.#next++;
      return this.#hourly();
    }
    if (word === "day") {
      this.#next++;
      return this.#ended({ kind: "daily", time: this.#time("daily") });
    }
    const [firstDay = ""] = word.split(/[,-]/);
    if (!DAY_WORDS.has(firstDay) && readWeekday(firstDay) === null) return this.#interval();
    return this.#weekly(this.#days(this.#phrase("at")));
  }

  #hourly(): Schedule {
    this.#keyword("at", "hourly");
    return this.#ended({ kind: "hourly", minute: this.#minute(this.#phrase()) });
  }

  #weekly(days: readonly Weekday[]): Schedule {
    return this.#ended({ kind: "weekly", days, time: this.#time("weekly") });
  }

  #interval(): Schedule {
    const length = this.#phrase("from");
    const everySeconds = parseDuration(length.text);
    if (everySeconds === null) {
      const one = length.text === "" ? null : parseDuration(`1 ${length.text}`);
      const right = one === null
        ? `a duration such as "5m", "1h30m" or "10s"`
        : `"every ${canonicalDuration(one)}"${one === 3600 ? ` or "hourly at :00"` : ""}`;
      this.#wrong("schedule.everySeconds", length, "an interval", right);
    }
    if (!(everySeconds >= 1 && everySeconds <= MAX_EVERY_SECONDS)) {
      this.#wrong("schedule.everySeconds", length, "an interval", `1s to ${canonicalDuration(MAX_EVERY_SECONDS)}`);
    }
    if (!Number.isInteger(everySeconds)) this.#wrong("schedule.everySeconds", length, "an interval", "whole seconds");
    if (this.#next === this.#words.length) return { kind: "interval", everySeconds };
    this.#keyword("from", "every");
    const start = this.#phrase();
    const anchor = canonicalInstant(start.text);
    if (anchor === null) {
      this.#wrong("schedule.anchor", start, "an instant", `a date and time with its offset: 2026-11-23T00:00:00Z`);
    }
    return { kind: "interval", everySeconds, anchor };
  }

  #wall(phrase: Phrase): string {
    return typedWall(phrase.text) ??
      this.#wrong("schedule.at", phrase, "a date and time", "YYYY-MM-DD HH:MM or with :SS");
  }

  #time(form: Form): string {
    this.#keyword("at", form);
    const phrase = this.#phrase();
    return typedTime(phrase.text) ??
      this.#wrong("schedule.time", phrase, "a time of day", "HH:MM or HH:MM:SS from 00:00 to 23:59:59");
  }

  #minute(phrase: Phrase): number {
    const minute = Number(/^:?(\d{1,2})$/.exec(phrase.text)?.[1] ?? NaN);
    return minute < 60 ? minute : this.#wrong("schedule.minute", phrase, "a minute", ":00 to :59");
  }

  #dayOfMonth(phrase: Phrase): number | "last" {
    if (phrase.text.toLowerCase() === "last") return "last";
    const day = Number(/^(\d{1,2})(?:st|nd|rd|th)?$/i.exec(phrase.text)?.[1] ?? 0);
    return day >= 1 && day <= 31 ? day : this.#wrong("schedule.day", phrase, "a day", `1 to 31 or "last"`);
  }

  #days(phrase: Phrase): Weekday[] {
    const days: Weekday[] = [];
    for (const match of phrase.text.matchAll(/[^\s,]+/g)) {
      const at = phrase.at + match.index;
      const several = DAY_WORDS.get(match[0].toLowerCase());
      if (several !== undefined) {
        days.push(...several);
        continue;
      }
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
  #keyword(word: "at" | "from" | "on", form: Form, field: string = `schedule.${FORMS[form].property}`): void {
    const found = this.#word();
    if (found.text.toLowerCase() === word) return;
    const seen = found.text === "" ? "it ends" : `found ${quote(found.text)}`;
    this.#fail(field, found.at, `${seen} where "${word}" must stand, as in "${FORMS[form].example}"`);
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
