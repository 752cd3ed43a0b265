import type { EpochMs, JobId } from "../domain/brand.ts";
import { epochMs } from "../domain/brand.ts";
import { unitHash } from "./_hash.ts";

/**
 * When the occurrence `scheduledFor` starts: delayed by a fixed offset of its job, in whole seconds from 0 to `spreadSeconds`, and
 * always before the occurrence after it, `following` (null: there is none). The nominal time does not change.
 *
 * ```ts
 * import { epochMs, jobId } from "@jobtrigger/shared/domain";
 * import { spreadStart } from "@jobtrigger/shared/policy";
 * const midnight = epochMs(Date.UTC(2026, 0, 5));
 * const start = spreadStart(midnight, { jobId: jobId(1), spreadSeconds: 600, following: null });
 * if (start < midnight || start > midnight + 600_000) throw new Error("within ten minutes");
 * ```
 */
export function spreadStart(
  scheduledFor: EpochMs,
  { jobId, spreadSeconds, following }: {
    readonly jobId: JobId;
    readonly spreadSeconds: number;
    readonly following: EpochMs | null;
  },
): EpochMs {
  if (spreadSeconds === 0) return scheduledFor;
  const unit = unitHash(`spread/${jobId}`);
  const offset = Math.floor(unit * (spreadSeconds + 1));
  const room = following === null ? Infinity : (following - scheduledFor) / 1000;
  return epochMs(scheduledFor + 1000 * (offset < room ? offset : Math.floor(unit * room)));
}
