/**
 * What programs are shown of the system itself: its state, its workers, and what is wrong with a request.
 *
 * @module
 */
import { z } from "zod";
import { FINDING_LEVELS, PROBLEM_CODES, WORKER_STATUSES } from "../../../domain/mod.ts";
import { TROUBLE_CODES, TROUBLE_LEVELS } from "../../../policy/mod.ts";
import { API_ERROR_CODES } from "../../api_errors.ts";
import { count, id, instant, texts } from "./_values.ts";

const worker = z.strictObject({
  worker_id: z.string(),
  hostname: z.string(),
  platform: z.string(),
  process_id: count,
  version: z.string(),
  tags: texts,
  concurrency: id,
  status: z.enum(WORKER_STATUSES),
  started_at: instant,
  last_heartbeat: instant,
  jobs_processed: count,
  current_run_ids: z.array(id),
  drain_requested_at: instant.nullable(),
  ended_at: instant.nullable(),
});

const problem = z.strictObject({ field: z.string(), message: z.string(), code: z.enum(PROBLEM_CODES) });

const problemDetails = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  code: z.enum(API_ERROR_CODES),
  errors: z.array(problem),
  requestId: z.string(),
});

const serviceCount = z.strictObject({ up: count, silent: count, last_pass_at: instant.nullable() });

const status = z.strictObject({
  level: z.enum(["ok", ...TROUBLE_LEVELS]),
  sign: z.strictObject({ tone: z.enum(["ok", "late", "bad"]), count, text: z.string() }),
  troubles: z.array(z.strictObject({
    code: z.enum(TROUBLE_CODES),
    level: z.enum(TROUBLE_LEVELS),
    message: z.string(),
    since: instant.nullable(),
  })),
  services: z.strictObject({ scheduler: serviceCount, web: serviceCount, notifier: serviceCount }),
  workers: z.strictObject({ online: count, silent: count, stale: count, offline: count, slots: count, busy: count }),
  totals: z.strictObject({
    running: count,
    waiting: count,
    waiting_since: instant.nullable(),
    failed_in_24_hours: count,
    late: count,
    late_since: instant.nullable(),
    failing: count,
    failing_since: instant.nullable(),
  }),
  stuck: z.strictObject({ runs: count, since: instant.nullable(), missing_tags: texts }),
});

/** The names of these schemas. */
export type SystemName =
  | "Worker"
  | "Workers"
  | "System"
  | "Status"
  | "Doctor"
  | "Problem"
  | "ProblemDetails";

/** The schemas, by their names. */
export const SYSTEM_SHOWN: Readonly<Record<SystemName, z.ZodType>> = {
  Worker: worker,
  Workers: z.strictObject({ items: z.array(worker) }),
  System: z.strictObject({ status: z.literal("ok"), version: z.string(), time: instant }),
  Status: status,
  Doctor: z.strictObject({
    is_fine: z.boolean(),
    items: z.array(z.strictObject({
      check: z.string(),
      level: z.enum(FINDING_LEVELS),
      found: z.string(),
      advice: z.string().nullable(),
    })),
  }),
  Problem: problem,
  ProblemDetails: problemDetails,
};
