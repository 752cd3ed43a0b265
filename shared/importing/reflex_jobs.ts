/**
 * Jobs of the Reflex system, as definitions of this one.
 *
 * @module
 */
import { DEFAULT_POLICIES, type EpochMs, epochMs, type JobDefinition } from "../domain/mod.ts";
import { convertReflexSchedule, REFLEX_ZONE, type ReflexSchedule } from "./reflex_schedule.ts";

/** A row of the old `scheduled_jobs`. */
export interface ReflexJob extends ReflexSchedule {
  /** Its id there. */
  readonly id: number;
  /** What people called it. */
  readonly name: string;
  /** Where its script was: mostly an absolute path. */
  readonly scriptPath: string;
  /** Whether its schedule was followed. */
  readonly isActive: boolean;
}

/** What a row becomes. */
export interface PlannedJob {
  /** The row. */
  readonly old: ReflexJob;
  /** The job to create. Its key says which row it was, so that a second import finds it. */
  readonly definition: JobDefinition & { readonly key: string };
  /** Why it begins paused; null: it begins active. */
  readonly pausedNote: string | null;
  /** Sentences for people about what differs. */
  readonly notes: readonly string[];
}

const NOTE_OFF = "It was switched off in the Reflex system.";

/** The key of the job that the row with this id becomes. */
function reflexKey(id: number): string {
  return `reflex-${id}`;
}

/** The job that a row becomes. The old worker ran each job once and knew no policies, so those are the default ones. */
export function planReflexJob(old: ReflexJob): PlannedJob {
  const { schedule, isSound, notes } = convertReflexSchedule(old);
  const name = old.name.trim();
  const script = old.scriptPath.trim().split(/[/\\]/).at(-1) ?? "";
  return {
    old,
    definition: {
      name: name === "" ? `Job ${old.id}` : name,
      key: reflexKey(old.id),
      labels: ["reflex"],
      scriptPath: script,
      scriptArgs: [],
      schedule,
      timezone: REFLEX_ZONE,
      policies: DEFAULT_POLICIES,
    },
    pausedNote: isSound ? old.isActive ? null : NOTE_OFF : notes.at(-1) ?? NOTE_OFF,
    notes: name === "" ? [...notes, "it had no name"] : notes,
  };
}

/** An instant of the old system: UTC without a zone, `2026-11-27 06:03:00.123456`. Null: it is none. */
export function parseReflexTime(text: string | null): EpochMs | null {
  if (text === null) return null;
  const zoned = /(?:Z|[+-]\d{2}(?::?\d{2})?)$/i.test(text.trim()) ? text.trim() : `${text.trim()}Z`;
  try {
    return epochMs(Temporal.Instant.from(zoned.replace(" ", "T")).epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
