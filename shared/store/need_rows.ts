/**
 * Rows about what waiting attempts need, as in `rows.ts`. The column `lane` holds the name of a queue group, `place` the slot of a
 * concurrency key that an attempt has taken, and `place_key` that key.
 *
 * @module
 */
import { z } from "zod";
import type { Backfill, QueueGroup } from "../domain/mod.ts";
import type { DispatchId, EpochMs } from "../domain/brand.ts";
import { type Candidate, parseQueueGroup } from "../policy/queue_group.ts";
import { damageOf, remembered } from "./json.ts";
import { flag, instant, ofDispatch, type Row } from "./rows.ts";

const NOTHING_NEEDED: QueueGroup = { tags: [], concurrency: null, serial: null };

/**
 * The queue group with that name. A name that cannot be read stands for a group without needs: any worker then claims its runs and
 * reports each as an error, and no other run waits behind them.
 */
export const toQueueGroup: (name: string) => QueueGroup = remembered((name) =>
  damageOfGroup(name) === null ? parseQueueGroup(name) : NOTHING_NEEDED
);

/** Why the name of a queue group cannot be read, as a sentence; null: it can. */
export function damageOfGroup(name: string): string | null {
  try {
    parseQueueGroup(name);
    return null;
  } catch (error) {
    return `What the run needs cannot be read: ${damageOf(error)}`;
  }
}

const candidateRow = z.object({
  id: ofDispatch,
  priority: z.number(),
  available_at: instant,
  lane: z.string().transform(toQueueGroup),
});

/** A waiting attempt that may be claimed. */
export function toCandidate(row: Row): Candidate {
  const r = candidateRow.parse(row);
  return { id: r.id, priority: r.priority, availableAt: r.available_at, needs: r.lane };
}

const slotRow = z.object({ place_key: z.string(), place: z.number() });

/** The slots that are taken, by concurrency key. */
export function toTakenSlots(rows: readonly Row[]): ReadonlyMap<string, readonly number[]> {
  const slots = Map.groupBy(rows.map((row) => slotRow.parse(row)), (row) => row.place_key);
  return new Map([...slots].map(([key, taken]) => [key, taken.map(({ place }) => place)]));
}

const unfinishedRow = z.object({
  id: ofDispatch,
  is_forced: flag,
  backfill_id: z.string().nullable(),
  at_once: z.number().nullable(),
});

/** The part of an unfinished attempt from which its queue group follows. */
export function toUnfinished(row: Row): {
  readonly id: DispatchId;
  readonly isForced: boolean;
  readonly backfill: Backfill | null;
} {
  const r = unfinishedRow.parse(row);
  const backfill = r.backfill_id === null || r.at_once === null ? null : { id: r.backfill_id, atOnce: r.at_once };
  return { id: r.id, isForced: r.is_forced, backfill };
}

const waitingNumbersRow = z.object({ n: z.number(), at: instant.nullable(), earlier: z.number() });

/** The row that `waitingNumbersSql()` answers. */
export function toWaitingNumbers(
  row: Row,
): { readonly total: number; readonly oldest: EpochMs | null; readonly before: number } {
  const { n: total, at: oldest, earlier: before } = waitingNumbersRow.parse(row);
  return { total, oldest, before };
}

const groupRow = z.object({ lane: z.string() });

/** The names of queue groups that a query answers in its column `lane`. */
export function toQueueGroupNames(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => groupRow.parse(row).lane);
}
