/** The days of a month that each kind of schedule means, as bits. @module */
import { type CronExpression, dayRule, FIELDS, valuesOf } from "./cron/fields.ts";
import { ValueSet } from "./value_set.ts";
import type { DaysOfMonth, Month } from "./wall_pattern.ts";

/** Every day. */
export const everyDay: DaysOfMonth = ({ length }) => allDays(length);

/** The days that fall on one of the weekdays, 0 for Sunday. */
export function onWeekdays(weekdays: Iterable<number>): DaysOfMonth {
  const week = new ValueSet(weekdays).word;
  return (month) => daysOnWeekdays(week, month);
}

/** One day of each month; a day the month lacks means its last. */
export function onMonthDay(day: number | "last"): DaysOfMonth {
  return ({ length }) => 1 << (day === "last" ? length : Math.min(day, length));
}

/** The days a cron expression means, by the rule of its two day fields. */
export function onCronDays(cron: CronExpression): DaysOfMonth {
  const months = valuesOf(cron.month, FIELDS.month);
  const monthDays = cronMonthDays(cron);
  const weekDays = cronWeekDays(cron);
  const either = dayRule(cron) === "either";
  return (month) => {
    if (!months.has(month.month)) return 0;
    const [byDate, byWeekday] = [monthDays(month), weekDays(month)];
    return either ? byDate | byWeekday : byDate & byWeekday;
  };
}

function cronMonthDays(cron: CronExpression): DaysOfMonth {
  const plain = valuesOf(cron.dayOfMonth, FIELDS.dayOfMonth).word;
  const special: DaysOfMonth[] = [];
  for (const item of cron.dayOfMonth) {
    if (item.kind === "last") special.push((month) => dayBit(month.length - item.daysBefore, month));
    if (item.kind === "lastWorkday") special.push((month) => workdayBit(month.length - item.daysBefore, month));
    if (item.kind === "nearestWorkday") special.push((month) => workdayBit(item.day, month));
  }
  return (month) => special.reduce((days, more) => days | more(month), plain & allDays(month.length));
}

function cronWeekDays(cron: CronExpression): DaysOfMonth {
  const plain = valuesOf(cron.dayOfWeek, FIELDS.dayOfWeek).word;
  const special: DaysOfMonth[] = [];
  for (const item of cron.dayOfWeek) {
    if (item.kind === "nth") {
      special.push((month) => {
        const day = firstOn(item.weekday, month) + 7 * (item.nth - 1);
        return day > month.length ? 0 : 1 << day;
      });
    }
    if (item.kind === "lastOf") {
      special.push((month) => {
        const fourth = firstOn(item.weekday, month) + 21;
        return 1 << (fourth + 7 > month.length ? fourth : fourth + 7);
      });
    }
  }
  return (month) => special.reduce((days, more) => days | more(month), daysOnWeekdays(plain, month));
}

/** The bit of `day`, or none where the month has no such day. */
function dayBit(day: number, { length }: Month): number {
  return day < 1 || day > length ? 0 : 1 << day;
}

/** The bit of the workday nearest to `day`, or none where the month has no such day. */
function workdayBit(day: number, month: Month): number {
  return dayBit(day, month) === 0 ? 0 : 1 << nearestWorkday(day, month);
}

function allDays(length: number): number {
  return (-1 >>> (32 - length)) << 1;
}

/** `week` has bit 0 for Sunday. Turned so that bit 0 is the weekday of the first, it is laid out five times. */
function daysOnWeekdays(week: number, { firstWeekday, length }: Month): number {
  const turned = ((week >>> firstWeekday) | (week << (7 - firstWeekday))) & 0x7f;
  return ((turned | turned << 7 | turned << 14 | turned << 21 | turned << 28) << 1) & allDays(length);
}

function firstOn(weekday: number, month: Month): number {
  return 1 + (weekday - month.firstWeekday + 7) % 7;
}

/** The day Monday to Friday nearest to `day` in the same month. */
function nearestWorkday(day: number, { firstWeekday, length }: Month): number {
  const weekday = (firstWeekday + day - 1) % 7;
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < length ? day + 1 : day - 2;
  return day;
}
