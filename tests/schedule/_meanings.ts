/** Random schedules, each with an independent predicate of its meaning. @module */
import * as fc from "fast-check";
import type { DstPolicy } from "@jobtrigger/shared/schedule";
import { type Face, lengthOfMonth, type Meaning, weekdayIn } from "./_oracle.ts";

/** One cron field, or one element of it. */
interface Field<Value> {
  readonly text: string;
  readonly isFixed: boolean;
  readonly matches: (value: Value) => boolean;
}

/** Any daylight saving policy. */
export const policies: fc.Arbitrary<DstPolicy> = fc.record({
  gap: fc.constantFrom("after", "skip"),
  fold: fc.constantFrom("first", "second", "both"),
});

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const star: Field<unknown> = { text: "*", isFixed: false, matches: () => true };

/** A field of numbers: all, one, several, a range, a step. Ranges may go over the end. */
function numbers(min: number, max: number): fc.Arbitrary<Field<number>> {
  const value = fc.integer({ min, max });
  const size = max - min + 1;
  const range = fc.oneof(
    { weight: 2, arbitrary: fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const) },
    { weight: 1, arbitrary: fc.tuple(value, value).map(([a, b]) => [a, b] as const) },
  );
  const step = fc.integer({ min: 1, max: size });
  // How far a value is from the start of a range, counted upwards and from the end on to the beginning.
  const beyond = (from: number, found: number) => (found - from + size) % size;
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(star) },
    {
      weight: 4,
      arbitrary: fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((list) => ({
        text: list.join(","),
        isFixed: true,
        matches: (found: number) => list.includes(found),
      })),
    },
    {
      weight: 1,
      arbitrary: range.map(([from, to]) => ({
        text: `${from}-${to}`,
        isFixed: false,
        matches: (found: number) => beyond(from, found) <= beyond(from, to),
      })),
    },
    {
      weight: 1,
      arbitrary: step.map((every) => ({
        text: `*/${every}`,
        isFixed: false,
        matches: (found: number) => (found - min) % every === 0,
      })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(range, step).map(([[from, to], every]) => ({
        text: `${from}-${to}/${every}`,
        isFixed: false,
        matches: (found: number) => beyond(from, found) <= beyond(from, to) && beyond(from, found) % every === 0,
      })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(value, step).map(([from, every]) => ({
        text: `${from}/${every}`,
        isFixed: false,
        matches: (found: number) => found >= from && (found - from) % every === 0,
      })),
    },
  );
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** An hour field, sometimes one that names every hour without a plain asterisk. */
const hours: fc.Arbitrary<Field<number>> = fc.oneof(
  { weight: 7, arbitrary: numbers(0, 23) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("0-23", "*/1", "0/1", "5-4", "0-11,12-23", "0-23/2,1-23/2", HOURS.join(",")).map((
      text,
    ) => ({
      text,
      isFixed: text === HOURS.join(","),
      matches: () => true,
    })),
  },
);

function leavesHoursOut(field: Field<number>): boolean {
  return !HOURS.every((hour) => field.matches(hour));
}

/** The numbers of a day field that restricts the days. */
function restricted<Value>(field: fc.Arbitrary<Field<Value>>): fc.Arbitrary<Field<Value>> {
  return field.filter(({ text }) => text !== "*" && text !== "*/1");
}

function nearestWorkday(face: Face, wanted: number): number | null {
  if (wanted < 1 || wanted > lengthOfMonth(face)) return null;
  const workdays = Array.from({ length: lengthOfMonth(face) }, (_, index) => index + 1)
    .filter((day) => weekdayIn(face, day) >= 1 && weekdayIn(face, day) <= 5);
  return workdays.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0] ?? null;
}

/** A day-of-month field that is not `*`. */
export const monthDays: fc.Arbitrary<Field<Face>> = fc.array(
  fc.oneof(
    restricted(numbers(1, 31)).map((field): Field<Face> => ({ ...field, matches: ({ day }) => field.matches(day) })),
    fc.constant<Field<Face>>({ text: "L", isFixed: true, matches: (face) => face.day === lengthOfMonth(face) }),
    fc.constant<Field<Face>>({
      text: "LW",
      isFixed: true,
      matches: (face) => face.day === nearestWorkdayBackFrom(face, lengthOfMonth(face)),
    }),
    fc.nat(30).map((days): Field<Face> => ({
      text: `L-${days}`,
      isFixed: true,
      matches: (face) => face.day === lengthOfMonth(face) - days,
    })),
    fc.nat(30).map((days): Field<Face> => ({
      text: `L-${days}W`,
      isFixed: true,
      matches: (face) => face.day === nearestWorkday(face, lengthOfMonth(face) - days),
    })),
    fc.integer({ min: 1, max: 31 }).map((day): Field<Face> => ({
      text: `${day}W`,
      isFixed: true,
      matches: (face) => face.day === nearestWorkday(face, day),
    })),
  ),
  { minLength: 1, maxLength: 2 },
).map(listOf);

function nearestWorkdayBackFrom(face: Face, start: number): number {
  let day = start;
  while (weekdayIn(face, day) % 6 === 0) day--;
  return day;
}

/** A day-of-week field that is not `*`. */
export const weekDays: fc.Arbitrary<Field<Face>> = fc.array(
  fc.oneof(
    restricted(numbers(0, 6)).map((field): Field<Face> => ({
      ...field,
      matches: (face) => field.matches(face.weekday),
    })),
    fc.constant<Field<Face>>({ text: "7", isFixed: true, matches: (face) => face.weekday === 0 }),
    fc.tuple(fc.nat(6), fc.nat(6)).map(([from, to]): Field<Face> => ({
      text: `${WEEKDAYS[from]}-${WEEKDAYS[to]}`,
      isFixed: false,
      matches: (face) => (face.weekday - from + 7) % 7 <= (to - from + 7) % 7,
    })),
    fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 5 })).map(([weekday, nth]): Field<Face> => ({
      text: `${WEEKDAYS[weekday]}#${nth}`,
      isFixed: true,
      matches: (face) => face.weekday === weekday && face.day > 7 * (nth - 1) && face.day <= 7 * nth,
    })),
    fc.tuple(fc.nat(6), fc.constantFrom("L", "#L")).map(([weekday, last]): Field<Face> => ({
      text: `${weekday}${last}`,
      isFixed: true,
      matches: (face) => face.weekday === weekday && face.day + 7 > lengthOfMonth(face),
    })),
  ),
  { minLength: 1, maxLength: 2 },
).map(listOf);

/** A month field, with names and with ranges over the end of the year. */
export const months: fc.Arbitrary<Field<number>> = fc.oneof(
  { weight: 3, arbitrary: numbers(1, 12) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(11), fc.nat(11)).map(([from, to]) => ({
      text: `${MONTHS[from]}-${MONTHS[to]?.toUpperCase()}`,
      isFixed: false,
      matches: (month: number) => (month - 1 - from + 12) % 12 <= (to - from + 12) % 12,
    })),
  },
);

function listOf<Value>(fields: readonly Field<Value>[]): Field<Value> {
  return {
    text: fields.map(({ text }) => text).join(","),
    isFixed: fields.every(({ isFixed }) => isFixed),
    matches: (value) => fields.some((field) => field.matches(value)),
  };
}

type Days = readonly [monthDay: Field<Face> | null, weekDay: Field<Face> | null];

/** Both day fields, each restricted or not. */
export const days: fc.Arbitrary<Days> = fc.tuple<[Field<Face> | null, Field<Face> | null]>(
  fc.option(monthDays, { nil: null, freq: 2 }),
  fc.option(weekDays, { nil: null, freq: 2 }),
);

/** Whether a day matches the two day fields together, by crontab(5): both if one begins with an asterisk, else either. */
export function matchesDays([monthDay, weekDay]: Days, face: Face): boolean {
  if (monthDay === null || weekDay === null) return (monthDay ?? weekDay)?.matches(face) ?? true;
  const [byDate, byWeekday] = [monthDay.matches(face), weekDay.matches(face)];
  return monthDay.text.startsWith("*") || weekDay.text.startsWith("*") ? byDate && byWeekday : byDate || byWeekday;
}

/** A cron expression; with seconds, six fields. Days are rarely restricted, so that short walks find occurrences. */
export function crons(withSeconds: boolean): fc.Arbitrary<Meaning> {
  const second = withSeconds
    ? numbers(0, 59)
    : fc.constant<Field<number>>({ text: "", isFixed: true, matches: (s) => s === 0 });
  const anyDay = fc.constant<Days>([null, null]);
  const someDays = fc.oneof({ weight: 4, arbitrary: anyDay }, { weight: 1, arbitrary: days });
  return fc.record({ second, minute: numbers(0, 59), hour: hours, days: someDays }).map(
    ({ second, minute, hour, days }) => ({
      text: `cron ${second.text} ${minute.text} ${hour.text} ${days[0]?.text ?? "*"} * ${days[1]?.text ?? "?"}`,
      isFixed: second.isFixed && minute.isFixed && hour.isFixed,
      leavesHoursOut: leavesHoursOut(hour),
      matches: (face) =>
        second.matches(face.second) && minute.matches(face.minute) && hour.matches(face.hour) &&
        matchesDays(days, face),
    }),
  );
}

const pad = (value: number) => String(value).padStart(2, "0");

/** Any schedule in wall time that has no seconds. */
export const meanings: fc.Arbitrary<Meaning> = fc.oneof(
  { weight: 4, arbitrary: crons(false) },
  {
    weight: 1,
    arbitrary: fc.nat(59).map((minute) => ({
      text: `hourly at :${pad(minute)}`,
      isFixed: false,
      leavesHoursOut: false,
      matches: (face: Face) => face.minute === minute && face.second === 0,
    })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => ({
      text: `daily at ${pad(hour)}:${pad(minute)}`,
      isFixed: true,
      leavesHoursOut: true,
      matches: (face: Face) => face.hour === hour && face.minute === minute && face.second === 0,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.uniqueArray(fc.nat(6), { minLength: 1 }), fc.nat(23)).map(([days, hour]) => ({
      text: `weekly on ${days.map((day) => WEEKDAYS[day]).join(", ")} at ${hour}:00`,
      isFixed: true,
      leavesHoursOut: true,
      matches: (face: Face) => days.includes(face.weekday) && face.hour === hour && face.minute + face.second === 0,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 31 }), fc.nat(23)).map(([day, hour]) => ({
      text: `monthly on ${day} at ${hour}:30`,
      isFixed: true,
      leavesHoursOut: true,
      matches: (face: Face) =>
        face.day === Math.min(day, lengthOfMonth(face)) && face.hour === hour && face.minute === 30 &&
        face.second === 0,
    })),
  },
);
