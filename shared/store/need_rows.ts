/**
 * Rows of what waiting attempts need become values of the policies, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import type { Backfill } from "../domain/mod.ts";
import type { DispatchId } from "../domain/brand.ts";
import { type Candidate, parseQueueGroup } from "../policy/queue_group.ts";
import { flag, instant, ofDispatch, type Row } from "./rows.ts";

const candidateRow = z.object({
  id: ofDispatch,
  priority: z.number(),
  available_at: instant,
  lane: z.string().transform(parseQueueGroup),
});

/** A waiting attempt that may be claimed. */
export function toCandidate(row: Row): Candidate {
  const r = candidateRow.parse(row);
  return { id: r.id, priority: r.priority, availableAt: r.available_at, needs: r.lane };
}

const placeRow = z.object({ place_key: z.string(), place: z.number() });

/** The places that are taken, by key. */
export function toPlaces(rows: readonly Row[]): ReadonlyMap<string, readonly number[]> {
  const places = Map.groupBy(rows.map((row) => placeRow.parse(row)), (row) => row.place_key);
  return new Map([...places].map(([key, taken]) => [key, taken.map(({ place }) => place)]));
}

const unfinishedRow = z.object({
  id: ofDispatch,
  is_forced: flag,
  backfill_id: z.string().nullable(),
  at_once: z.number().nullable(),
});

/** An unfinished attempt, as far as its needs follow from it. */
export function toUnfinished(row: Row): {
  readonly id: DispatchId;
  readonly isForced: boolean;
  readonly backfill: Backfill | null;
} {
  const r = unfinishedRow.parse(row);
  const backfill = r.backfill_id === null || r.at_once === null ? null : { id: r.backfill_id, atOnce: r.at_once };
  return { id: r.id, isForced: r.is_forced, backfill };
}

const laneRow = z.object({ lane: z.string() });

/** The names of lanes that a query answers in its column `lane`. */
export function toLaneNames(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => laneRow.parse(row).lane);
}
