import { visibleLabels } from "../access/mod.ts";
import { type EpochMs, epochMs } from "../domain/mod.ts";
import { judgeSystem, type SystemStatus } from "../policy/mod.ts";
import type { ReadContext } from "./context.ts";

/** How far back failures count, in milliseconds. */
export const FAILED_WITHIN_MS = 86_400_000;

/** Whether the system is well. Runs and jobs count as far as the asker may see them. */
export async function readStatus(
  { store, access, now }: ReadContext & { readonly now: EpochMs },
): Promise<SystemStatus> {
  const visible = visibleLabels(access, "runs.read");
  const [services, workers, totals] = await Promise.all([
    store.services.list(),
    store.workers.list(),
    store.runs.totals({ now, failedSince: epochMs(now - FAILED_WITHIN_MS), visible }),
  ]);
  return judgeSystem({ services, workers, totals, now });
}
