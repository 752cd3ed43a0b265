/**
 * Rows of `occurrence_ledger`, as in `rows.ts`, and of occurrences that were dispatched.
 *
 * @module
 */
import { z } from "zod";
import { LEDGER_REASONS, type LedgerEntry } from "../domain/mod.ts";
import type { EpochMs } from "../domain/brand.ts";
import { instant, ofJob, type Row } from "./rows.ts";

const ledgerRow = z.object({
  job_id: ofJob,
  reason: z.enum(LEDGER_REASONS),
  first_at: instant,
  last_at: instant,
  count: z.number(),
});

/** A row of `occurrence_ledger`. */
export function toLedgerEntry(row: Row): LedgerEntry {
  const r = ledgerRow.parse(row);
  return { jobId: r.job_id, reason: r.reason, firstAt: r.first_at, lastAt: r.last_at, count: r.count };
}

const settledRow = z.object({ settled: z.string().nullable() });
const instants = z.array(instant);

/** Instants that a query answers in its column `settled`, a JSON array or null. */
export function toSettled(row: Row): readonly EpochMs[] {
  const { settled } = settledRow.parse(row);
  return settled === null ? [] : instants.parse(JSON.parse(settled));
}
