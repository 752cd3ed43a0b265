/**
 * Which waiting runs a worker may claim: those whose tags it has, whose key has a place, and whose turn it is.
 *
 * Runs with the same needs wait in one *lane*; those that need nothing but a free slot in the lane with the empty name. So a claim
 * looks at the head of each lane and never wades through a long queue that cannot move: a full key keeps nobody else waiting.
 *
 * A *key* has places 1, 2, …; a run takes a free one among the first `limit` that its own job names, and the database refuses to
 * have one place taken twice. A *turn* comes when fewer than `width` older runs of the group are unfinished; it cannot be
 * lost again, because runs that are older can only end.
 *
 * @module
 */
import type { DispatchId, EpochMs } from "../domain/brand.ts";
import type { Backfill, Lane } from "../domain/dispatch.ts";
import type { Job, OverlapPolicy } from "../domain/job.ts";

/** Whether runs of a job wait for one another. */
export function isSerial(overlap: OverlapPolicy): boolean {
  return overlap === "queue_one" || overlap === "queue_all" || overlap === "cancel_running";
}

/** The needs of a run of `job`. */
export function laneOf(
  { id, policies }: Pick<Job, "id" | "policies">,
  run: { readonly isForced: boolean; readonly backfill: Backfill | null },
): Lane {
  const { tags, concurrency, overlap } = policies;
  if (run.backfill !== null) {
    return { tags, concurrency, turn: { group: `backfill/${run.backfill.id}`, width: run.backfill.atOnce } };
  }
  return { tags, concurrency, turn: isSerial(overlap) ? { group: `job/${id}`, width: run.isForced ? null : 1 } : null };
}

/**
 * The name of a lane, from which {@linkcode parseLane} makes it again: empty where nothing is needed.
 *
 * ```ts
 * import { laneName, parseLane } from "@jobtrigger/shared/policy";
 * import assert from "node:assert/strict";
 * const lane = { tags: ["gpu"], concurrency: { key: "backup", limit: 2 }, turn: null };
 * assert.deepEqual(parseLane(laneName(lane)), lane);
 * assert.equal(laneName({ tags: [], concurrency: null, turn: null }), "");
 * ```
 */
export function laneName({ tags, concurrency, turn }: Lane): string {
  if (tags.length === 0 && concurrency === null && turn === null) return "";
  const { key = null, limit = null } = concurrency ?? {};
  const { group = null, width = null } = turn ?? {};
  return JSON.stringify([tags, key, limit, group, width]);
}

/** The lane of that name. @throws {SyntaxError} when it is none that {@linkcode laneName} gave. */
export function parseLane(name: string): Lane {
  if (name === "") return { tags: [], concurrency: null, turn: null };
  const [tags, key, limit, group, width]: unknown[] = JSON.parse(name);
  if (
    !isTexts(tags) || !(key === null || typeof key === "string") || !(limit === null || typeof limit === "number") ||
    !(group === null || typeof group === "string") || !(width === null || typeof width === "number")
  ) throw new SyntaxError(`Cannot read the lane ${name}`);
  return {
    tags,
    concurrency: key === null || limit === null ? null : { key, limit },
    turn: group === null ? null : { group, width },
  };
}

/** Whether a worker with these tags may claim from a lane. */
export function mayServe(lane: Lane, tags: ReadonlySet<string>): boolean {
  return lane.tags.every((tag) => tags.has(tag));
}

/** A waiting run that may be claimed, as far as a place of its key is free. */
export interface Candidate {
  readonly id: DispatchId;
  readonly priority: number;
  readonly availableAt: EpochMs;
  readonly lane: Lane;
}

/** A run to claim, with the key and the place of it that it takes; null: it needs none. */
export type Choice =
  & { readonly id: DispatchId }
  & ({ readonly key: string; readonly place: number } | { readonly key: null; readonly place: null });

/**
 * Chooses up to `limit` of `candidates`: highest priority first, then longest available; one whose key is full is passed over.
 * `taken` holds the places of each key that are taken.
 */
export function chooseRuns(
  candidates: readonly Candidate[],
  { taken, limit }: { readonly taken: ReadonlyMap<string, readonly number[]>; readonly limit: number },
): readonly Choice[] {
  const places = new Map([...taken].map(([key, numbers]) => [key, new Set(numbers)]));
  const chosen: Choice[] = [];
  for (const { id, lane: { concurrency } } of candidates.toSorted(inClaimOrder)) {
    if (chosen.length === limit) break;
    if (concurrency === null) {
      chosen.push({ id, key: null, place: null });
      continue;
    }
    const used = places.get(concurrency.key) ?? new Set<number>();
    const place = firstFree(used, concurrency.limit);
    if (place === null) continue;
    places.set(concurrency.key, used.add(place));
    chosen.push({ id, key: concurrency.key, place });
  }
  return chosen;
}

/** The order of claims. */
export function inClaimOrder(
  a: Pick<Candidate, "id" | "priority" | "availableAt">,
  b: Pick<Candidate, "id" | "priority" | "availableAt">,
): number {
  return b.priority - a.priority || a.availableAt - b.availableAt || a.id - b.id;
}

function firstFree(used: ReadonlySet<number>, limit: number): number | null {
  for (let place = 1; place <= limit; place++) if (!used.has(place)) return place;
  return null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string");
}
