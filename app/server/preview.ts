// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import type { EpochMs } from "@jobtrigger/shared/domain";
import {
  describeSchedule,
  type DstPolicy,
  nextRuns,
  parseScheduleText,
  parseTimezone,
  type Schedule,
  ScheduleError,
  scheduleWarnings,
} from "@jobtrigger/shared/schedule";
import { isoUtc } from "@jobtrigger/shared/time";
import type { JobFields } from "../format/job_fields.ts";
import type { Preview, PreviewProblem } from "../format/preview.ts";
import type { View } from "../utils.ts";

/** How many occurrences a preview shows. */
export const PREVIEW_RUNS = 10;

/** What is asked about: the fields of the form, as typed. */
export type PreviewFields = Pick<JobFields, "schedule" | "timezone" | "gap" | "fold">;

/** What the engine makes of what was typed; null while there is no schedule yet. */
export function previewTyped(fields: PreviewFields, view: View): Preview | null {
  if (fields.schedule.trim() === "") return null;
  const problems: PreviewProblem[] = [];
  const schedule = tried(() => parseScheduleText(fields.schedule.trim()), "schedule", problems);
  const timezone = tried(() => parseTimezone(fields.timezone.trim() || view.zone), "timezone", problems);
  if (schedule === null || timezone === null) return { kind: "invalid", problems };
  return previewSchedule({ schedule, timezone, dst: dstOf(fields) }, view);
}

/** What the engine makes of a schedule. */
export function previewSchedule(
  { schedule, timezone, dst }: { readonly schedule: Schedule; readonly timezone: string; readonly dst: DstPolicy },
  { now, zone }: View,
): Preview {
  const options = { timezone, after: now, dst };
  return {
    kind: "valid",
    sentence: describeSchedule(schedule, timezone),
    warnings: scheduleWarnings(schedule, options).filter(({ kind }) => kind !== "never").map(({ message }) => message),
    runs: nextRuns(schedule, options, PREVIEW_RUNS).map((at) => ({
      iso: isoUtc(at),
      job: shortTime(at, timezone),
      portal: shortTime(at, zone),
      utc: shortTime(at, "UTC"),
    })),
    isTimed: schedule.kind !== "manual",
    jobZone: timezone,
    portalZone: zone,
  };
}

function shortTime(at: EpochMs, zone: string): string {
  return DateTime.fromMillis(at, { zone, locale: "en" }).toFormat("ccc yyyy-MM-dd HH:mm:ss");
}

function dstOf({ gap, fold }: PreviewFields): DstPolicy {
  return { gap: gap === "skip" ? "skip" : "after", fold: fold === "second" || fold === "both" ? fold : "first" };
}

function tried<Value>(parse: () => Value, field: PreviewProblem["field"], problems: PreviewProblem[]): Value | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    problems.push({ field, message: error.message });
    return null;
  }
}
