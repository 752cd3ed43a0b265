import { z } from "zod";
import {
  type Diagnosis,
  FINDING_LEVELS,
  type Problem,
  PROBLEM_CODES,
  type RunTotals,
  type Worker,
  WORKER_STATUSES,
  workerId,
} from "../../../domain/mod.ts";
import {
  type Crowd,
  type ServiceCount,
  type SystemStatus,
  TROUBLE_CODES,
  TROUBLE_LEVELS,
} from "../../../policy/mod.ts";
import { API_ERROR_CODES, type ApiErrorCode } from "../../api_errors.ts";
import { idOfRun, instant, texts } from "./_values.ts";

/** Reads a list of what `workerForm()` made. */
export const readWorkers: z.ZodType<{ readonly items: readonly Worker[] }> = z.object({
  items: z.array(
    z.object({
      worker_id: z.string().min(1).transform(workerId),
      hostname: z.string(),
      platform: z.string(),
      process_id: z.number(),
      version: z.string(),
      tags: texts,
      concurrency: z.number(),
      status: z.enum(WORKER_STATUSES),
      started_at: instant,
      last_heartbeat: instant,
      jobs_processed: z.number(),
      current_run_ids: z.array(idOfRun),
      drain_requested_at: instant.nullable(),
      ended_at: instant.nullable(),
    }).transform((form): Worker => ({
      workerId: form.worker_id,
      hostname: form.hostname,
      platform: form.platform,
      processId: form.process_id,
      version: form.version,
      tags: form.tags,
      concurrency: form.concurrency,
      status: form.status,
      startedAt: form.started_at,
      lastHeartbeat: form.last_heartbeat,
      jobsProcessed: form.jobs_processed,
      currentDispatchIds: form.current_run_ids,
      drainRequestedAt: form.drain_requested_at,
      endedAt: form.ended_at,
    })),
  ),
});

const crowd = z.object({
  scheduled_for: instant,
  jobs: z.number(),
  is_more: z.boolean(),
  free_at: instant.nullable(),
}).transform((form): Crowd => ({
  at: form.scheduled_for,
  jobs: form.jobs,
  isMore: form.is_more,
  freeAt: form.free_at,
}));

/** Reads what `crowdForm()` made, in a preview of a schedule; an older portal does not send it. */
export const readOthersThisMinute: z.ZodType<Crowd | null> = z.object({
  others_this_minute: crowd.nullable().default(null),
}).transform(({ others_this_minute }) => others_this_minute);

const serviceCount = z.object({ up: z.number(), silent: z.number(), last_pass_at: instant.nullable() })
  .transform(({ last_pass_at, ...counts }): ServiceCount => ({ ...counts, lastPassAt: last_pass_at }));

/** Reads what `statusForm()` made. */
export const readSystemStatus: z.ZodType<SystemStatus> = z.object({
  level: z.enum(["ok", ...TROUBLE_LEVELS]),
  sign: z.object({ tone: z.enum(["ok", "late", "bad"]), count: z.number(), text: z.string() }),
  troubles: z.array(z.object({
    code: z.enum(TROUBLE_CODES),
    level: z.enum(TROUBLE_LEVELS),
    message: z.string(),
    since: instant.nullable(),
  })),
  services: z.object({ scheduler: serviceCount, web: serviceCount, notifier: serviceCount }),
  workers: z.object({
    online: z.number(),
    silent: z.number(),
    stale: z.number(),
    offline: z.number(),
    slots: z.number(),
    busy: z.number(),
  }),
  totals: z.object({
    running: z.number(),
    waiting: z.number(),
    waiting_since: instant.nullable(),
    failed_in_24_hours: z.number(),
    late: z.number(),
    late_since: instant.nullable(),
    failing: z.number(),
    failing_since: instant.nullable(),
  }).transform((form): RunTotals => ({
    running: form.running,
    waiting: form.waiting,
    waitingSince: form.waiting_since,
    failed: form.failed_in_24_hours,
    late: form.late,
    lateSince: form.late_since,
    failing: form.failing,
    failingSince: form.failing_since,
  })),
  stuck: z.object({ runs: z.number(), since: instant.nullable(), missing_tags: texts })
    .transform(({ missing_tags: missing, ...stuck }) => ({ ...stuck, missing })),
});

/** Reads what `doctorForm()` made. */
export const readDoctor: z.ZodType<{ readonly items: readonly Diagnosis[] }> = z.object({
  items: z.array(z.object({
    check: z.string(),
    level: z.enum(FINDING_LEVELS),
    found: z.string(),
    advice: z.string().nullable(),
  })),
});

/** What went wrong with a request. */
export interface ProblemDetails {
  /** For programs. */
  readonly code: ApiErrorCode;
  /** For people. */
  readonly detail: string;
  /** What is wrong with the input. */
  readonly errors: readonly Problem[];
  /** By which the portal's log names the request. */
  readonly requestId: string;
}

/** Reads what went wrong. */
export const readProblemDetails: z.ZodType<ProblemDetails> = z.object({
  code: z.enum(API_ERROR_CODES),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string(), code: z.enum(PROBLEM_CODES) })),
  requestId: z.string(),
});
