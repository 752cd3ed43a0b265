/**
 * Which waiting runs a worker may claim: those whose tags the worker has, whose concurrency key has a free slot, and before which
 * no older run of their serial order has to start.
 *
 * Runs with the same needs form one *queue group*; runs that need nothing but a worker form the group with the empty name. A claim
 * looks at the head of each group only, so a long queue that cannot move, because its key is full, delays nobody else.
 *
 * A concurrency key has *slots* 1, 2, …. A run takes a free slot among the first `limit` that its own job names, and the database
 * refuses a slot that is taken. In a *serial order*, a run may start when fewer than `width` older runs of that order are
 * unfinished. That stays true once it is true, because older runs can only end.
 *
 * @module
 */
import type { DispatchId, EpochMs } from "../domain/brand.ts";
import type { Backfill, QueueGroup } from "../domain/dispatch.ts";
import type { Job, OverlapPolicy } from "../domain/job.ts";

/** Whether runs of a job wait for one another. */
function isSerial(overlap: OverlapPolicy): boolean {
  return overlap === "queue_one" || overlap === "queue_all" || overlap === "cancel_running";
}

/** The queue group of a run of `job`. */
export function queueGroupOf(
  { id, policies }: Pick<Job, "id" | "policies">,
  run: { readonly isForced: boolean; readonly backfill: Backfill | null },
): QueueGroup {
  const { tags, concurrency, overlap } = policies;
  if (run.backfill !== null) {
    return { tags, concurrency, serial: { group: `backfill/${run.backfill.id}`, width: run.backfill.atOnce } };
  }
  return {
    tags,
    concurrency,
    serial: isSerial(overlap) ? { group: `job/${id}`, width: run.isForced ? null : 1 } : null,
  };
}

/**
 * The name of a queue group, which {@linkcode parseQueueGroup} reads; empty where nothing is needed.
 *
 * ```ts
 * import { queueGroupName, parseQueueGroup } from "@jobtrigger/shared/policy";
 * import assert from "node:assert/strict";
 * const group = { tags: ["gpu"], concurrency: { key: "backup", limit: 2 }, serial: null };
 * assert.deepEqual(parseQueueGroup(queueGroupName(group)), group);
 * assert.equal(queueGroupName({ tags: [], concurrency: null, serial: null }), "");
 * ```
 */
export function queueGroupName({ tags, concurrency, serial }: QueueGroup): string {
  if (tags.length === 0 && concurrency === null && serial === null) return "";
  const { key = null, limit = null } = concurrency ?? {};
  const { group = null, width = null } = serial ?? {};
  return JSON.stringify([tags, key, limit, group, width]);
}

/** The queue group with that name. @throws {SyntaxError} when {@linkcode queueGroupName} makes no such name. */
export function parseQueueGroup(name: string): QueueGroup {
  if (name === "") return { tags: [], concurrency: null, serial: null };
  const parts: unknown = JSON.parse(name);
  const [tags, key, limit, group, width]: unknown[] = Array.isArray(parts) ? parts : [];
  if (
    !isTexts(tags) || !(key === null || typeof key === "string") || !(limit === null || typeof limit === "number") ||
    !(group === null || typeof group === "string") || !(width === null || typeof width === "number")
  ) throw new SyntaxError(`Cannot read the queue group ${name}`);
  return {
    tags,
    concurrency: key === null || limit === null ? null : { key, limit },
    serial: group === null ? null : { group, width },
  };
}

/** Whether a worker with these tags may claim from a queue group. */
export function mayServe(group: QueueGroup, tags: ReadonlySet<string>): boolean {
  return group.tags.every((tag) => tags.has(tag));
}

/** A waiting run that may be claimed if its key has a free slot. */
export interface Candidate {
  /** The run. */
  readonly id: DispatchId;
  /** Its priority; higher is claimed first. */
  readonly priority: number;
  /** When it became available. */
  readonly availableAt: EpochMs;
  /** What it needs to be claimed. */
  readonly needs: QueueGroup;
}

/** A run to claim, with the slot that it takes of its concurrency key; null: it has no key. */
export type Choice =
  & { readonly id: DispatchId }
  & ({ readonly key: string; readonly slot: number } | { readonly key: null; readonly slot: null });

/**
 * Chooses up to `limit` of `candidates`: highest priority first, then longest available; a run whose key is full is passed over.
 * `taken` holds the slots of each key that are taken.
 */
export function chooseRuns(
  candidates: readonly Candidate[],
  { taken, limit }: { readonly taken: ReadonlyMap<string, readonly number[]>; readonly limit: number },
): readonly Choice[] {
  const slots = new Map([...taken].map(([key, numbers]) => [key, new Set(numbers)]));
  const chosen: Choice[] = [];
  for (const { id, needs: { concurrency } } of candidates.toSorted(inClaimOrder)) {
    if (chosen.length === limit) break;
    if (concurrency === null) {
      chosen.push({ id, key: null, slot: null });
      continue;
    }
    const used = slots.get(concurrency.key) ?? new Set<number>();
    const slot = firstFree(used, concurrency.limit);
    if (slot === null) continue;
    slots.set(concurrency.key, used.add(slot));
    chosen.push({ id, key: concurrency.key, slot });
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
  for (let slot = 1; slot <= limit; slot++) if (!used.has(slot)) return slot;
  return null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string");
}
