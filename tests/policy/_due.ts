/**
 * Jobs, times and verdicts as the tables of policies write them.
 *
 * @module
 */
import { DEFAULT_POLICIES, type EpochMs, epochMs, type Job, jobId, type Policies } from "@jobtrigger/shared/domain";
import type { DueVerdict } from "@jobtrigger/shared/policy";
import { parseScheduleText } from "@jobtrigger/shared/schedule";

/** An instant in ISO 8601. */
export const instant = (text: string): EpochMs => epochMs(Date.parse(text));

/** The text of an instant. */
export const iso = (at: EpochMs): string => new Date(at).toISOString().replace(".000", "");

/** A job with this schedule, and default policies but for `policies`. */
export function jobOf(
  schedule: string,
  { timezone = "UTC", policies = {} }: { readonly timezone?: string; readonly policies?: Partial<Policies> } = {},
): Job {
  return {
    id: jobId(1),
    name: "nightly",
    key: null,
    labels: [],
    scriptPath: "backup.sh",
    scriptArgs: [],
    schedule: parseScheduleText(schedule),
    timezone,
    policies: { ...DEFAULT_POLICIES, ...policies },
    managedBy: null,
    isActive: true,
    pausedNote: null,
    nextRun: null,
    lastDispatchedAt: null,
    revision: 1,
    createdAt: epochMs(0),
    updatedAt: epochMs(0),
    damage: null,
  };
}

/** A verdict in words: `time by timing [overlap]`, and `reason first…last ×count`. */
export function inWords(verdict: DueVerdict): {
  readonly dispatch: readonly string[];
  readonly ledger: readonly string[];
  readonly nextRun: string | null;
} {
  return {
    dispatch: verdict.dispatch.map(({ scheduledFor, decision: { timing, overlap } }) =>
      [iso(scheduledFor), timing, ...(overlap === null ? [] : [overlap])].join(" ")
    ),
    ledger: verdict.ledger.map(({ reason, firstAt, lastAt, count }) =>
      `${reason} ${iso(firstAt)}…${iso(lastAt)} ×${count}`
    ),
    nextRun: verdict.nextRun === null ? null : iso(verdict.nextRun),
  };
}
