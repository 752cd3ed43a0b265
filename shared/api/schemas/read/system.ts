import { z } from "zod";
import { type Problem, PROBLEM_CODES, type Worker, WORKER_STATUSES, workerId } from "../../../domain/mod.ts";
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
    })),
  ),
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
