/**
 * Notes on a cron expression that may not do what its writer meant. Each note is one sentence: what the expression does, and
 * what to write instead.
 *
 * @module
 */
import { describeWeekdays, join, monthName, weekdayName } from "./describe.ts";
import {
  type CronExpression,
  type CronField,
  type CronItem,
  dayRule,
  FIELDS,
  type FieldSpec,
  isRestricted,
  valuesOf,
} from "./fields.ts";
import { parseCron } from "./parse.ts";

/**
 * One thing to know about an expression.
 *
 * - `either_day`, `both_days`: both day fields are restricted.
 * - `short_months`: some of its months lack its day.
 * - `uneven_step`: a step does not divide what it steps through, so one pause has another length.
 * - `weekday_numbers`: it has seconds and numbers of weekdays, which Quartz counts differently.
 */
export interface CronNote {
  /** Which of these it is. */
  readonly kind: "either_day" | "both_days" | "short_months" | "uneven_step" | "weekday_numbers";
  /** One sentence, with its full stop. */
  readonly message: string;
}

/** The notes on an expression that parseCron() reads. */
export function cronNotes(expression: string): CronNote[] {
  const cron = parseCron(expression);
  const fields = expression.trim().split(/\s+/);
  const notes: (CronNote | null)[] = [
    dayRule(cron) === null ? shortMonths(cron) : twoDays(cron),
    fields.length === 6 ? weekdayNumbers(fields[5] ?? "", cron.dayOfWeek) : null,
    unevenStep(cron.second, FIELDS.second),
    unevenStep(cron.minute, FIELDS.minute),
    unevenStep(cron.hour, FIELDS.hour),
    isRestricted(cron.dayOfWeek) ? null : unevenStep(cron.dayOfMonth, FIELDS.dayOfMonth),
    unevenStep(cron.month, FIELDS.month),
    isRestricted(cron.dayOfMonth) ? null : unevenStep(cron.dayOfWeek, FIELDS.dayOfWeek),
  ];
  return notes.filter((note) => note !== null);
}

function twoDays(cron: CronExpression): CronNote {
  if (dayRule(cron) === "either") {
    return note(
      "either_day",
      "Day of month and day of week are both given: it runs on days that match either; " +
        'for days that match both, begin one of them with "*", as in "*/2".',
    );
  }
  return note(
    "both_days",
    'Day of month and day of week are both given, and one begins with "*": it runs only on days that match both; ' +
      'for days that match either, list the days in place of "*".',
  );
}

/** The days that a month must have for a field to name one; null where an item names a day that each month has. */
function lateDays(field: CronField): readonly number[] | null {
  const days = field.map((item) => {
    if (item.kind === "value") return item.value;
    if (item.kind === "nearestWorkday") return item.day;
    return item.kind === "last" || item.kind === "lastWorkday" ? item.daysBefore + 1 : 0;
  });
  return days.every((day) => day > 28) ? days : null;
}

function shortMonths({ dayOfMonth, month }: CronExpression): CronNote | null {
  const days = lateDays(dayOfMonth);
  if (days === null) return null;
  const day = Math.max(...days);
  const months = valuesOf(month, FIELDS.month).values();
  const lacking = months.filter((number) => daysInCommonYear(number) < day);
  const isLeapDay = day === 29;
  // Where no month ever has such a day it never fires, which has a warning of its own.
  const isNever = months.every((number) => (number === 2 ? 29 : daysInCommonYear(number)) < Math.min(...days));
  if (lacking.length === 0 || isNever) return null;
  const have = `${join(lacking.map(monthName))} ${lacking.length === 1 ? "has" : "have"}`;
  const outcome = isLeapDay
    ? `${have} a day 29 in leap years only, so it does not run there in other years`
    : days.length === 1
    ? `${have} no day ${day}, so it does not run there`
    : `${have} no day ${day}, so its other days alone count there`;
  return note("short_months", `${outcome}${lastDayHint(dayOfMonth[0], day, isRestricted(month))}.`);
}

function lastDayHint(item: CronItem | undefined, day: number, isMonthRestricted: boolean): string {
  if (item?.kind === "nearestWorkday") return `; "LW" means the last weekday of each month`;
  if (item?.kind !== "value") return "";
  const monthly = isMonthRestricted ? "" : `, and "monthly on ${day}" takes the last day of shorter ones`;
  return `; "L" means the last day of each month${monthly}`;
}

function daysInCommonYear(month: number): number {
  return month === 2 ? 28 : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Quartz has seconds too, and counts weekdays from 1 for Sunday. A 0, a name or `*` shows that the writer does not mean Quartz. */
function weekdayNumbers(text: string, field: CronField): CronNote | null {
  if (!/(?:^|[,-])[1-7]/.test(text) || /(?:^|[,-])0/.test(text)) return null;
  const ours = `Weekdays count from 0 for Sunday, so it runs${describeWeekdays(field)}`;
  const isPlain = /^[\d,#l-]+$/i.test(text);
  const theirs = isPlain
    ? `${describeWeekdays(field.map(dayBefore)).replace(" on ", "")}, as in Quartz`
    : "Quartz's days";
  return note("weekday_numbers", `${ours}; if you mean ${theirs}, write names, such as "mon-fri".`);
}

/** The item as Quartz means its numbers. */
function dayBefore(item: CronItem): CronItem {
  switch (item.kind) {
    case "value":
      return { ...item, value: (item.value + 6) % 7 };
    case "range":
      return { ...item, from: (item.from + 6) % 7, to: (item.to + 6) % 7 };
    case "nth":
    case "lastOf":
      return { ...item, weekday: (item.weekday + 6) % 7 };
    default:
      return item;
  }
}

/** What a field steps through, how its values are named, and the unit of "every" that keeps its step. */
const STEPS: Readonly<
  Record<FieldSpec["name"], { whole: string; name: (value: number) => string; before: string; unit: string }>
> = {
  "second": { whole: "with each minute", name: String, before: "at seconds", unit: "s" },
  "minute": { whole: "with each hour", name: String, before: "at minutes", unit: "m" },
  "hour": { whole: "with each day", name: String, before: "in hours", unit: "h" },
  "day-of-month": { whole: "with each month", name: String, before: "on days", unit: "d" },
  "month": { whole: "with each year", name: monthName, before: "in", unit: "" },
  "day-of-week": { whole: "with each week", name: weekdayName, before: "on", unit: "d" },
};

/** Values of which only the first and the last are named. */
const MAX_NAMED = 5;

function unevenStep(field: CronField, spec: FieldSpec): CronNote | null {
  const [item] = field;
  if (field.length !== 1 || (item?.kind !== "every" && item?.kind !== "range") || item.step === 1) return null;
  const { step } = item;
  const size = spec.name === "day-of-week" ? 7 : spec.max - spec.min + 1;
  const values = valuesOf(field, spec).values();
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  // Whoever writes a range that starts late or ends early means to leave the rest out.
  const isRound = first - spec.min < step && last + step >= spec.min + size &&
    !(item.kind === "range" && item.to < item.from);
  const pause = size - last + first;
  const isMonth = spec.name === "day-of-month";
  if (!isRound || (pause === step && !isMonth)) return null;
  const { whole, name, before, unit } = STEPS[spec.name];
  const named = values.length <= MAX_NAMED
    ? join(values.map(name))
    : `${values.slice(0, 3).map(name).join(", ")} … ${name(last)}`;
  const word = spec.name.replace("day-of-month", "day").replace("day-of-week", "day");
  const count = (number: number) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const outcome = isMonth ? "the pause at the end of a month varies" : `the last pause is ${count(pause)}`;
  const instead = unit === ""
    ? `no step keeps ${count(step)} over the end of a year, so name the months you mean`
    : `if it should run every ${count(step)}, write "every ${step}${unit}"`;
  const where = values.length === 1 ? before.replace(/s$/, "") : before;
  return note("uneven_step", `It runs ${where} ${named} and starts again ${whole}, so ${outcome}; ${instead}.`);
}

function note(kind: CronNote["kind"], message: string): CronNote {
  return { kind, message };
}
