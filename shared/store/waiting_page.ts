import { type Dispatch, type EpochMs, epochMs, type QueueGroup, type Trigger } from "../domain/mod.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Page, Visible } from "./page.ts";

/** Which waiting runs. */
export interface WaitingQuery {
  /** The present. */
  readonly now: EpochMs;
  /** `now`: those that could run now, in the order of claims; `later`: those whose time has not come, the first to come first. */
  readonly when: "now" | "later";
  /** Only those of these queue groups; absent: all. */
  readonly groups?: readonly QueueGroup[];
  /** Of which jobs. Default: all. */
  readonly visible?: Visible;
  /** Of jobs that have, of each of these groups, one of its labels. */
  readonly labels?: readonly (readonly string[])[];
  /** Of jobs with one of these ids, keys or names; `*` stands for any text. Absent: all. */
  readonly jobs?: readonly string[];
  /** Caused by one of these; absent: by anything. */
  readonly triggers?: readonly Trigger[];
  /** The end of the page before, its `next`; absent: the first page. */
  readonly cursor?: string;
  /** 1…200. */
  readonly limit: number;
}

/** A page of waiting runs. */
export interface WaitingPage extends Page<Dispatch> {
  /** How many wait before the first of the page. */
  readonly before: number;
  /** How many wait in all, at most {@linkcode MOST_COUNTED}. */
  readonly total: number;
  /** Since when the oldest of them has waited, or when the first may run; null: none waits. */
  readonly oldest: EpochMs | null;
}

/** Where the page after `run` begins. */
export function waitingCursor({ id, priority, state }: Dispatch): string {
  const key = state.status === "PENDING" ? `${priority} ${state.availableAt}` : "";
  return encodeCursor({ order: "waiting", key, id });
}

/** Where a page of waiting runs ended. */
export interface WaitingPlace {
  readonly priority: number;
  readonly availableAt: EpochMs;
  readonly id: number;
}

/** The place that a cursor names. @throws {Invalid} when it is none of this list. */
export function placeOf(cursor: string): WaitingPlace {
  const { key, id } = decodeCursor(cursor, "waiting");
  const [priority = 0, at = 0] = String(key).split(" ").map(Number);
  return { priority, availableAt: epochMs(at), id };
}
