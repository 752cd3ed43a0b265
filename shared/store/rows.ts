/**
 * Rows become domain values in `rows.ts` and the files `*_rows.ts`, and nowhere else. Every database answers in the same shapes: an
 * instant is a number of milliseconds, JSON is text; a truth value is 0 or 1 in SQLite and a boolean in PostgreSQL.
 *
 * @module
 */
import { z } from "zod";
import {
  type DispatchId,
  dispatchId,
  type EpochMs,
  epochMs,
  type JobId,
  jobId,
  type WorkerId,
  workerId,
} from "../domain/brand.ts";
import { parseTexts } from "./json.ts";

/** A row as a driver answers it. */
export type Row = Readonly<Record<string, unknown>>;

/** An instant, in milliseconds. */
export const instant: z.ZodType<EpochMs, number> = z.number().transform(epochMs);
/** The id of a job. */
export const ofJob: z.ZodType<JobId, number> = z.number().transform(jobId);
/** The id of an attempt. */
export const ofDispatch: z.ZodType<DispatchId, number> = z.number().transform(dispatchId);
/** The id of a worker. */
export const ofWorker: z.ZodType<WorkerId, string> = z.string().transform(workerId);
/** A JSON array of texts. */
export const texts: z.ZodType<readonly string[], string> = z.string().transform(parseTexts);
/** A truth value, as each database has it. */
export const flag: z.ZodType<boolean, boolean | 0 | 1> = z.union([z.boolean(), z.literal(0), z.literal(1)])
  .transform((value) => value === true || value === 1);

const instantRow = z.object({ at: instant.nullable() });
const dueRow = z.object({ at: instant });
const numberRow = z.object({ n: z.number() });
const surplusRow = z.object({ id: ofJob, cutoff: ofDispatch.nullable() });
const idRow = z.object({ id: ofDispatch });

/** An instant that a query answers in its column `at`; null when there is none. */
export function toInstant(row: Row): EpochMs | null {
  return instantRow.parse(row).at;
}

/** An instant that a query answers in its column `at`, in each of its rows. */
export function toDueInstant(row: Row): EpochMs {
  return dueRow.parse(row).at;
}

/** A number that a query answers in its column `n`. */
export function toNumber(row: Row): number {
  return numberRow.parse(row).n;
}

/** A job, and the newest of its finished attempts that is one too many; null: it has not that many. */
export function toSurplus(row: Row): { readonly id: JobId; readonly cutoff: DispatchId | null } {
  return surplusRow.parse(row);
}

/** The ids that a query answers in its column `id`. */
export function toDispatchIds(rows: readonly Row[]): readonly DispatchId[] {
  return rows.map((row) => idRow.parse(row).id);
}
