import { z } from "zod";
import { BULK_KINDS, type BulkJob, type BulkKind, type EpochMs } from "../../../domain/mod.ts";
import { idOfJob, idOfRun, instant, pageOf } from "./_values.ts";

/** How far a change of many jobs has come, as programs are shown it. */
export interface ShownBulk {
  /** Its id. */
  readonly id: number;
  /** What becomes of the jobs. */
  readonly kind: BulkKind;
  /** When the last job was settled; null: some are not. */
  readonly finishedAt: EpochMs | null;
  /** How many jobs it is about. */
  readonly total: number;
  /** Of how many it is done. */
  readonly done: number;
  /** Of how many it was refused. */
  readonly refused: number;
}

/** Reads what `bulkForm()` made. */
export const readShownBulk: z.ZodType<ShownBulk> = z.object({
  id: z.int(),
  action: z.enum(BULK_KINDS),
  finished_at: instant.nullable(),
  total: z.int(),
  done: z.int(),
  refused: z.int(),
}).transform(({ action: kind, finished_at: finishedAt, ...counts }) => ({ kind, finishedAt, ...counts }));

const bulkJob = z.object({
  job_id: idOfJob,
  job_name: z.string(),
  outcome: z.enum(["done", "refused"]).nullable(),
  message: z.string().nullable(),
  run_id: idOfRun.nullable(),
}).transform(({ job_id: jobId, job_name: jobName, run_id: runId, ...rest }): BulkJob => ({
  jobId,
  jobName,
  runId,
  ...rest,
}));

/** Reads a page of what `bulkJobForm()` made. */
export const readBulkJobPage: z.ZodType<
  { readonly items: readonly BulkJob[]; readonly next: string | null }
> = pageOf(bulkJob);
