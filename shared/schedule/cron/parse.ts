/**
 * Reads cron expressions. Five fields, or six with seconds first; names, lists, ranges (over the end too), steps, `?`,
 * `L`, `L-n`, `LW`, `L-nW`, `nW`, `n#k`, `nL`, `n#L`; `@` names; comments. Every number is checked against its field before
 * anything is expanded, so the work never grows beyond the length of the text.
 *
 * @module
 */
import { didYouMean, quote, ScheduleError } from "../errors.ts";
import {
  type CronExpression,
  type CronField,
  type CronFieldName,
  type CronItem,
  FIELDS,
  type FieldSpec,
  NICKNAMES,
} from "./fields.ts";
import { crontabProblem, hashProblem, nameProblem, type PasteProblem, type Token, withoutComments } from "./paste.ts";

/** Longer expressions are refused. */
const MAX_LENGTH = 1_000;

/**
 * Parses a cron expression. `offset` is where it starts in the text it was taken from, for the positions in errors.
 *
 * @throws {ScheduleError} whose field is the cron field that is wrong, or `cron` when their number is.
 */
export function parseCron(text: string, offset = 0): CronExpression {
  return new CronParser(text, offset).parse();
}

class CronParser {
  readonly #text: string;
  readonly #offset: number;

  constructor(text: string, offset: number) {
    this.#text = text;
    this.#offset = offset;
  }

  parse(): CronExpression {
    const text = this.#text;
    if (text.length > MAX_LENGTH) this.#fail("cron", MAX_LENGTH, `it is longer than ${MAX_LENGTH} characters`);
    const fields = withoutComments(text);
    const tokens = [...fields.matchAll(/\S+/g)].map((match): Token => ({ text: match[0], at: match.index }));
    const [first] = tokens;
    if (first?.text.startsWith("@")) return this.#parseNickname(first, fields, tokens);
    if (tokens.length !== 5 || fields.includes("=")) this.#refuse(crontabProblem(fields, tokens));
    if (tokens.length !== 5 && tokens.length !== 6) {
      const year = tokens[6];
      const hint = tokens.length === 7
        ? `; a year cannot be given, write ${quote(text.slice(0, year?.at).trim())}`
        : "";
      const right = `it must be 5 (minute hour day-of-month month day-of-week), or 6 with seconds first${hint}`;
      this.#fail("cron", year?.at ?? text.length, `it has ${count(tokens.length, "field")}, ${right}`);
    }
    const [second, ...others] = tokens.length === 5 ? [{ text: "0", at: 0 }, ...tokens] : tokens;
    const field = (token: Token | undefined, spec: FieldSpec) => this.#parseField(token ?? { text: "", at: 0 }, spec);
    return {
      second: field(second, FIELDS.second),
      minute: field(others[0], FIELDS.minute),
      hour: field(others[1], FIELDS.hour),
      dayOfMonth: field(others[2], FIELDS.dayOfMonth),
      month: field(others[3], FIELDS.month),
      dayOfWeek: field(others[4], FIELDS.dayOfWeek),
    };
  }

  #parseNickname(token: Token, text: string, tokens: readonly Token[]): CronExpression {
    const name = token.text.toLowerCase();
    const expression = NICKNAMES.get(name);
    if (expression !== undefined) {
      const pasted = crontabProblem(text, tokens);
      if (pasted === null) return parseCron(expression);
      this.#fail("cron", pasted.at, `${quote(token.text)} stands alone, ${pasted.problem}`);
    }
    const instead = nameProblem(name, text.slice(token.at + token.text.length).trim());
    if (instead !== null) this.#fail("cron", token.at, instead);
    const known = [...NICKNAMES.keys()];
    const like = didYouMean(name, known);
    const right = like === "" ? `, it must be one of ${known.join(" ")}` : like;
    return this.#fail("cron", token.at, `unknown name ${quote(token.text)}${right}`);
  }

  #parseField(token: Token, spec: FieldSpec): CronField {
    const items: CronItem[] = [];
    let at = token.at;
    for (const text of token.text.split(",")) {
      items.push(this.#parseItem({ text, at }, spec));
      at += text.length + 1;
    }
    return items;
  }

  #parseItem(token: Token, spec: FieldSpec): CronItem {
    const { text, at } = token;
    if (text === "") this.#fail(spec.name, at, `${spec.name} has an empty element, it must be ${range(spec)}`);
    const special = this.#parseSpecial(token, spec);
    if (special !== null) return special;
    const hash = hashProblem(text, spec.min);
    if (hash !== null) this.#fail(spec.name, at, `${spec.name} is ${quote(text)}, and ${hash}`);
    const slash = text.indexOf("/");
    const base = slash === -1 ? text : text.slice(0, slash);
    const step = slash === -1 ? 1 : this.#parseStep({ text: text.slice(slash + 1), at: at + slash + 1 }, spec);
    if (base === "*") return { kind: "every", step };
    if (base === "?") return this.#parseAny(token, spec);
    // A dash at the start would be a sign, and no value has one.
    const dash = base.indexOf("-", 1);
    if (dash === -1) {
      const value = this.#parseValue({ text: base, at }, spec);
      if (slash === -1) return { kind: "value", value };
      return { kind: "range", from: value, to: lastOf(spec), step };
    }
    return this.#parseRange({ text: base, at }, dash, step, spec);
  }

  #parseRange(token: Token, dash: number, step: number, spec: FieldSpec): CronItem {
    const [start, end] = [token.text.slice(0, dash), token.text.slice(dash + 1)];
    const from = this.#parseValue({ text: start, at: token.at }, spec);
    const to = this.#parseValue({ text: end, at: token.at + dash + 1 }, spec);
    return { kind: "range", from, to, step };
  }

  #parseAny(token: Token, spec: FieldSpec): CronItem {
    const isDay = spec.name === "day-of-month" || spec.name === "day-of-week";
    if (isDay && token.text === "?") return { kind: "every", step: 1 };
    const problem = isDay ? `"?" takes no step` : `"?" is for day-of-month and day-of-week only`;
    return this.#fail(spec.name, token.at, `${spec.name} is ${quote(token.text)}, and ${problem}, did you mean "*"?`);
  }

  #parseStep(token: Token, spec: FieldSpec): number {
    const most = lastOf(spec) - spec.min + 1;
    const step = /^\d{1,4}$/.test(token.text) ? Number(token.text) : NaN;
    if (step >= 1 && step <= most) return step;
    const unit = EVERY_UNITS[spec.name];
    const hint = step > most && unit !== "" ? `; for longer steps use "every", as in "every ${step}${unit}"` : "";
    return this.#fail(
      spec.name,
      token.at,
      `${spec.name} has the step ${quote(token.text)}, it must be 1 to ${most}${hint}`,
    );
  }

  #parseValue(token: Token, spec: FieldSpec): number {
    const { text, at } = token;
    if (/^\d+$/.test(text)) {
      const value = text.length <= 4 ? Number(text) : Infinity;
      if (value >= spec.min && value <= spec.max) return value;
      return this.#fail(spec.name, at, `${spec.name} is ${quote(text)}, it must be ${range(spec)}`);
    }
    const index = spec.names.indexOf(text.toLowerCase());
    if (index !== -1) return spec.min + index;
    const like = didYouMean(text.slice(0, 3), spec.names);
    const right = like === "" ? `, it must be ${range(spec)}` : like;
    return this.#fail(spec.name, at, `${spec.name} is ${quote(text)}${right}`);
  }

  #parseSpecial(token: Token, spec: FieldSpec): CronItem | null {
    const { text, at } = token;
    if (spec.name === "day-of-month") {
      if (/^(?:lw|wl)$/i.test(text)) return { kind: "lastWorkday", daysBefore: 0 };
      const last = /^l(?:-(\d+))?(w?)$/i.exec(text);
      if (last !== null) {
        const [, days = "0", workday] = last;
        const daysBefore = days.length <= 4 ? Number(days) : Infinity;
        if (daysBefore <= 30) return { kind: workday === "" ? "last" : "lastWorkday", daysBefore };
        this.#fail(spec.name, at + 2, `day-of-month has ${quote(days)} after "L-", it must be 0 to 30`);
      }
      if (/^\d+w$/i.test(text)) {
        return { kind: "nearestWorkday", day: this.#parseValue({ text: text.slice(0, -1), at }, spec) };
      }
      if (/[lw]/i.test(text)) {
        const right =
          `"L", "L-3", "LW" and "L-3W" stand alone, "W" after a day, as in "15W"; none takes a range or a step`;
        this.#fail(spec.name, at, `day-of-month is ${quote(text)}, and ${right}`);
      }
      return null;
    }
    if (spec.name !== "day-of-week") return null;
    if (/^l$/i.test(text)) {
      this.#fail(spec.name, at, `day-of-week is "L", which needs a day before it, did you mean "5L", the last Friday?`);
    }
    const hash = text.indexOf("#");
    if (/#l$/i.test(text)) return this.#parseLastOf({ text: text.slice(0, -2), at }, spec);
    if (hash !== -1) {
      const nth = /^[1-5]$/.test(text.slice(hash + 1)) ? Number(text.slice(hash + 1)) : 0;
      if (nth === 0) {
        const found = quote(text.slice(hash + 1));
        this.#fail(
          spec.name,
          at + hash + 1,
          `day-of-week has ${found} after "#", it must be 1 to 5, or "L" for the last`,
        );
      }
      return { kind: "nth", weekday: this.#parseValue({ text: text.slice(0, hash), at }, spec) % 7, nth };
    }
    if (!/^(?:\d+|[a-z]{3})l$/i.test(text)) return null;
    return this.#parseLastOf({ text: text.slice(0, -1), at }, spec);
  }

  #parseLastOf(day: Token, spec: FieldSpec): CronItem {
    return { kind: "lastOf", weekday: this.#parseValue(day, spec) % 7 };
  }

  #refuse(found: PasteProblem | null): void {
    if (found !== null) this.#fail("cron", found.at, found.problem);
  }

  #fail(field: CronFieldName | "cron", at: number, problem: string): never {
    const where = `at position ${at + 1}`;
    throw new ScheduleError(`Cannot parse cron ${quote(this.#text)}: ${problem} (${where})`, field, this.#offset + at);
  }
}

/** The unit of "every" that a step of each field counts; none of months. */
const EVERY_UNITS: Readonly<Record<CronFieldName, string>> = {
  "second": "s",
  "minute": "m",
  "hour": "h",
  "day-of-month": "d",
  "month": "",
  "day-of-week": "d",
};

/** The largest value that has no other name: weekday 7 is Sunday, as 0 is. */
function lastOf(spec: FieldSpec): number {
  return spec.name === "day-of-week" ? 6 : spec.max;
}

function range(spec: FieldSpec): string {
  const numbers = `${spec.min} to ${spec.max}`;
  return spec.names.length === 0 ? numbers : `${numbers} or ${spec.names[0]} to ${spec.names.at(-1)}`;
}

function count(number: number, what: string): string {
  return `${number === 0 ? "no" : number} ${what}${number === 1 ? "" : "s"}`;
}
