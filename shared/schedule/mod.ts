/**
 * The schedule engine: what a schedule is, how it is written, when it is due.
 *
 * It is pure. It reads no clock. It caches only what never changes: compiled schedules and facts about time zones, both
 * bounded. The same question has the same answer on every machine with the same zone data.
 *
 * ```text
 *   text ──────┐                                    ┌─ days.ts, value_set.ts
 *   JSON ──────┼─▶ Schedule ─▶ compile.ts ─▶ WallTimes: wall_pattern.ts ─┐
 *   old form ──┘    domain/    cron/parse.ts                             ├─▶ wall_clock.ts ─▶ next_run.ts
 *                                           Temporal ─▶ zone.ts: Segment ┘
 * ```
 *
 * Temporal, which is built in, knows the zones: where a zone's offset changes, and what it is between two changes. Above it,
 * dates are whole numbers. A conversion by Temporal takes about 2 µs and a search needs several; within a segment of one
 * offset, an instant follows from a wall time by one addition. So the engine asks Temporal once for each segment and does the
 * rest by arithmetic on the Gregorian calendar. The tests compare the result with Temporal, minute by minute, in every zone.
 *
 * One algorithm serves all wall times, from `once` to `cron`. Daylight saving changes only the edges of a segment
 * (`wall_clock.ts`): a gap may add an occurrence at its end, a fold may take one pass away. A repeating expression
 * follows elapsed time: it keeps both passes, and makes up for a gap only where its hours are restricted. Occurrences are
 * counted the same way, segment by segment, and never listed, so a long outage costs a scheduler no more than a short one.
 *
 * A search is bounded: the calendar repeats after 400 years, so a month-by-month walk through one cycle either finds a
 * day or proves that there is none.
 *
 * @module
 */
export type { DstPolicy } from "../domain/dst.ts";
export * from "../domain/schedule.ts";
export { ScheduleError } from "./errors.ts";
export { formatSchedule } from "./format.ts";
export { parseScheduleText } from "./text.ts";
export { parseSchedule } from "./json.ts";
export { parseTimezone } from "./zone.ts";
export { type NamedZone, namedZones, zoneCalled } from "./zone_words.ts";
export { calculateNextRun, countRuns, latestRunAtOrBefore, nextRuns } from "./next_run.ts";
export type { CountRunsOptions, LatestRunOptions, NextRunOptions } from "./next_run.ts";
export { describeSchedule } from "./describe.ts";
export { scheduleWarnings } from "./warnings.ts";
export type { ScheduleWarning, WarningKind } from "./warnings.ts";
export type { CronNote } from "./cron/notes.ts";
