/**
 * Where a job stands in the order of `worst_first.ts`: apart from it, because whoever reads a job's row needs no query builder.
 *
 * @module
 */
import type { Place } from "./cursor.ts";

/** The groups of the order, as a row and a cursor name them. */
export const WORST_RANKS = { failing: 0, late: 1, pausedFailing: 2, others: 3 } as const;

/** The sort value of a row in this order: its group, and its instant or its search key. */
export function worstKey(
  { rank, at, key }: { readonly rank: number; readonly at: number | null; readonly key: string },
): string {
  return `${rank} ${at ?? key}`;
}

/** A place in this order. */
export interface WorstPlace {
  readonly rank: number;
  /** An instant; of the others a search key. */
  readonly key: string;
  /** The cursor's. */
  readonly place: Place;
}

/** The place that a cursor of {@linkcode worstKey} names. */
export function worstPlace(place: Place): WorstPlace {
  const text = String(place.key);
  return { rank: Number(text.slice(0, 1)), key: text.slice(2), place };
}
