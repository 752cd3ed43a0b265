/**
 * The wall times that a schedule names. Finds the next and the previous one, and counts them, without visiting those in between.
 *
 * A pattern is a set of days and a set of times of day. The days are asked for one month at a time, as the bits of one
 * word, so a month costs a few instructions; the calendar repeats itself after 400 years, so a search that has seen
 * that many months without a day has proved that there is none.
 *
 * @module
 */
import {
  CALENDAR_CYCLE_DAYS,
  CALENDAR_CYCLE_MONTHS,
  dateOf,
  DAY_SECONDS,
  dayOf,
  daysInMonth,
  weekdayOf,
} from "./civil.ts";
import { bitCount, highestBit, lowestBit, type ValueSet } from "./value_set.ts";

/** A set of wall times. */
export interface WallTimes {
  /** The first wall time that is at least `wall`, or null. */
  next(wall: number): number | null;
  /** The last wall time that is at most `wall`, or null. */
  previous(wall: number): number | null;
  /** How many wall times are at least `from` and less than `until`; it walks over months, at most 800 years of them. */
  count(from: number, until: number): number;
}

/** One wall time alone. */
export class SingleWallTime implements WallTimes {
  readonly #wall: number;

  constructor(wall: number) {
    this.#wall = wall;
  }

  next(wall: number): number | null {
    return this.#wall >= wall ? this.#wall : null;
  }

  previous(wall: number): number | null {
    return this.#wall <= wall ? this.#wall : null;
  }

  count(from: number, until: number): number {
    return from <= this.#wall && this.#wall < until ? 1 : 0;
  }
}

/** A month, as a set of days needs it. */
export interface Month {
  /** 1 to 12. */
  readonly month: number;
  /** 28 to 31. */
  readonly length: number;
  /** Weekday of the first, 0 for Sunday. */
  readonly firstWeekday: number;
}

/** The days of a month that match: bit 1 for the first, bit 31 for the thirty-first. */
export type DaysOfMonth = (month: Month) => number;

/** The times of day that match: all combinations. */
export interface TimesOfDay {
  readonly hours: ValueSet;
  readonly minutes: ValueSet;
  readonly seconds: ValueSet;
}

/** Days that match, at times of day that match. */
export class WallPattern implements WallTimes {
  readonly #days: DaysOfMonth;
  readonly #times: TimesOfDay;
  readonly #firstTime: number;
  readonly #lastTime: number;
  /** The month looked at last: its first day, the first day after it, the days that match. */
  #monthStart = 0;
  #monthEnd = 0;
  #monthDays = 0;
  /** True once a search has seen the whole cycle of the calendar without a day. */
  #isEmpty = false;

  constructor(days: DaysOfMonth, times: TimesOfDay) {
    const { hours, minutes, seconds } = times;
    this.#days = days;
    this.#times = times;
    this.#firstTime = hours.first * 3600 + minutes.first * 60 + seconds.first;
    this.#lastTime = hours.last * 3600 + minutes.last * 60 + seconds.last;
  }

  next(wall: number): number | null {
    const day = Math.floor(wall / DAY_SECONDS);
    let match = this.#nextDay(day);
    if (match === day) {
      const time = this.#nextTime(wall - day * DAY_SECONDS);
      if (time !== -1) return day * DAY_SECONDS + time;
      match = this.#nextDay(day + 1);
    }
    return match === null ? null : match * DAY_SECONDS + this.#firstTime;
  }

  previous(wall: number): number | null {
    const day = Math.floor(wall / DAY_SECONDS);
    let match = this.#previousDay(day);
    if (match === day) {
      const time = this.#previousTime(wall - day * DAY_SECONDS);
      if (time !== -1) return day * DAY_SECONDS + time;
      match = this.#previousDay(day - 1);
    }
    return match === null ? null : match * DAY_SECONDS + this.#lastTime;
  }

  count(from: number, until: number): number {
    if (from >= until) return 0;
    const { hours, minutes, seconds } = this.#times;
    const [firstDay, lastDay] = [Math.floor(from / DAY_SECONDS), Math.floor(until / DAY_SECONDS)];
    // In calendar order, so that no month is computed twice.
    const before = this.#countDays(firstDay, firstDay + 1) * this.#countTimesBelow(from - firstDay * DAY_SECONDS);
    const onWholeDays = this.#countDays(firstDay, lastDay) * hours.size * minutes.size * seconds.size;
    const onLastDay = this.#countDays(lastDay, lastDay + 1) * this.#countTimesBelow(until - lastDay * DAY_SECONDS);
    return onWholeDays + onLastDay - before;
  }

  #countTimesBelow(secondOfDay: number): number {
    const { hours, minutes, seconds } = this.#times;
    const hour = Math.floor(secondOfDay / 3600);
    const minute = Math.floor(secondOfDay / 60) - hour * 60;
    const inMinute = hours.has(hour) && minutes.has(minute) ? seconds.countBelow(secondOfDay % 60) : 0;
    const inHour = hours.has(hour) ? minutes.countBelow(minute) * seconds.size : 0;
    return hours.countBelow(hour) * minutes.size * seconds.size + inHour + inMinute;
  }

  #countDays(from: number, until: number): number {
    const cycles = Math.floor((until - from) / CALENDAR_CYCLE_DAYS);
    if (cycles > 1) {
      const rest = from + cycles * CALENDAR_CYCLE_DAYS;
      return cycles * this.#countDays(from, from + CALENDAR_CYCLE_DAYS) + this.#countDays(rest, until);
    }
    let count = 0;
    for (let day = from; day < until && !this.#isEmpty; day = this.#monthEnd) {
      this.#openMonth(day);
      const days = this.#monthDays & (-2 << (day - this.#monthStart));
      count += bitCount(until < this.#monthEnd ? days & ~(-2 << (until - this.#monthStart)) : days);
    }
    return count;
  }

  #nextTime(secondOfDay: number): number {
    const { hours, minutes, seconds } = this.#times;
    const hour = Math.floor(secondOfDay / 3600);
    if (hours.has(hour)) {
      const minute = Math.floor(secondOfDay / 60) - hour * 60;
      if (minutes.has(minute)) {
        const second = seconds.next(secondOfDay % 60);
        if (second !== -1) return hour * 3600 + minute * 60 + second;
      }
      const laterMinute = minutes.next(minute + 1);
      if (laterMinute !== -1) return hour * 3600 + laterMinute * 60 + seconds.first;
    }
    const laterHour = hours.next(hour + 1);
    return laterHour === -1 ? -1 : laterHour * 3600 + minutes.first * 60 + seconds.first;
  }

  #previousTime(secondOfDay: number): number {
    const { hours, minutes, seconds } = this.#times;
    const hour = Math.floor(secondOfDay / 3600);
    if (hours.has(hour)) {
      const minute = Math.floor(secondOfDay / 60) - hour * 60;
      if (minutes.has(minute)) {
        const second = seconds.previous(secondOfDay % 60);
        if (second !== -1) return hour * 3600 + minute * 60 + second;
      }
      const earlierMinute = minutes.previous(minute - 1);
      if (earlierMinute !== -1) return hour * 3600 + earlierMinute * 60 + seconds.last;
    }
    const earlierHour = hours.previous(hour - 1);
    return earlierHour === -1 ? -1 : earlierHour * 3600 + minutes.last * 60 + seconds.last;
  }

  #nextDay(from: number): number | null {
    let day = from;
    for (let months = 0; months <= CALENDAR_CYCLE_MONTHS && !this.#isEmpty; months++) {
      this.#openMonth(day);
      const days = this.#monthDays & (-2 << (day - this.#monthStart));
      if (days !== 0) return this.#monthStart + lowestBit(days) - 1;
      day = this.#monthEnd;
    }
    this.#isEmpty = true;
    return null;
  }

  #previousDay(from: number): number | null {
    let day = from;
    for (let months = 0; months <= CALENDAR_CYCLE_MONTHS && !this.#isEmpty; months++) {
      this.#openMonth(day);
      const days = this.#monthDays & (-1 >>> (30 - (day - this.#monthStart)));
      if (days !== 0) return this.#monthStart + highestBit(days) - 1;
      day = this.#monthStart - 1;
    }
    this.#isEmpty = true;
    return null;
  }

  /** Looks at the month that holds `day`, unless it is the one looked at last. */
  #openMonth(day: number): void {
    if (this.#monthStart <= day && day < this.#monthEnd) return;
    const { year, month } = dateOf(day);
    const length = daysInMonth(year, month);
    this.#monthStart = dayOf(year, month, 1);
    this.#monthEnd = this.#monthStart + length;
    this.#monthDays = this.#days({ month, length, firstWeekday: weekdayOf(this.#monthStart) });
  }
}
