/** Warnings about what may surprise somebody who writes a schedule. @module */
import type { Schedule } from "../domain/schedule.ts";
import { formatWall } from "./civil.ts";
import { compileSchedule } from "./compile.ts";
import { type CronNote, cronNotes } from "./cron/notes.ts";
import { calculateNextRun, type NextRunOptions } from "./next_run.ts";
import { policyFor } from "./wall_clock.ts";
import type { WallTimes } from "./wall_pattern.ts";
import { LAST_SECOND, type Segment, zoneOf } from "./zone.ts";

/**
 * What a warning is about.
 *
 * - `never`: it has no occurrence.
 * - `gap`, `fold`: clocks are put forward over an occurrence, or back over one.
 * - `elapsed_days`: an interval of days moves on the clock when clocks change.
 * - the others: what a cron expression does that its writer may not have meant.
 */
export type WarningKind = "never" | "gap" | "fold" | "elapsed_days" | CronNote["kind"];

/** One thing to know about a schedule. */
export interface ScheduleWarning {
  /** What it is about. */
  readonly kind: WarningKind;
  /** One sentence, with its full stop. */
  readonly message: string;
}

/** How far ahead clock changes are looked for: 13 months. */
const HORIZON_SECONDS = 396 * 86_400;

/**
 * Warnings about a schedule for the 13 months after `after`, in the order of their weight; empty when there is nothing
 * to say.
 *
 * @example
 * ```ts
 * import { parseScheduleText, scheduleWarnings } from "@jobtrigger/shared/schedule";
 * import { epochMs } from "@jobtrigger/shared/domain";
 * import assert from "node:assert/strict";
 *
 * const after = epochMs(Date.parse("2026-11-24T00:00Z"));
 * const [warning] = scheduleWarnings(parseScheduleText("cron 0 0 31 2 *"), { timezone: "UTC", after });
 * assert.equal(warning?.kind, "never");
 * ```
 *
 * @throws {ScheduleError} when there is no such zone.
 */
export function scheduleWarnings(schedule: Schedule, options: NextRunOptions): ScheduleWarning[] {
  if (schedule.kind === "manual") return [];
  const warnings: ScheduleWarning[] = [];
  if (calculateNextRun(schedule, options) === null) {
    warnings.push({ kind: "never", message: neverMessage(schedule, options) });
  }
  if (schedule.kind === "interval") return [...warnings, ...intervalWarnings(schedule.everySeconds, options)];
  warnings.push(...clockWarnings(schedule, options));
  if (schedule.kind === "cron") warnings.push(...cronNotes(schedule.expression));
  return warnings;
}

function neverMessage(schedule: Schedule, { after }: NextRunOptions): string {
  if (schedule.kind !== "once") return "It never fires: no date matches.";
  return `It never fires: ${schedule.at.replace("T", " ")} is over, or left out where clocks change, after ${
    new Date(after).toISOString()
  }.`;
}

function intervalWarnings(everySeconds: number, options: NextRunOptions): ScheduleWarning[] {
  if (everySeconds % 86_400 !== 0 || changes(options).length === 0) return [];
  const message = `It counts hours that pass, so its time of day moves when clocks change in ${options.timezone}; ` +
    `a daily schedule would keep it.`;
  return [{ kind: "elapsed_days", message }];
}

/** The segments that start within the horizon: each start is a change of clocks. */
function changes({ timezone, after }: NextRunOptions): Segment[] {
  const zone = zoneOf(timezone);
  const start = Math.floor(after / 1000);
  const end = Math.min(start + HORIZON_SECONDS, LAST_SECOND);
  const segments: Segment[] = [];
  for (let { until } = zone.segmentAt(start); until <= end;) {
    const segment = zone.segmentAt(until);
    segments.push(segment);
    until = segment.until;
  }
  return segments;
}

function clockWarnings(schedule: Schedule, options: NextRunOptions): ScheduleWarning[] {
  const compiled = compileSchedule(schedule);
  if (compiled.kind !== "wall") return [];
  const { times, repetition } = compiled;
  // A clock change makes little difference to an expression that runs every hour.
  if (repetition === "every_hour") return [];
  const dst = policyFor(repetition, options.dst);
  return changes(options).flatMap((segment): ScheduleWarning[] => {
    const { from, offset, offsetBefore } = segment;
    const isGap = offset > offsetBefore;
    const start = from + Math.min(offset, offsetBefore);
    const end = from + Math.max(offset, offsetBefore);
    const affected = firstWithin(times, start, end);
    if (affected === null) return [];
    const where = `in ${options.timezone}`;
    if (isGap) {
      const then = dst.gap === "after" ? `it runs at ${formatWall(from + offset)}` : "it does not run";
      return [{
        kind: "gap",
        message: `${formatWall(affected)} does not exist ${where} (clocks go forward): ${then}.`,
      }];
    }
    return [{
      kind: "fold",
      message: `${formatWall(affected)} comes twice ${where} (clocks go back): it runs ${FOLD_OUTCOME[dst.fold]}.`,
    }];
  });
}

const FOLD_OUTCOME = { first: "the first time", second: "the second time", both: "both times" };

function firstWithin(times: WallTimes, start: number, end: number): number | null {
  const wall = times.next(start);
  return wall !== null && wall < end ? wall : null;
}
