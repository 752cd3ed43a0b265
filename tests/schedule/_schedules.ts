/** Any schedule in its canonical form. @module */
import * as fc from "fast-check";
import { type Schedule, WEEKDAYS } from "@jobtrigger/shared/schedule";
import { crons, meanings } from "./_meanings.ts";

const pad = (value: number) => String(value).padStart(2, "0");

/** `HH:MM`, or `HH:MM:SS` when the seconds are not 0. */
const times: fc.Arbitrary<string> = fc.tuple(fc.nat(23), fc.nat(59), fc.option(fc.nat(59), { nil: 0 })).map(
  ([hour, minute, second]) => `${pad(hour)}:${pad(minute)}${second === 0 ? "" : `:${pad(second)}`}`,
);

const dates: fc.Arbitrary<string> = fc.date({
  min: new Date("0000-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59Z"),
  noInvalidDate: true,
}).map((date) => date.toISOString().slice(0, 10));

const anchors: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }).map((second) => second * 1000),
  fc.integer({ min: 0, max: 4_000_000_000_000 }),
).map((ms) => Temporal.Instant.fromEpochMilliseconds(ms).toString());

const everySeconds: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }),
  fc.integer({ min: 1, max: 36_500 * 86_400 }),
);

const expressions: fc.Arbitrary<string> = fc.oneof(
  crons(true).map(({ text }) => text.slice("cron ".length)),
  meanings.filter(({ text }) => text.startsWith("cron ")).map(({ text }) =>
    text.slice("cron ".length).trim().replaceAll(/\s+/g, " ")
  ),
  fc.constantFrom("@hourly", "@daily", "@weekly", "@monthly", "@yearly"),
);

/** Any schedule in its canonical form, of all eight kinds. */
export const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  fc.constant<Schedule>({ kind: "manual" }),
  fc.tuple(dates, times).map(([date, time]): Schedule => ({ kind: "once", at: `${date}T${time}` })),
  everySeconds.map((seconds): Schedule => ({ kind: "interval", everySeconds: seconds })),
  fc.tuple(everySeconds, anchors).map(([seconds, anchor]): Schedule => ({
    kind: "interval",
    everySeconds: seconds,
    anchor,
  })),
  fc.nat(59).map((minute): Schedule => ({ kind: "hourly", minute })),
  times.map((time): Schedule => ({ kind: "daily", time })),
  fc.tuple(fc.subarray([...WEEKDAYS], { minLength: 1 }), times).map(([days, time]): Schedule => ({
    kind: "weekly",
    days,
    time,
  })),
  fc.tuple(fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant("last" as const)), times).map(
    ([day, time]): Schedule => ({ kind: "monthly", day, time }),
  ),
  expressions.map((expression): Schedule => ({ kind: "cron", expression })),
);
