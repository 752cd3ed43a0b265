import type { ServiceCount, SystemStatus } from "../policy/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { EpochMs } from "../domain/mod.ts";
import type { JsonObject } from "./output.ts";

/** Whether the system is well. */
export function statusForm({ level, sign, troubles, services, workers, totals, stuck }: SystemStatus): JsonObject {
  const { running, waiting, waitingSince, failed, late, lateSince, failing, failingSince } = totals;
  return {
    level,
    sign: { ...sign },
    troubles: troubles.map((trouble) => ({ ...trouble, since: isoOrNull(trouble.since) })),
    services: {
      scheduler: serviceForm(services.scheduler),
      web: serviceForm(services.web),
      notifier: serviceForm(services.notifier),
    },
    workers: { ...workers },
    totals: {
      running,
      waiting,
      waiting_since: isoOrNull(waitingSince),
      failed_in_24_hours: failed,
      late,
      late_since: isoOrNull(lateSince),
      failing,
      failing_since: isoOrNull(failingSince),
    },
    stuck: { runs: stuck.runs, since: isoOrNull(stuck.since), missing_tags: stuck.missing },
  };
}

function serviceForm({ up, silent, lastPassAt }: ServiceCount): JsonObject {
  return { up, silent, last_pass_at: isoOrNull(lastPassAt) };
}

function isoOrNull(at: EpochMs | null): string | null {
  return at === null ? null : isoUtc(at);
}
