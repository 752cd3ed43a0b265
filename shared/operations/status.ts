import { visibleLabels } from "../access/mod.ts";
import { type EpochMs, epochMs, type QueueGroup, type Worker } from "../domain/mod.ts";
import { judgeSystem, mayServe, NO_STUCK_RUNS, presenceOf, type StuckRuns, type SystemStatus } from "../policy/mod.ts";
import type { ReadContext } from "./context.ts";

/** How far back failures count, in milliseconds. */
const FAILED_WITHIN_MS = 86_400_000;

/** Most queue groups with tags that are looked at. */
export const MOST_GROUPS = 200;

/** Whether the system is well. Runs and jobs count as far as the asker may see them. */
export async function readStatus(
  { store, access, now }: ReadContext & { readonly now: EpochMs },
): Promise<SystemStatus> {
  const visible = visibleLabels(access, "runs.read");
  const [services, workers, totals, groups] = await Promise.all([
    store.services.list(),
    store.workers.list(),
    store.runs.totals({ now, failedSince: epochMs(now - FAILED_WITHIN_MS), visible }),
    store.runs.taggedGroups(MOST_GROUPS),
  ]);
  const stuck = await readStuck({ store, access, now }, workers, groups);
  return judgeSystem({ services, workers, totals, stuck, now });
}

/** Those of some queue groups that no online worker may claim from. */
export function unservedGroups(
  groups: readonly QueueGroup[],
  { workers, now }: { readonly workers: readonly Worker[]; readonly now: EpochMs },
): readonly QueueGroup[] {
  const online = onlineOf(workers, now).map(({ tags }) => new Set(tags));
  return groups.filter((group) => !online.some((tags) => mayServe(group, tags)));
}

function onlineOf(workers: readonly Worker[], now: EpochMs): readonly Worker[] {
  return workers.filter((worker) => presenceOf(worker, now) === "online" && worker.status !== "DRAINING");
}

/** What waits although no online worker may run it. Without any worker, that is the trouble, and not the tags. */
async function readStuck(
  { store, access, now }: ReadContext & { readonly now: EpochMs },
  workers: readonly Worker[],
  groups: readonly QueueGroup[],
): Promise<StuckRuns> {
  const online = onlineOf(workers, now);
  const unserved = unservedGroups(groups, { workers, now });
  if (online.length === 0 || unserved.length === 0) return NO_STUCK_RUNS;
  const visible = visibleLabels(access, "runs.read");
  const { total, oldest, items } = await store.runs.queue({ now, when: "now", groups: unserved, visible, limit: 20 });
  const missing = new Set(items.flatMap(({ needs }) => needs.tags))
    .difference(new Set(online.flatMap(({ tags }) => tags)));
  return { runs: total, since: oldest, missing: [...missing].toSorted() };
}
