/**
 * Dates and times of day as whole numbers, in the proleptic Gregorian calendar.
 *
 * A *day* is the number of days since 1970-01-01; a *wall time* is the number of seconds a clock on the wall is past
 * 1970-01-01T00:00:00, whatever zone the wall is in. Neither knows about zones or daylight saving: `zone.ts` does.
 *
 * @module
 */

/** Seconds in a day. */
export const DAY_SECONDS = 86_400;

/** Months in 400 years, after which the calendar, weekdays included, repeats itself. */
export const CALENDAR_CYCLE_MONTHS: number = 400 * 12;

/** Days in 400 years. */
export const CALENDAR_CYCLE_DAYS = 146_097;

/** A date taken apart. */
export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

// A year that starts in March ends with its leap day, so the days before a month follow one straight line:
// (153 × month + 2) / 5. An era is one cycle of the calendar; day 719,468 of the first is 1970-01-01.
const EPOCH_DAY_OF_ERA = 719_468;

/** The day of a date; `month` 1 to 12. */
export function dayOf(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * CALENDAR_CYCLE_DAYS + dayOfEra - EPOCH_DAY_OF_ERA;
}

/** The date of a day. */
export function dateOf(epochDay: number): CivilDate {
  const shifted = epochDay + EPOCH_DAY_OF_ERA;
  const era = Math.floor(shifted / CALENDAR_CYCLE_DAYS);
  const dayOfEra = shifted - era * CALENDAR_CYCLE_DAYS;
  const leapDays = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Whether February of `year` has 29 days. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days in a month, 28 to 31. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Day of the week, 0 for Sunday. */
export function weekdayOf(epochDay: number): number {
  return ((epochDay + 4) % 7 + 7) % 7;
}

/** A wall time as `YYYY-MM-DD HH:MM`, with `:SS` when the seconds are not 0. */
export function formatWall(wall: number): string {
  const epochDay = Math.floor(wall / DAY_SECONDS);
  const { year, month, day } = dateOf(epochDay);
  const pad = (value: number, width = 2) => String(value).padStart(width, "0");
  return `${pad(year, 4)}-${pad(month)}-${pad(day)} ${formatTime(wall - epochDay * DAY_SECONDS)}`;
}

/** Seconds after midnight as `HH:MM`, with `:SS` when the seconds are not 0. */
export function formatTime(secondOfDay: number): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const second = secondOfDay % 60;
  const time = `${pad(Math.floor(secondOfDay / 3600))}:${pad(Math.floor(secondOfDay / 60) % 60)}`;
  return second === 0 ? time : `${time}:${pad(second)}`;
}

/** Seconds after midnight of `H:MM`, `HH:MM` or `HH:MM:SS`, or null when it is no time of day. */
export function readTime(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (match === null) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  return hour < 24 && minute < 60 && second < 60 ? hour * 3600 + minute * 60 + second : null;
}

/** Wall time of `YYYY-MM-DD HH:MM[:SS]`, with a space or `T` between, or null when there is no such date or time. */
export function readWall(text: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:\s+|T)(\S+)$/i.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const time = readTime(match[4] ?? "");
  if (time === null || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return dayOf(year, month, day) * DAY_SECONDS + time;
}
