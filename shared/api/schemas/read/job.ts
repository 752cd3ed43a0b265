import { z } from "zod";
import {
  DST_FOLDS,
  DST_GAPS,
  type Job,
  type JobDefinition,
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  type Policies,
  type Schedule,
} from "../../../domain/mod.ts";
import { parseSchedule } from "../../../schedule/mod.ts";
import type { PolicyName } from "../../policy_input.ts";
import type { ShownJobSummary } from "../../shown_run.ts";
import { idOfJob, instant, pageOf, texts } from "./_values.ts";
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

const number = z.number();
const env = z.record(z.string(), z.string());

/** The fields that `policyFields()` makes; here `tags` is the list that stands in their place. */
const policyShape = {
  timeout: number.nullable(),
  max_retries: number.nullable(),
  retry_base: number,
  retry_cap: number,
  misfire: z.enum(MISFIRE_POLICIES),
  misfire_grace: number,
  misfire_limit: number,
  catchup_window: number.nullable(),
  overlap: z.enum(OVERLAP_POLICIES),
  spread: number,
  starts_at: instant.nullable(),
  ends_at: instant.nullable(),
  priority: number,
  tags: texts,
  concurrency_key: z.string().nullable(),
  concurrency_limit: number.nullable(),
} satisfies Record<PolicyName, z.ZodType>;

const policiesSchema = z.object(policyShape);

/** What `policyFields()` made, without `env` and `dst`. */
function policiesOf(fields: z.infer<typeof policiesSchema>): Omit<Policies, "env" | "dst"> {
  const { concurrency_key: key, concurrency_limit: limit } = fields;
  return {
    timeoutSeconds: fields.timeout,
    retry: { max: fields.max_retries, baseSeconds: fields.retry_base, capSeconds: fields.retry_cap },
    misfire: {
      kind: fields.misfire,
      graceSeconds: fields.misfire_grace,
      limit: fields.misfire_limit,
      catchupSeconds: fields.catchup_window,
    },
    overlap: fields.overlap,
    spreadSeconds: fields.spread,
    startsAt: fields.starts_at,
    endsAt: fields.ends_at,
    priority: fields.priority,
    tags: fields.tags,
    concurrency: key === null ? null : { key, limit: limit ?? 1 },
  };
}

const jobSchema = policiesSchema.extend({
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
  dst: z.object({ gap: z.enum(DST_GAPS), fold: z.enum(DST_FOLDS) }),
  env,
  created_at: instant,
  updated_at: instant,
});

function jobOf(form: z.infer<typeof jobSchema>): Job {
  return {
    id: form.id,
    name: form.name,
    key: form.key,
    managedBy: form.managed_by,
    labels: form.labels,
    scriptPath: form.script_path,
    scriptArgs: form.script_args,
    schedule: form.schedule_json,
    timezone: form.timezone,
    policies: { ...policiesOf(form), dst: form.dst, env: form.env },
    isActive: form.is_active,
    pausedNote: form.paused_note,
    nextRun: form.next_run,
    lastDispatchedAt: form.last_dispatched_at,
    revision: form.revision,
    createdAt: form.created_at,
    updatedAt: form.updated_at,
  };
}

/** Reads what `jobForm()` made. */
export const readJob: z.ZodType<Job> = jobSchema.transform(jobOf);

/** Reads a page of what `jobSummaryForm()` made. */
export const readJobPage: z.ZodType<
  { readonly items: readonly ShownJobSummary[]; readonly next: string | null }
> = pageOf(
  jobSchema.extend({ last_run: readRun.nullable() }).transform(({ last_run: lastRun, ...form }) => ({
    ...jobOf(form),
    lastRun,
  })),
);

/** Reads a job after a pause, with the numbers of its waiting runs. */
export const readPausedJob: z.ZodType<
  { readonly job: Job; readonly waiting: number; readonly cancelled: number }
> = jobSchema.extend({ waiting_runs: number, cancelled_runs: number })
  .transform(({ waiting_runs: waiting, cancelled_runs: cancelled, ...form }) => ({
    job: jobOf(form),
    waiting,
    cancelled,
  }));

/** Reads what `definitionFields()` made. */
export const readDefinition: z.ZodType<JobDefinition> = policiesSchema.extend({
  name: z.string(),
  key: z.string().nullable(),
  labels: texts,
  script: z.string(),
  args: texts,
  schedule,
  timezone: z.string(),
  env,
  gap: z.enum(DST_GAPS),
  fold: z.enum(DST_FOLDS),
}).transform((fields) => ({
  name: fields.name,
  key: fields.key,
  labels: fields.labels,
  scriptPath: fields.script,
  scriptArgs: fields.args,
  schedule: fields.schedule,
  timezone: fields.timezone,
  policies: { ...policiesOf(fields), dst: { gap: fields.gap, fold: fields.fold }, env: fields.env },
}));
