import { DEFAULT_POLICIES, dispatchId, epochMs, jobId } from "../../shared/domain/mod.ts";
import type { Claim } from "../../shared/store/mod.ts";

/** A claim of a first attempt, for the executor of scripts; its job names no script. */
export const CLAIM: Claim = {
  dispatchId: dispatchId(1),
  epoch: 1,
  leaseUntil: epochMs(0),
  jobId: jobId(1),
  jobName: "test",
  scriptPath: "",
  args: [],
  env: {},
  timeoutSeconds: null,
  retry: DEFAULT_POLICIES.retry,
  scheduledFor: epochMs(0),
  retryCount: 0,
  correlationId: "1",
  timezone: "UTC",
  jobRevision: 1,
  nextLogSeq: 0,
  damage: null,
};
