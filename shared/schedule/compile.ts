/** Turns a schedule into what the search works on, once. @module */
import { readTime, readWall } from "./civil.ts";
import { type CronExpression, FIELDS, hasFixedTimes, valuesOf } from "./cron/fields.ts";
import { parseCron } from "./cron/parse.ts";
import { everyDay, onCronDays, onMonthDay, onWeekdays } from "./days.ts";
import { quote, ScheduleError } from "./errors.ts";
import { type Schedule, type Weekday, WEEKDAYS } from "../domain/schedule.ts";
import { ValueSet } from "./value_set.ts";
import type { Repetition } from "./wall_clock.ts";
import { type DaysOfMonth, SingleWallTime, WallPattern, type WallTimes } from "./wall_pattern.ts";

/** A schedule ready to be searched. */
export type CompiledSchedule =
  | { readonly kind: "never" }
  /** `anchorMs` null: counted from wherever the question starts. */
  | { readonly kind: "interval"; readonly everyMs: number; readonly anchorMs: number | null }
  | { readonly kind: "wall"; readonly times: WallTimes; readonly repetition: Repetition };

const MAX_EXPRESSIONS = 1_000;

const compiled = new WeakMap<Schedule, CompiledSchedule>();
const expressions = new Map<string, CompiledSchedule>();

/** The schedule ready to be searched; the same object, or the same cron expression, is compiled once. */
export function compileSchedule(schedule: Schedule): CompiledSchedule {
  let known = compiled.get(schedule);
  if (known === undefined) {
    known = compile(schedule);
    compiled.set(schedule, known);
  }
  return known;
}

/** Number of a weekday as the calendar and cron count: 0 for Sunday. */
function weekdayNumber(day: Weekday): number {
  return (WEEKDAYS.indexOf(day) + 1) % 7;
}

function compile(schedule: Schedule): CompiledSchedule {
  switch (schedule.kind) {
    case "manual":
      return { kind: "never" };
    case "once":
      return { kind: "wall", times: new SingleWallTime(wallOf(schedule.at)), repetition: "none" };
    case "interval": {
      const anchorMs = schedule.anchor === undefined ? null : Temporal.Instant.from(schedule.anchor).epochMilliseconds;
      return { kind: "interval", everyMs: schedule.everySeconds * 1000, anchorMs };
    }
    case "hourly":
      return compileExpression(`${schedule.minute} * * * *`);
    case "daily":
      return atTime(everyDay, schedule.time);
    case "weekly":
      return atTime(onWeekdays(schedule.days.map(weekdayNumber)), schedule.time);
    case "monthly":
      return atTime(onMonthDay(schedule.day), schedule.time);
    case "cron":
      return compileExpression(schedule.expression);
  }
}

function atTime(days: DaysOfMonth, time: string): CompiledSchedule {
  const second = readTime(time);
  if (second === null) throw new ScheduleError(`Cannot use ${quote(time)} as a time of day`, "schedule.time");
  const times = {
    hours: new ValueSet([Math.floor(second / 3600)]),
    minutes: new ValueSet([Math.floor(second / 60) % 60]),
    seconds: new ValueSet([second % 60]),
  };
  return { kind: "wall", times: new WallPattern(days, times), repetition: "none" };
}

function wallOf(at: string): number {
  const wall = readWall(at);
  if (wall === null) throw new ScheduleError(`Cannot use ${quote(at)} as a date and time`, "schedule.at");
  return wall;
}

function compileExpression(expression: string): CompiledSchedule {
  let known = expressions.get(expression);
  if (known === undefined) {
    known = compileCron(parseCron(expression));
    if (expressions.size >= MAX_EXPRESSIONS) expressions.clear();
    expressions.set(expression, known);
  }
  return known;
}

function compileCron(cron: CronExpression): CompiledSchedule {
  const times = {
    hours: valuesOf(cron.hour, FIELDS.hour),
    minutes: valuesOf(cron.minute, FIELDS.minute),
    seconds: valuesOf(cron.second, FIELDS.second),
  };
  const repetition = hasFixedTimes(cron) ? "none" : times.hours.size === 24 ? "every_hour" : "some_hours";
  return { kind: "wall", times: new WallPattern(onCronDays(cron), times), repetition };
}
