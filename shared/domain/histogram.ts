/**
 * Histograms of times, which can be added up: those of 24 hours make that of a day, and those of ten jobs make that of all.
 *
 * A bucket holds the times within 10 % of each other, so that a few numbers hold a million times. Bucket 0 holds up to 1 ms, bucket
 * n from `1.1^(n−1)` to `1.1^n` ms. A quantile is answered as the middle of its bucket, which is off by at most
 * {@linkcode QUANTILE_ERROR} (DDSketch, Masson, Rim and Lee, 2019, has the proof). No time is rounded in any other way.
 *
 * @module
 */

/** How many times fell into each bucket, by the number of the bucket. */
export type Histogram = ReadonlyMap<number, number>;

const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);

/** How far a quantile may be from the exact one, as a part of it. From 1 ms on; below, it is off by at most 1 ms. */
export const QUANTILE_ERROR: number = (GROWTH - 1) / (GROWTH + 1);

/** The bucket of a time in milliseconds. A negative time, which clocks that differ can make, counts as none. */
export function bucketOf(ms: number): number {
  if (ms <= 1) return 0;
  // The logarithm of a power of 1.1 may come out a little too high.
  return Math.ceil(Math.log(ms) / LOG_GROWTH - 1e-9);
}

/** The histogram of some times in milliseconds. */
export function histogramOf(times: Iterable<number>): Histogram {
  const counts = new Map<number, number>();
  for (const ms of times) addTo(counts, bucketOf(ms), 1);
  return counts;
}

/** The histogram of all times of some histograms. */
export function mergeHistograms(histograms: Iterable<Histogram>): Histogram {
  const counts = new Map<number, number>();
  for (const histogram of histograms) for (const [bucket, count] of histogram) addTo(counts, bucket, count);
  return counts;
}

/** How many times a histogram holds. */
export function sizeOf(histogram: Histogram): number {
  return histogram.values().reduce((sum, count) => sum + count, 0);
}

/**
 * The time, in milliseconds, that a part of all times does not exceed: `part` 0.95 is the 95th percentile, by the nearest rank. Null:
 * the histogram is empty. It is off by at most {@linkcode QUANTILE_ERROR}.
 *
 * @example
 * ```ts
 * import { histogramOf, QUANTILE_ERROR, quantileOf } from "@jobtrigger/shared/domain";
 * import assert from "node:assert/strict";
 *
 * const median = quantileOf(histogramOf([1_000, 5_000, 60_000]), 0.5) ?? 0;
 * assert.ok(Math.abs(median - 5_000) <= 5_000 * QUANTILE_ERROR);
 * ```
 */
export function quantileOf(histogram: Histogram, part: number): number | null {
  const rank = Math.max(1, Math.ceil(part * sizeOf(histogram)));
  let seen = 0;
  for (const [bucket, count] of [...histogram].toSorted(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= rank) return middleOf(bucket);
  }
  return null;
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 1 : 2 * GROWTH ** bucket / (GROWTH + 1);
}

function addTo(counts: Map<number, number>, bucket: number, count: number): void {
  counts.set(bucket, (counts.get(bucket) ?? 0) + count);
}
