/**
 * When the wall times of a schedule happen in a zone.
 *
 * The search goes from segment to segment (`zone.ts`). Within one the offset is fixed, so wall times and instants
 * differ by a number, and the daylight saving policy says which wall times of the segment count:
 *
 * ```text
 *            segment before │ this segment                     │ segment after
 * clocks went forward       │ gap "after": one occurrence here,
 *                           │ if a wall time fell into the gap
 * clocks went back          │ fold "first": what came already  │ fold "second": what will come
 *                           │ does not count                   │ again does not count
 * ```
 *
 * A repeating expression follows elapsed time, which is the policy `{ gap: "skip", fold: "both" }`. One whose hours are
 * restricted makes up for a gap, unless its job says `skip`: a gap must not cost it a day's work.
 *
 * Two wall times in one gap give one occurrence, because an occurrence is an instant here and nothing else.
 *
 * @module
 */
import type { DstPolicy } from "../domain/dst.ts";
import type { WallTimes } from "./wall_pattern.ts";
import { LAST_SECOND, type Segment, type Zone } from "./zone.ts";

/** What a schedule without a policy of its own does. */
const DEFAULT_DST: DstPolicy = { gap: "after", fold: "first" };

/** The policy that follows elapsed time. */
const ELAPSED_TIME: DstPolicy = { gap: "skip", fold: "both" };

/** The policy that follows elapsed time but makes up for what a gap swallows. */
const ELAPSED_TIME_MADE_UP: DstPolicy = { gap: "after", fold: "both" };

/**
 * How wall times repeat.
 *
 * - `none`: fixed wall times.
 * - `some_hours`: a repeating expression whose hours are restricted. A gap can swallow a day's work.
 * - `every_hour`: a repeating expression that is due in each hour, however its hours are written.
 */
export type Repetition = "none" | "some_hours" | "every_hour";

/** The policy that applies to wall times that repeat in this way, in a job whose own policy is `dst`. */
export function policyFor(repetition: Repetition, dst: DstPolicy = DEFAULT_DST): DstPolicy {
  if (repetition === "none") return dst;
  return repetition === "some_hours" && dst.gap === "after" ? ELAPSED_TIME_MADE_UP : ELAPSED_TIME;
}

/** Where occurrences are looked for. */
export interface WallSearch {
  readonly times: WallTimes;
  readonly zone: Zone;
  readonly dst: DstPolicy;
}

/**
 * Two days. No two offsets of a zone differ by more, since moving the date line is one day. So a wall time cannot repeat after
 * more than this, and an instant is nearer than this to its own wall time read as UTC.
 */
const SLACK = 2 * 86_400;

/**
 * This many segments in a row without an occurrence prove that none will come, for example for a time that falls into a gap
 * every year and is skipped. Changes listed one by one end in 2087 (Africa/Casablanca) and are less than 400 in any zone.
 * After that clocks change at most twice a year, by rules that repeat with the calendar after 400 years.
 */
const PROOF_SEGMENTS = 1_200;

/** The first occurrence at or after the second `start`, or null. */
export function nextOccurrence({ times, zone, dst }: WallSearch, start: number): number | null {
  let from = start;
  for (let segments = 0; segments < PROOF_SEGMENTS && from <= LAST_SECOND; segments++) {
    const segment = zone.segmentAt(from);
    if (from <= segment.from && isOccurrenceAfterGap(segment, times, dst)) return segment.from;
    const wall = times.next(Math.max(from + segment.offset, firstWall(segment, dst)));
    if (wall !== null && wall < endWall(segment, dst)) {
      const second = wall - segment.offset;
      return second <= LAST_SECOND ? second : null;
    }
    // Clocks that go back may repeat wall times that lie behind `start`. While they still can, no segment is skipped;
    // after that, everything up to the next wall time is.
    const isBehindUs = segment.until - start > SLACK;
    from = isBehindUs ? Math.max(segment.until, wall === null ? Infinity : wall - SLACK) : segment.until;
  }
  return null;
}

/** The last occurrence at or before the second `end` and after the second `after`, or null. */
export function previousOccurrence({ times, zone, dst }: WallSearch, end: number, after: number): number | null {
  let to = end;
  while (to > after) {
    const segment = zone.segmentAt(to);
    const wall = times.previous(Math.min(to + segment.offset, endWall(segment, dst) - 1));
    const isInSegment = wall !== null && wall >= firstWall(segment, dst);
    const second = isInSegment
      ? wall - segment.offset
      : isOccurrenceAfterGap(segment, times, dst)
      ? segment.from
      : -Infinity;
    if (second !== -Infinity) return second > after ? second : null;
    const isAheadOfUs = end - segment.from > SLACK;
    to = isAheadOfUs ? Math.min(segment.from - 1, wall === null ? -Infinity : wall + SLACK) : segment.from - 1;
  }
  return null;
}

/** How many occurrences lie from the second `start` to the second `end`, both included; counted up to `limit`. */
export function countOccurrences(search: WallSearch, start: number, end: number, limit: number): number {
  let count = 0;
  let next = nextOccurrence(search, start);
  while (next !== null && next <= end && count < limit) {
    // The rest of this segment has wall times alone: an occurrence that makes up for a gap comes before all of them.
    const segment = search.zone.segmentAt(next);
    const { offset, until } = segment;
    count += 1 + search.times.count(next + 1 + offset, Math.min(end + 1 + offset, endWall(segment, search.dst)));
    next = nextOccurrence(search, until);
  }
  return Math.min(count, limit);
}

/** The first wall time of the segment that counts. */
function firstWall({ from, offset, offsetBefore }: Segment, dst: DstPolicy): number {
  return from + (dst.fold === "first" ? Math.max(offset, offsetBefore) : offset);
}

/** The wall time before which the segment's wall times count. */
function endWall({ until, offset, offsetAfter }: Segment, dst: DstPolicy): number {
  return until + (dst.fold === "second" ? Math.min(offset, offsetAfter) : offset);
}

/** Whether a wall time was left out by the gap at the start of the segment and is made up for there. */
function isOccurrenceAfterGap({ from, offset, offsetBefore }: Segment, times: WallTimes, dst: DstPolicy): boolean {
  if (dst.gap !== "after" || offset <= offsetBefore) return false;
  const wall = times.next(from + offsetBefore);
  return wall !== null && wall < from + offset;
}
