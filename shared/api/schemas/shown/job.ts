/**
 * What programs are shown of jobs: what they are, were and will do, and changes of many of them.
 *
 * @module
 */
import { z } from "zod";
import { ACTOR_KINDS, BULK_KINDS, EXECUTION_STATUSES, LEDGER_REASONS, REVISION_ACTIONS } from "../../../domain/mod.ts";
import { JOB_FIELDS } from "../../job_fields.ts";
import { dstSchema, POLICY_NAMES } from "../../policy_input.ts";
import { definition } from "../definition.ts";
import { statisticsShown, timelineShown } from "../time.ts";
import { count, id, instant, pageOf, texts } from "./_values.ts";
import { run } from "./run.ts";

/** The policies that are texts or numbers, with the words of the table of fields. */
const policies = Object.fromEntries(POLICY_NAMES.map((name) => {
  const { bounds, choices, label, flag: [, about] } = JOB_FIELDS[name];
  const value = bounds !== null
    ? z.int().min(bounds.min).max(bounds.max)
    : choices !== null
    ? z.enum(choices.map(([word]) => word))
    : z.string();
  return [name, value.nullable().meta({ title: label, description: about })];
}));

const job = z.strictObject({
  id,
  name: z.string(),
  key: z.string().nullable(),
  managed_by: z.string().nullable(),
  labels: texts,
  script_path: z.string(),
  script_args: texts,
  schedule: z.string(),
  schedule_json: z.looseObject({ kind: z.string() }),
  timezone: z.string(),
  is_active: z.boolean(),
  paused_note: z.string().nullable(),
  next_run: instant.nullable(),
  last_dispatched_at: instant.nullable(),
  revision: id,
  ...policies,
  tags: texts,
  dst: dstSchema,
  env: z.record(z.string(), z.string()),
  created_at: instant,
  updated_at: instant,
  damage: z.string().nullable().meta({
    description: "why a part of its stored definition cannot be read and has a stand-in; null: all can",
  }),
});

const endedRun = z.strictObject({ id, status: z.enum(EXECUTION_STATUSES), duration_ms: count, ended_at: instant });

const jobSummary = job.extend({
  last_run: run.nullable(),
  failure: z.strictObject({ run_id: id, since: instant, message: z.string().nullable() }).nullable(),
  recent_runs: z.array(endedRun).meta({ description: "its newest attempts that ended, oldest first, at most 20" }),
});

const ledgerEntry = z.strictObject({
  job_id: id,
  reason: z.enum(LEDGER_REASONS),
  first_at: instant,
  last_at: instant,
  count: id,
});

const revision = z.strictObject({
  revision: id,
  at: instant,
  actor: z.strictObject({ kind: z.enum(ACTOR_KINDS), name: z.string() }).nullable(),
  action: z.enum(REVISION_ACTIONS),
  note: z.string().nullable(),
  to: id.nullable(),
  changes: z.array(z.strictObject({ field: z.string(), before: z.unknown(), after: z.unknown() })).nullable(),
  definition: definition.nullable(),
  damage: z.string().nullable().meta({
    description: "why the stored definition of this revision cannot be read; null: it can",
  }),
});

const nextRun = z.strictObject({ scheduled_for: instant, starts_at: instant });

const preview = z.strictObject({
  schedule: z.string(),
  schedule_json: z.looseObject({ kind: z.string() }),
  timezone: z.string(),
  sentence: z.string(),
  warnings: texts,
  next_runs: z.array(nextRun),
  others_this_minute: z.strictObject({
    scheduled_for: instant,
    jobs: count,
    is_more: z.boolean(),
    free_at: instant.nullable(),
  }).nullable(),
});

const view = z.strictObject({
  id,
  name: z.string(),
  filter: z.string(),
  state: z.string().nullable(),
  sort: z.string().nullable(),
  query: z.string().meta({ description: "the query of the list's address in the portal" }),
  created_at: instant,
});

const bulkChange = z.strictObject({
  id,
  action: z.enum(BULK_KINDS),
  created_at: instant,
  finished_at: instant.nullable().meta({ description: "null: some jobs are not settled" }),
  total: count,
  done: count,
  refused: count,
});

const bulkJob = z.strictObject({
  job_id: id,
  job_name: z.string(),
  outcome: z.enum(["done", "refused"]).nullable().meta({ description: "null: not settled" }),
  message: z.string().nullable().meta({ description: "why it was refused" }),
  run_id: id.nullable(),
});

/** The names of these schemas. */
export type JobName =
  | "Job"
  | "JobSummary"
  | "JobPage"
  | "PausedJob"
  | "JobDefinition"
  | "Revision"
  | "RevisionPage"
  | "SchedulePreview"
  | "LedgerEntry"
  | "Ledger"
  | "Why"
  | "Backfill"
  | "BackfillPlan"
  | "View"
  | "Views"
  | "BulkChange"
  | "BulkJob"
  | "BulkJobPage"
  | "Timeline"
  | "Statistics";

/** The schemas, by their names. */
export const JOB_SHOWN: Readonly<Record<JobName, z.ZodType>> = {
  Job: job,
  JobSummary: jobSummary,
  JobPage: pageOf(jobSummary),
  PausedJob: job.extend({ waiting_runs: count, cancelled_runs: count }),
  JobDefinition: definition,
  Revision: revision,
  RevisionPage: pageOf(revision),
  SchedulePreview: preview,
  LedgerEntry: ledgerEntry,
  Ledger: z.strictObject({ items: z.array(ledgerEntry) }),
  Why: z.strictObject({ id, why: texts }),
  Backfill: z.strictObject({ id: z.string(), written: count, present: count }),
  BackfillPlan: z.strictObject({ from: instant, until: instant, at_once: id, times: z.array(instant) }),
  View: view,
  Views: z.strictObject({ items: z.array(view) }),
  BulkChange: bulkChange,
  BulkJob: bulkJob,
  BulkJobPage: pageOf(bulkJob),
  Timeline: timelineShown,
  Statistics: statisticsShown,
};
