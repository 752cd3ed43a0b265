/**
 * Checks invariant 1: dispatches and ledger entries of a job together are the schedule's list of occurrences.
 *
 * @module
 */
import { type EpochMs, epochMs, type JobId, type LedgerEntry } from "../../shared/domain/mod.ts";
import { calculateNextRun, type Schedule } from "../../shared/schedule/mod.ts";
import { occurrencesOf } from "../../shared/policy/mod.ts";
import type { Complaint } from "./transitions.ts";
import type { JobRow } from "./witness.ts";

/** For as long as a job had one schedule: its occurrences from `from` on, up to but without `next`, are settled. */
interface Stretch {
  readonly job: JobRow;
  readonly from: EpochMs;
  /** Null: no further occurrence. */
  readonly next: EpochMs | null;
  /** How far it ever was settled, by a clock that was ahead: up to here occurrences may have been dispatched. Null: to its end. */
  readonly reached: EpochMs | null;
}

/** The occurrences of the jobs' schedules so far. */
export class Occurrences {
  readonly #closed = new Map<JobId, Stretch[]>();
  readonly #open = new Map<JobId, Stretch>();

  /** Takes in the jobs as they are after a call. */
  see(jobs: readonly JobRow[]): void {
    for (const job of jobs) {
      const open = this.#open.get(job.id);
      if (open !== undefined && isOneStretch(open, job)) {
        const { nextRun } = job;
        // Made by a clock that was ahead, it may begin later than it does now.
        const from = nextRun === null ? open.from : epochMs(Math.min(open.from, nextRun));
        this.#open.set(job.id, { job, from, next: nextRun, reached: later(open.reached, nextRun) });
        continue;
      }
      // A move of a job's next run gives up the occurrences before it, which count as settled.
      if (open !== undefined) this.#close(job.isDeleted ? open : upTo(open, job.updatedAt));
      this.#open.delete(job.id);
      const next = job.nextRun;
      if (next !== null) this.#open.set(job.id, { job, from: next, next, reached: next });
    }
  }

  #close(stretch: Stretch): void {
    this.#closed.set(stretch.job.id, [...this.#closed.get(stretch.job.id) ?? [], stretch]);
  }

  /** Compares them with the dispatched nominal times, which a unique index keeps apart, and the ledger. */
  complaints(dispatched: ReadonlyMap<JobId, readonly number[]>, ledger: readonly LedgerEntry[]): readonly Complaint[] {
    const jobs = new Set([...this.#closed.keys(), ...this.#open.keys(), ...dispatched.keys()]);
    return [...jobs].flatMap((id) => {
      const open = this.#open.get(id);
      const stretches = [...this.#closed.get(id) ?? [], ...(open === undefined ? [] : [open])];
      const expected = new Set(stretches.flatMap(instantsOf));
      const inTime = (dispatched.get(id) ?? []).filter((at) => expected.has(at) || !stretches.some(isAheadOf(at)));
      return compare(expected, inTime, ledger.filter(({ jobId }) => jobId === id))
        .map((complaint) => `Job ${id}: ${complaint}`);
    });
  }
}

function compare(
  expected: ReadonlySet<number>,
  dispatched: readonly number[],
  ledger: readonly LedgerEntry[],
): readonly Complaint[] {
  const complaints: Complaint[] = dispatched.filter((at) => !expected.has(at))
    .map((at) => `${iso(at)} was dispatched, but the schedule does not have it`);
  const rest = new Set([...expected].toSorted((a, b) => a - b));
  for (const at of dispatched) rest.delete(at);
  for (const { reason, firstAt, lastAt, count } of ledger) {
    const settled = [...expected].filter((at) => firstAt <= at && at <= lastAt);
    if (reason === "paused") {
      if (settled.length > 0) complaints.push(`"paused" from ${iso(firstAt)} to ${iso(lastAt)}, when it was not`);
      continue;
    }
    const covered = [...rest].filter((at) => firstAt <= at && at <= lastAt);
    if (covered.length !== count || covered[0] !== firstAt || covered.at(-1) !== lastAt) {
      complaints.push(
        `the ledger has ${count} times "${reason}" from ${iso(firstAt)} to ${iso(lastAt)}, but of the schedule's ` +
          `occurrences only these are not accounted for otherwise: ${covered.map(iso).join(", ") || "none"}`,
      );
    }
    for (const at of covered) rest.delete(at);
  }
  for (const at of rest) complaints.push(`${iso(at)} is neither dispatched nor in the ledger`);
  return complaints;
}

/**
 * Whether the job has the schedule that it had, so that only schedulers have moved its next run. A pause ends the stretch, also that of
 * a job without a next run: a clock that was ahead may have settled occurrences that the pause gives up.
 */
function isOneStretch(open: Stretch, job: JobRow): boolean {
  if (job.revision === open.job.revision) return true;
  return job.isActive === open.job.isActive && job.nextRun === open.next && timesOf(job) === timesOf(open.job);
}

/** The later of two next runs; null (never) is the latest. */
function later(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  return a === null || b === null ? null : epochMs(Math.max(a, b));
}

/** The span settled until `now`, without the occurrences that a clock ahead settled beyond. */
function upTo(stretch: Stretch, now: EpochMs): Stretch {
  const next = occurrencesOf(stretch.job, stretch.from).next(now);
  return { ...stretch, from: next === null ? stretch.from : epochMs(Math.min(stretch.from, next)), next };
}

/** Whether a time is an occurrence that was settled while a clock was ahead. */
function isAheadOf(at: number): (stretch: Stretch) => boolean {
  return ({ job, from, next, reached }) =>
    next !== null && at >= next && (reached === null || at < reached) &&
    occurrencesOf(job, from).next(epochMs(at - 1)) === at;
}

function instantsOf({ job, from, next }: Stretch): readonly number[] {
  const { timezone, policies } = job;
  // An interval without an anchor counts on from its first occurrence.
  const schedule: Schedule = job.schedule.kind === "interval" && job.schedule.anchor === undefined
    ? { ...job.schedule, anchor: new Date(from).toISOString() }
    : job.schedule;
  const times: number[] = [];
  let at: EpochMs | null = from;
  while (at !== null && at !== next) {
    if (next !== null && at > next) {
      throw new Error(`Job ${job.id}: its next run ${iso(next)} is no occurrence of its schedule`);
    }
    times.push(at);
    at = calculateNextRun(schedule, { timezone, dst: policies.dst, after: at });
  }
  return times;
}

function timesOf({ schedule, timezone, policies }: JobRow): string {
  return JSON.stringify([schedule, timezone, policies.dst]);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
