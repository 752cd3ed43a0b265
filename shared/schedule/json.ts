/** Reads schedules from outside: the JSON form, the text form, and the columns of the former system. @module */
import { parseCron } from "./cron/parse.ts";
import { didYouMean, isMissing, quote, refuse, ScheduleError } from "./errors.ts";
import { parseScheduleText } from "./text.ts";
import { isOldForm, parseOldForm } from "./old_form.ts";
import { type Schedule, type ScheduleKind, type Weekday, WEEKDAYS } from "../domain/schedule.ts";
import {
  canonicalExpression,
  canonicalInstant,
  canonicalTime,
  canonicalWall,
  inWeekOrder,
  MAX_EVERY_SECONDS,
  readNumber,
  readWeekday,
} from "./values.ts";

/** The properties of each kind beside `kind`. */
const PROPERTIES: Readonly<Record<ScheduleKind, readonly string[]>> = {
  manual: [],
  once: ["at"],
  interval: ["everySeconds", "anchor"],
  hourly: ["minute"],
  daily: ["time"],
  weekly: ["days", "time"],
  monthly: ["day", "time"],
  cron: ["expression"],
};

/**
 * Parses a schedule that comes from outside into its canonical form. A string is taken as the text form. The columns
 * `schedule_type`, `interval_seconds`, `schedule_time` and `schedule_day` of the system this one succeeds are
 * understood; a weekly schedule without a day means Monday, a monthly one the 1st.
 *
 * @example
 * ```ts
 * import { parseSchedule } from "@jobtrigger/shared/schedule";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseSchedule({ kind: "daily", time: "9:00" }), { kind: "daily", time: "09:00" });
 * assert.deepEqual(parseSchedule("daily at 9:00"), { kind: "daily", time: "09:00" });
 * assert.throws(() => parseSchedule({ kind: "interval", everySeconds: 0 }), { field: "schedule.everySeconds" });
 * ```
 *
 * @throws {ScheduleError} with the path of the property that is wrong, such as `schedule.everySeconds`.
 */
export function parseSchedule(input: unknown): Schedule {
  if (typeof input === "string") return parseScheduleText(input);
  if (!isRecord(input)) return refuse("schedule", input, "an object or a text");
  if (isOldForm(input)) return parseOldForm(input);
  const kind = readKind(input.kind);
  checkProperties(kind, input);
  switch (kind) {
    case "manual":
      return { kind };
    case "once":
      return { kind, at: readText("schedule.at", input.at, canonicalWall, "YYYY-MM-DDTHH:MM or with :SS") };
    case "interval":
      return readInterval(input);
    case "hourly":
      return { kind, minute: readNumber("schedule.minute", input.minute, 0, 59) };
    case "daily":
      return { kind, time: readTime(input) };
    case "weekly":
      return { kind, days: readDays(input.days), time: readTime(input) };
    case "monthly":
      return { kind, day: readDay(input.day), time: readTime(input) };
    case "cron": {
      const { expression } = input;
      if (typeof expression !== "string") return refuse("schedule.expression", expression, "a cron expression");
      parseCron(expression.trim(), expression.length - expression.trimStart().length);
      return { kind, expression: canonicalExpression(expression) };
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKind(value: string): value is ScheduleKind {
  return Object.hasOwn(PROPERTIES, value);
}

function readKind(value: unknown): ScheduleKind {
  const kinds = Object.keys(PROPERTIES);
  if (typeof value !== "string") return refuse("schedule.kind", value, `one of ${kinds.join(", ")}`);
  if (isKind(value)) return value;
  const like = didYouMean(value, kinds);
  const right = like === "" ? `, it must be one of ${kinds.join(", ")}` : like;
  throw new ScheduleError(`Cannot use the schedule: unknown kind ${quote(value)}${right}`, "schedule.kind");
}

function checkProperties(kind: ScheduleKind, record: Readonly<Record<string, unknown>>): void {
  const allowed = PROPERTIES[kind];
  for (const name of Object.keys(record)) {
    if (name === "kind" || allowed.includes(name)) continue;
    const right = allowed.length === 0 ? ", which takes none" : `, which takes ${allowed.join(" and ")}`;
    const like = didYouMean(name, allowed);
    const problem = `unknown property ${quote(name)} of kind "${kind}"${like === "" ? right : like}`;
    throw new ScheduleError(`Cannot use the schedule: ${problem}`, `schedule.${name.slice(0, 80)}`);
  }
}

function readInterval({ everySeconds, anchor }: Readonly<Record<string, unknown>>): Schedule {
  const every = readNumber("schedule.everySeconds", everySeconds, 1, MAX_EVERY_SECONDS);
  if (isMissing(anchor)) return { kind: "interval", everySeconds: every };
  const right = "an instant such as 2026-11-23T00:00:00Z";
  return {
    kind: "interval",
    everySeconds: every,
    anchor: readText("schedule.anchor", anchor, canonicalInstant, right),
  };
}

function readTime({ time }: Readonly<Record<string, unknown>>): string {
  return readText("schedule.time", time, canonicalTime, "HH:MM or HH:MM:SS from 00:00 to 23:59:59");
}

function readDays(value: unknown): Weekday[] {
  if (isMissing(value)) return ["mon"];
  const right = `a list with at least one of ${WEEKDAYS.join(", ")}`;
  if (!Array.isArray(value) || value.length === 0) return refuse("schedule.days", value, right);
  return inWeekOrder(value.map((day: unknown, index) => {
    const weekday = typeof day === "string" ? readWeekday(day) : null;
    return weekday ?? refuse(`schedule.days[${index}]`, day, `one of ${WEEKDAYS.join(", ")}`);
  }));
}

function readDay(value: unknown): number | "last" {
  if (isMissing(value)) return 1;
  return value === "last" ? value : readNumber("schedule.day", value, 1, 31, ` or "last"`);
}

function readText(field: string, value: unknown, read: (text: string) => string | null, right: string): string {
  return (typeof value === "string" ? read(value) : null) ?? refuse(field, value, right);
}
