import { z } from "zod";
import {
  DST_FOLDS,
  DST_GAPS,
  type EndedRun,
  EXECUTION_STATUSES,
  type Job,
  type JobDefinition,
  type JobFailure,
  type Schedule,
} from "../../../domain/mod.ts";
import { parseSchedule } from "../../../schedule/mod.ts";
import { readShownPolicies } from "../../policy_input.ts";
import type { ShownJobSummary } from "../../shown_run.ts";
import { idOfJob, idOfRun, instant, pageOf, texts } from "./_values.ts";
import { readRun } from "./run.ts";

/** A schedule, as text or in its JSON form. */
const schedule = z.unknown().transform((input, context): Schedule => {
  try {
    return parseSchedule(input);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

const dst = { gap: z.enum(DST_GAPS), fold: z.enum(DST_FOLDS) };
const env = z.record(z.string(), z.string());
const policies = readShownPolicies.transform((policies) => ({ policies }));

/** Reads what `jobForm()` made. */
export const readJob: z.ZodType<Job> = z.intersection(
  policies,
  z.object({
    id: idOfJob,
    name: z.string(),
    key: z.string().nullable(),
    managed_by: z.string().nullable(),
    labels: texts,
    script_path: z.string(),
    script_args: texts,
    schedule_json: schedule,
    timezone: z.string(),
    is_active: z.boolean(),
    paused_note: z.string().nullable(),
    next_run: instant.nullable(),
    last_dispatched_at: instant.nullable(),
    revision: z.int(),
    dst: z.object(dst),
    env,
    created_at: instant,
    updated_at: instant,
    damage: z.string().nullable().default(null),
  }),
).transform(({ policies, ...form }) => ({
  id: form.id,
  name: form.name,
  key: form.key,
  managedBy: form.managed_by,
  labels: form.labels,
  scriptPath: form.script_path,
  scriptArgs: form.script_args,
  schedule: form.schedule_json,
  timezone: form.timezone,
  policies: { ...policies, dst: form.dst, env: form.env },
  isActive: form.is_active,
  pausedNote: form.paused_note,
  nextRun: form.next_run,
  lastDispatchedAt: form.last_dispatched_at,
  revision: form.revision,
  createdAt: form.created_at,
  updatedAt: form.updated_at,
  damage: form.damage,
}));

const failure = z.object({ run_id: idOfRun, since: instant, message: z.string().nullable() })
  .transform(({ run_id: dispatchId, ...rest }): JobFailure => ({ dispatchId, ...rest }));

const endedRun = z.object({
  id: idOfRun,
  status: z.enum(EXECUTION_STATUSES),
  duration_ms: z.number(),
  ended_at: instant,
}).transform(({ id, status, duration_ms: durationMs, ended_at: endedAt }): EndedRun => ({
  id,
  status,
  durationMs,
  endedAt,
}));

/** Reads a page of what `jobSummaryForm()` made. */
export const readJobPage: z.ZodType<
  { readonly items: readonly ShownJobSummary[]; readonly next: string | null }
> = pageOf(z.intersection(
  readJob,
  z.object({ last_run: readRun.nullable(), failure: failure.nullable(), recent_runs: z.array(endedRun) })
    .transform(({ last_run: lastRun, failure, recent_runs: recent }) => ({ lastRun, failure, recent })),
));

/** Reads a job after a pause, with the numbers of its waiting runs. */
export const readPausedJob: z.ZodType<
  { readonly job: Job; readonly waiting: number; readonly cancelled: number }
> = z.intersection(
  readJob.transform((job) => ({ job })),
  z.object({ waiting_runs: z.number(), cancelled_runs: z.number() })
    .transform(({ waiting_runs: waiting, cancelled_runs: cancelled }) => ({ waiting, cancelled })),
);

/** Reads what `definitionFields()` made. */
export const readDefinition: z.ZodType<JobDefinition> = z.intersection(
  policies,
  z.object({
    name: z.string(),
    key: z.string().nullable(),
    labels: texts,
    script: z.string(),
    args: texts,
    schedule,
    timezone: z.string(),
    env,
    ...dst,
  }),
).transform(({ policies, gap, fold, env, script: scriptPath, args: scriptArgs, ...fields }) => ({
  ...fields,
  scriptPath,
  scriptArgs,
  policies: { ...policies, dst: { gap, fold }, env },
}));
