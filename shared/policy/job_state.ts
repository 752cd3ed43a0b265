/**
 * The worst that can be said of a job, in one word and one sentence: its row shows it and its page begins with it.
 *
 * From the worst: *damaged* (a part of its stored definition cannot be read, so no scheduler runs it), *failing* (its last
 * occurrence failed and no retry is left), *late* (due, and no scheduler picked it up), *stuck* (a run waits and no online worker
 * may run it), *misplaced* (its next run is later than the schedule says, because a clock was ahead), *running*, *retrying*,
 * *waiting*, *paused*, *manual*, *done* (no further time), *fine*. A paused job keeps its worst state; the sentence then says that
 * it is paused.
 *
 * @module
 */
import type { EpochMs } from "../domain/brand.ts";
import { type Dispatch, type Job, type JobFailure, LATE_MS, type Worker } from "../domain/mod.ts";
import { isShownTooLate } from "./ahead.ts";
import { explainWait } from "./why.ts";

/** The states of a job, from the worst. */
export const JOB_CONDITIONS = [
  "damaged",
  "failing",
  "late",
  "stuck",
  "misplaced",
  "running",
  "retrying",
  "waiting",
  "paused",
  "manual",
  "done",
  "fine",
] as const;

/** One of {@linkcode JOB_CONDITIONS}. */
export type JobCondition = typeof JOB_CONDITIONS[number];

/** What the row of a job in a list knows. */
export interface JobStateFacts {
  /** The job. */
  readonly job: Job;
  /** Its newest attempt, whatever its state; null when it never ran. */
  readonly lastRun: Dispatch | null;
  /** What it suffers from; null: it is not failing. */
  readonly failure: JobFailure | null;
  /** All workers, those offline included. */
  readonly workers: readonly Worker[];
  /** The time of the question. */
  readonly now: EpochMs;
}

/** The worst state of a job. */
export interface JobState {
  /** The state in one word. */
  readonly condition: JobCondition;
  /** The state in a short sentence, without a full stop. Instants stand beside it: `since`. */
  readonly reason: string;
  /** Since when it is so, or for `retrying` and `fine` when it runs next; null: nobody knows, or never. */
  readonly since: EpochMs | null;
}

/** The worst state of a job. */
export function judgeJob(facts: JobStateFacts): JobState {
  const { job, failure } = facts;
  const state = damaged(job) ?? failing(failure) ?? lateState(facts) ?? runState(facts) ?? restingState(facts);
  if (job.isActive || state.condition === "paused") return state;
  return { ...state, reason: `Paused; ${state.reason.charAt(0).toLowerCase()}${state.reason.slice(1)}` };
}

function damaged({ damage, updatedAt }: Job): JobState | null {
  return damage === null ? null : { condition: "damaged", reason: withoutStop(damage), since: updatedAt };
}

function failing(failure: JobFailure | null): JobState | null {
  if (failure === null) return null;
  const { since, message } = failure;
  return { condition: "failing", reason: message === null ? "The last run failed" : withoutStop(message), since };
}

function lateState({ job: { isActive, nextRun }, now }: JobStateFacts): JobState | null {
  if (!isActive || nextRun === null || now - nextRun < LATE_MS) return null;
  return { condition: "late", reason: "Due, but no scheduler has picked it up", since: nextRun };
}

/** The state of a run that has not ended, and of a next run in the wrong place. */
function runState({ job, lastRun, workers, now }: JobStateFacts): JobState | null {
  // Holders and order of the queue are not known here: only whether a worker may run it at all.
  const wait = lastRun === null ? null : explainWait({ run: lastRun, now, workers, holders: [], unfinished: [] });
  const waiting = lastRun?.state.status === "PENDING" ? lastRun.state.availableAt : null;
  if (wait?.kind === "no_worker") return { condition: "stuck", reason: "No worker is online", since: waiting };
  if (wait?.kind === "tags") {
    return { condition: "stuck", reason: tagsWords(wait), since: waiting };
  }
  if (isShownTooLate(job, now)) {
    return { condition: "misplaced", reason: "The next run is later than the schedule says", since: null };
  }
  if (lastRun?.state.status === "IN_PROGRESS") {
    const { startedAt, claimedAt, cancelRequestedAt } = lastRun.state;
    const reason = cancelRequestedAt === null ? "A run is going on" : "A run is being cancelled";
    return { condition: "running", reason, since: startedAt ?? claimedAt };
  }
  if (wait?.kind === "until" && lastRun !== null && lastRun.retryCount > 0) {
    return { condition: "retrying", reason: `Retry ${lastRun.retryCount} waits for its time`, since: wait.at };
  }
  if (wait === null || wait.kind === "until") return null;
  return { condition: "waiting", reason: "A run waits for a worker", since: waiting };
}

function restingState({ job: { isActive, schedule, nextRun, pausedNote, updatedAt } }: JobStateFacts): JobState {
  if (!isActive) return { condition: "paused", reason: pausedNote ?? "Paused", since: updatedAt };
  if (schedule.kind === "manual") return { condition: "manual", reason: "Runs on demand", since: null };
  if (nextRun === null) return { condition: "done", reason: "The schedule has no further time", since: null };
  return { condition: "fine", reason: "Runs next", since: nextRun };
}

/** Why no worker takes a run: the tags that it needs, and those of them that no online worker has. */
export function tagsWords(
  { tags, missing }: { readonly tags: readonly string[]; readonly missing: readonly string[] },
): string {
  const list = (some: readonly string[]) => some.slice(0, 5).join(", ") + (some.length > 5 ? ", …" : "");
  if (missing.length === 0) return `No worker has all of the tags ${list(tags)}`;
  return `No worker has the ${missing.length === 1 ? "tag" : "tags"} ${list(missing)}`;
}

function withoutStop(sentence: string): string {
  return sentence.trimEnd().replace(/\.$/, "");
}
