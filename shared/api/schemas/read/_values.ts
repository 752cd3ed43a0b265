import { z } from "zod";
import { type DispatchId, dispatchId, type EpochMs, epochMs, type JobId, jobId } from "../../../domain/mod.ts";

/** An instant in ISO 8601. */
export const instant: z.ZodType<EpochMs> = z.iso.datetime({ offset: true }).transform((text) =>
  epochMs(Date.parse(text))
);

/** Texts. */
export const texts: z.ZodType<readonly string[]> = z.array(z.string());

/** The id of a job. */
export const idOfJob: z.ZodType<JobId> = z.int().min(1).transform(jobId);

/** The id of a run. */
export const idOfRun: z.ZodType<DispatchId> = z.int().min(1).transform(dispatchId);

/** A page of a list. */
export function pageOf<Item>(
  item: z.ZodType<Item>,
): z.ZodType<{ readonly items: readonly Item[]; readonly next: string | null }> {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
