/** Cron expressions in plain English. @module */
import { formatTime } from "../civil.ts";
import { WEEKDAY_NAMES, WEEKDAYS } from "../../domain/schedule.ts";
import {
  type CronExpression,
  type CronField,
  type CronItem,
  dayRule,
  FIELDS,
  type FieldSpec,
  hasFixedTimes,
  isRestricted,
  valuesOf,
} from "./fields.ts";

/** More times of day than this are described by their fields, not listed. */
const MAX_LISTED = 8;

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const NTH = ["", "first", "second", "third", "fourth", "fifth"];

/** What a cron expression means, as a sentence without a full stop. */
export function describeCron(cron: CronExpression): string {
  const days = describeDays(cron);
  const months = describeMonths(cron.month);
  const everyDay = hasFixedTimes(cron) && days === "" ? " every day" : "";
  const sentence = `${describeTimes(cron)}${everyDay}${days}${months}`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function describeTimes(cron: CronExpression): string {
  const seconds = valuesOf(cron.second, FIELDS.second).values();
  const minutes = valuesOf(cron.minute, FIELDS.minute).values();
  if (!isList(cron.second)) {
    return `${repeat(cron.second, FIELDS.second)}${during(cron.minute, FIELDS.minute)}${duringHours(cron.hour)}`;
  }
  const atSecond = seconds.length === 1 && seconds[0] === 0 ? "" : ` at second ${join(seconds)}`;
  if (!isList(cron.minute)) return `${repeat(cron.minute, FIELDS.minute)}${atSecond}${duringHours(cron.hour)}`;
  const inHour = minutes.flatMap((minute) => seconds.map((second) => minute * 60 + second));
  const past = inHour.length <= MAX_LISTED
    ? join(inHour.map((second) => formatTime(second).slice(2)))
    : `minute ${join(minutes)}${atSecond}`;
  if (!isList(cron.hour)) return `${repeat(cron.hour, FIELDS.hour)} at ${past}`;
  const hours = valuesOf(cron.hour, FIELDS.hour).values();
  if (hours.length * inHour.length > MAX_LISTED) return `at ${past}${duringHours(cron.hour)}`;
  return `at ${join(hours.flatMap((hour) => inHour.map((second) => formatTime(hour * 3600 + second))))}`;
}

/** How a field that is no plain list repeats: `every 5 minutes`, `every hour from 09:00 to 17:00`. */
function repeat(field: CronField, spec: FieldSpec): string {
  const item = onlyItem(field);
  const name = (value: number) => spec.name === "hour" ? formatTime(value * 3600) : `${spec.name} ${value}`;
  if (item?.kind === "every") {
    const isEven = (spec.max + 1) % item.step === 0;
    const start = isEven ? "" : ` from the start of each ${spec.name === "hour" ? "day" : coarser(spec)}`;
    return `every ${item.step === 1 ? spec.name : `${item.step} ${spec.name}s`}${start}`;
  }
  if (item?.kind === "range") {
    const every = item.step === 1 ? spec.name : `${item.step} ${spec.name}s`;
    return `every ${every} from ${name(item.from)} to ${name(item.to)}`;
  }
  return `at ${spec.name} ${join(valuesOf(field, spec).values())}`;
}

function coarser(spec: FieldSpec): string {
  return spec.name === "second" ? "minute" : "hour";
}

/** The minutes in which a shorter unit repeats. */
function during(field: CronField, spec: FieldSpec): string {
  const item = onlyItem(field);
  if (item?.kind === "every") return item.step === 1 ? "" : ` during every ${ordinal(item.step)} ${spec.name}`;
  if (item?.kind === "range" && item.step === 1) return ` during ${spec.name}s ${item.from} to ${item.to}`;
  const values = valuesOf(field, spec).values();
  return ` during ${spec.name}${values.length === 1 ? "" : "s"} ${join(values)}`;
}

/** The hours in which a shorter unit repeats. */
function duringHours(field: CronField): string {
  const item = onlyItem(field);
  const until = (hour: number) => formatTime(hour * 3600 + 59 * 60);
  if (item?.kind === "range" && item.step === 1) return ` from ${formatTime(item.from * 3600)} to ${until(item.to)}`;
  if (item?.kind === "value") return ` from ${formatTime(item.value * 3600)} to ${until(item.value)}`;
  return during(field, FIELDS.hour);
}

function describeDays(cron: CronExpression): string {
  const byDate = isRestricted(cron.dayOfMonth) ? describeMonthDays(cron.dayOfMonth) : "";
  const byWeekday = isRestricted(cron.dayOfWeek) ? describeWeekdays(cron.dayOfWeek) : "";
  if (byDate === "" || byWeekday === "") return byDate + byWeekday;
  return dayRule(cron) === "either"
    ? `${byDate} or${byWeekday}, either day matches`
    : `${byDate} and${byWeekday}, both days must match`;
}

function describeMonthDays(field: CronField): string {
  const parts = field.map((item) => {
    switch (item.kind) {
      case "last":
        return beforeLast(item.daysBefore);
      case "lastWorkday":
        return item.daysBefore === 0 ? "the last weekday" : `the weekday nearest ${beforeLast(item.daysBefore)}`;
      case "nearestWorkday":
        return `the weekday nearest day ${item.day}`;
      case "every":
        return item.step === 1 ? "every day" : `every ${ordinal(item.step)} day from day 1`;
      case "range":
        return item.step === 1
          ? `days ${item.from} to ${item.to}`
          : `every ${ordinal(item.step)} day from day ${item.from} to day ${item.to}`;
      default:
        return null;
    }
  });
  const plain = valuesOf(field.filter((item) => item.kind === "value"), FIELDS.dayOfMonth).values();
  const days = plain.length === 0 ? [] : [`day${plain.length === 1 ? "" : "s"} ${join(plain)}`];
  return ` on ${join([...days, ...parts.filter((part) => part !== null)])} of the month`;
}

function beforeLast(days: number): string {
  return days === 0 ? "the last day" : `${days === 1 ? "the day" : `${days} days`} before the last day`;
}

/** The weekdays that a day-of-week field names, as ` on Monday to Friday`. */
export function describeWeekdays(field: CronField): string {
  const days = valuesOf(field, FIELDS.dayOfWeek).values();
  if (days.length === 7) return " on any day of the week";
  const item = onlyItem(field);
  if (item?.kind === "range" && item.step === 1) return ` on ${weekdayName(item.from)} to ${weekdayName(item.to)}`;
  const parts = field.flatMap((part) => {
    if (part.kind === "nth") return [`the ${NTH[part.nth]} ${weekdayName(part.weekday)} of the month`];
    if (part.kind === "lastOf") return [`the last ${weekdayName(part.weekday)} of the month`];
    return [];
  });
  // The week is read from Monday.
  const plain = days.sort((a, b) => (a + 6) % 7 - (b + 6) % 7).map(weekdayName);
  return ` on ${join([...plain, ...parts])}`;
}

/** `January`, of 1. */
export function monthName(month: number): string {
  return MONTHS[month - 1] ?? "";
}

/** `Sunday`, of 0 and of 7. */
export function weekdayName(weekday: number): string {
  const day = WEEKDAYS[(weekday + 6) % 7];
  return day === undefined ? "" : WEEKDAY_NAMES[day];
}

function describeMonths(field: CronField): string {
  if (!isRestricted(field)) return "";
  const item = onlyItem(field);
  if (item?.kind === "range" && item.step === 1) return ` in ${monthName(item.from)} to ${monthName(item.to)}`;
  return ` in ${join(valuesOf(field, FIELDS.month).values().map(monthName))}`;
}

function onlyItem(field: CronField): CronItem | undefined {
  return field.length === 1 ? field[0] : undefined;
}

function isList(field: CronField): boolean {
  return field.every((item) => item.kind === "value");
}

function ordinal(number: number): string {
  const tens = number % 100;
  const suffix = tens > 10 && tens < 14 ? "th" : ["th", "st", "nd", "rd"][number % 10] ?? "th";
  return `${number}${suffix}`;
}

/** The parts as a list: `1, 2 and 3`. */
export function join(parts: readonly (string | number)[]): string {
  return new Intl.ListFormat("en-GB").format(parts.map(String));
}
