/**
 * Rows of attempts that a worker claims or holds, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import type { EpochMs } from "../domain/mod.ts";
import { damageOf, damageWords, parsePolicies, parseTexts, UNREADABLE_RETRY } from "./json.ts";
import { damageOfGroup } from "./need_rows.ts";
import type { Claim, ClaimRef } from "./queue_store.ts";
import { instant, ofDispatch, ofJob, type Row } from "./rows.ts";

/** What a claim reads from JSON columns of its job. */
type Stored = Pick<Claim, "args" | "env" | "timeoutSeconds" | "retry" | "damage">;

const UNREADABLE = { args: [], env: {}, timeoutSeconds: null, retry: UNREADABLE_RETRY } as const;

/** Reads JSON columns. One that cannot be read is the end of this run alone: the claim of all others goes on. */
function stored(read: () => Omit<Stored, "damage">): Stored {
  try {
    return { ...read(), damage: null };
  } catch (error) {
    return { ...UNREADABLE, damage: damageWords(damageOf(error)) };
  }
}

function storedOf(args: string, policies: string): Stored {
  return stored(() => {
    const { env, timeoutSeconds, retry } = parsePolicies(policies);
    return { args: parseTexts(args), env, timeoutSeconds, retry };
  });
}

const claimRow = z.object({
  id: ofDispatch,
  job_id: ofJob,
  job_name: z.string(),
  script_path: z.string(),
  args: z.string(),
  policies: z.string(),
  timezone: z.string(),
  scheduled_for: instant,
  retry_count: z.number(),
  correlation_id: z.string(),
  revision: z.number(),
  log_seq: z.number(),
  lane: z.string(),
});

/** A waiting attempt with its job, about to be held by `lease`. */
export function toClaim(row: Row, lease: { readonly epoch: number; readonly until: EpochMs }): Claim {
  const r = claimRow.parse(row);
  const read = storedOf(r.args, r.policies);
  return {
    dispatchId: r.id,
    epoch: lease.epoch,
    leaseUntil: lease.until,
    jobId: r.job_id,
    jobName: r.job_name,
    scriptPath: r.script_path,
    ...read,
    damage: read.damage ?? damageOfGroup(r.lane),
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
  script_args: z.string(),
  policies: z.string(),
  timezone: z.string(),
  revision: z.number(),
});

/** What a claim carries of its job. */
export type JobForClaim = Stored & Pick<Claim, "jobId" | "jobName" | "scriptPath" | "timezone" | "jobRevision">;

/** What a claim carries of its job: a row of `scheduled_jobs`. */
export function toJobForClaim(row: Row): JobForClaim {
  const r = jobForClaimRow.parse(row);
  return {
    jobId: r.id,
    jobName: r.name,
    scriptPath: r.script_path,
    ...storedOf(r.script_args, r.policies),
    timezone: r.timezone,
    jobRevision: r.revision,
  };
}

/** The same with what the run itself has: its arguments, a JSON array or null for none, and the name of its queue group. */
export function withRun(job: JobForClaim, { args, lane }: {
  readonly args: string | null;
  readonly lane: string;
}): JobForClaim {
  const damage = job.damage ?? damageOfGroup(lane);
  if (damage !== null) return { ...job, damage };
  return args === null ? job : { ...job, ...stored(() => ({ ...job, args: parseTexts(args) })) };
}

const claimRefRow = z.object({ id: ofDispatch, epoch: z.number() });

/** A held attempt: `id` and `epoch`. */
export function toClaimRef(row: Row): ClaimRef {
  const { id, epoch } = claimRefRow.parse(row);
  return { dispatchId: id, epoch };
}
