/**
 * Rows of attempts that a worker claims or holds, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import type { EpochMs, JobId } from "../domain/mod.ts";
import { parsePolicies } from "./json.ts";
import type { Claim, ClaimRef } from "./queue_store.ts";
import { instant, ofDispatch, ofJob, type Row, texts } from "./rows.ts";

const claimRow = z.object({
  id: ofDispatch,
  job_id: ofJob,
  job_name: z.string(),
  script_path: z.string(),
  args: texts,
  policies: z.string().transform(parsePolicies),
  timezone: z.string(),
  scheduled_for: instant,
  retry_count: z.number(),
  correlation_id: z.string(),
  revision: z.number(),
  log_seq: z.number(),
});

/** A waiting attempt with its job, about to be held by `lease`. */
export function toClaim(row: Row, lease: { readonly epoch: number; readonly until: EpochMs }): Claim {
  const r = claimRow.parse(row);
  return {
    dispatchId: r.id,
    epoch: lease.epoch,
    leaseUntil: lease.until,
    jobId: r.job_id,
    jobName: r.job_name,
    scriptPath: r.script_path,
    args: r.args,
    env: r.policies.env,
    timeoutSeconds: r.policies.timeoutSeconds,
    retry: r.policies.retry,
    scheduledFor: r.scheduled_for,
    retryCount: r.retry_count,
    correlationId: r.correlation_id,
    timezone: r.timezone,
    jobRevision: r.revision,
    nextLogSeq: r.log_seq,
  };
}

const jobForClaimRow = z.object({
  id: ofJob,
  name: z.string(),
  script_path: z.string(),
  script_args: texts,
  policies: z.string().transform(parsePolicies),
  timezone: z.string(),
  revision: z.number(),
});

/** What a claim carries of its job: a row of `scheduled_jobs`. */
export function toJobForClaim(row: Row):
  & { readonly id: JobId }
  & Pick<
    Claim,
    "jobName" | "scriptPath" | "args" | "env" | "timeoutSeconds" | "retry" | "timezone" | "jobRevision"
  > {
  const r = jobForClaimRow.parse(row);
  return {
    id: r.id,
    jobName: r.name,
    scriptPath: r.script_path,
    args: r.script_args,
    env: r.policies.env,
    timeoutSeconds: r.policies.timeoutSeconds,
    retry: r.policies.retry,
    timezone: r.timezone,
    jobRevision: r.revision,
  };
}

const claimRefRow = z.object({ id: ofDispatch, epoch: z.number() });

/** A held attempt: `id` and `epoch`. */
export function toClaimRef(row: Row): ClaimRef {
  const { id, epoch } = claimRefRow.parse(row);
  return { dispatchId: id, epoch };
}
