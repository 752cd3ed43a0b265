import { distance } from "fastest-levenshtein";

/** Longer texts get no suggestion: the work grows with the product of the lengths. */
const MAX_LENGTH = 200;

/**
 * The candidate that is nearest to a text with typing mistakes, in any case; null when more than about a third of the
 * text would be wrong. Two neighbouring letters that changed places are two mistakes.
 *
 * @example
 * ```ts
 * import { nearest } from "@jobtrigger/shared/domain";
 * import assert from "node:assert/strict";
 *
 * assert.equal(nearest("dialy", ["hourly", "daily"]), "daily");
 * assert.equal(nearest("noon", ["hourly", "daily"]), null);
 * ```
 */
export function nearest(found: string, candidates: Iterable<string>): string | null {
  if (found.length > MAX_LENGTH) return null;
  const wanted = found.toLowerCase();
  let best: string | null = null;
  let fewest = Math.max(1, Math.floor((found.length + 1) / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= fewest) continue;
    const mistakes = distance(wanted, candidate.toLowerCase());
    if (mistakes < fewest) [best, fewest] = [candidate, mistakes];
  }
  return best;
}
