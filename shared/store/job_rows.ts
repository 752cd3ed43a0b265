/**
 * Rows of `scheduled_jobs`, as in `rows.ts`, and pages of them.
 *
 * @module
 */
import { z } from "zod";
import {
  DEFAULT_POLICIES,
  type Dispatch,
  type EndedRun,
  type FailingJob,
  type Job,
  type JobId,
  jobId,
  type JobSummary,
} from "../domain/mod.ts";
import { flagIn, instantIn, numberIn, orNull, textIn } from "./columns.ts";
import { encodeCursor } from "./cursor.ts";
import type { JobQuery, LabelCount } from "./job_store.ts";
import { damageOf, damageWords, parsePolicies, parseSchedule, parseTexts, parseZone } from "./json.ts";
import { instant, ofDispatch, ofJob, type Row } from "./rows.ts";
import { searchKey } from "./search_key.ts";
import { worstKey } from "./worst_place.ts";

/**
 * A row of `scheduled_jobs`. A part that cannot be read, because somebody wrote into the database or a zone is gone from the machine,
 * gets a stand-in, and `damage` says why: one such job must not take a whole list, or a pass of a scheduler, with it.
 */
export function toJob(row: Row): Job {
  const damages: string[] = [];
  const read = <Value>(
    column: "labels" | "script_args" | "schedule" | "timezone" | "policies",
    parse: (text: string) => Value,
    standIn: Value,
  ): Value => {
    const stored = textIn(row, column);
    try {
      return parse(stored);
    } catch (error) {
      damages.push(`${column}: ${damageOf(error)}`);
      return standIn;
    }
  };
  const labels = read("labels", parseTexts, []);
  const scriptArgs = read("script_args", parseTexts, []);
  const schedule = read("schedule", parseSchedule, { kind: "manual" });
  const timezone = read("timezone", parseZone, "UTC");
  const policies = read("policies", parsePolicies, DEFAULT_POLICIES);
  return {
    id: jobId(numberIn(row, "id")),
    name: textIn(row, "name"),
    key: orNull(row, "key", textIn),
    managedBy: orNull(row, "managed_by", textIn),
    labels,
    scriptPath: textIn(row, "script_path"),
    scriptArgs,
    schedule,
    timezone,
    policies,
    isActive: flagIn(row, "is_active"),
    pausedNote: orNull(row, "paused_note", textIn),
    nextRun: orNull(row, "next_run", instantIn),
    lastDispatchedAt: orNull(row, "last_dispatched_at", instantIn),
    revision: numberIn(row, "revision"),
    createdAt: instantIn(row, "created_at"),
    updatedAt: instantIn(row, "updated_at"),
    damage: damages.length === 0 ? null : damageWords(damages.join("; ")),
  };
}

/** Where the page of a list goes on after its last row. */
export function jobCursor(row: Row, { sort = "name" }: Pick<JobQuery, "sort">): string {
  const job = toJob(row);
  return encodeCursor({ order: sort, key: keyOf(row, job, sort), id: job.id });
}

const worstRow = z.object({ worst_rank: z.number(), worst_at: instant.nullable() });

function keyOf(row: Row, job: Job, sort: NonNullable<JobQuery["sort"]>): string | number | null {
  switch (sort) {
    case "id":
      return null;
    case "name":
      return searchKey(job);
    case "nextRun":
      return job.nextRun;
    case "lastRun":
      return job.lastDispatchedAt;
    case "worst": {
      const { worst_rank: rank, worst_at: at } = worstRow.parse(row);
      return worstKey({ rank, at, key: searchKey(job) });
    }
  }
}

/** Jobs, each with its last run out of `runs` and its failure out of `failures`, which are at most one of each job, and what ended. */
export function toSummaries(
  jobs: readonly Job[],
  { runs, failures, recent }: {
    readonly runs: readonly Dispatch[];
    readonly failures: readonly FailingJob[];
    readonly recent: ReadonlyMap<JobId, readonly EndedRun[]>;
  },
): readonly JobSummary[] {
  const lastRuns = new Map(runs.map((run) => [run.jobId, run]));
  const ofJobs = new Map(
    failures.map(({ jobId, dispatchId, since, message }) => [jobId, { dispatchId, since, message }]),
  );
  return jobs.map((job) => ({
    ...job,
    lastRun: lastRuns.get(job.id) ?? null,
    failure: ofJobs.get(job.id) ?? null,
    recent: recent.get(job.id) ?? [],
  }));
}

const labelRow = z.object({ label: z.string(), n: z.number() });

/** A label and how many jobs have it. */
export function toLabelCount(row: Row): LabelCount {
  const { label, n } = labelRow.parse(row);
  return { label, jobs: n };
}

const failingRow = z.object({
  job_id: ofJob,
  job_name: z.string(),
  since: instant,
  dispatch_id: ofDispatch,
  message: z.string().nullable(),
});

/** A failing job, with its last failure. */
export function toFailingJob(row: Row): FailingJob {
  const r = failingRow.parse(row);
  return { jobId: r.job_id, jobName: r.job_name, dispatchId: r.dispatch_id, since: r.since, message: r.message };
}
