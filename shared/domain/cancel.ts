import type { DispatchId } from "./brand.ts";

/** Why runs are cancelled. */
export const CANCEL_REASONS = ["request", "pause", "delete", "overlap"] as const;

/** Why a run is cancelled. */
export type Cancel =
  /** A person cancelled it, paused its job and cancelled what waited, or deleted its job. */
  | { readonly reason: "request" | "pause" | "delete" }
  /** The overlap policy of its job is `cancel_running`, and the run `forRun` came after it. */
  | { readonly reason: "overlap"; readonly forRun: DispatchId };

/**
 * Says in a sentence why a run was cancelled.
 *
 * ```ts
 * import { cancelSentence, dispatchId } from "@jobtrigger/shared/domain";
 * import assert from "node:assert/strict";
 * assert.equal(cancelSentence({ reason: "request" }), "Cancelled on request");
 * assert.match(cancelSentence({ reason: "overlap", forRun: dispatchId(12) }), /^Cancelled to make room for run 12:/);
 * ```
 */
export function cancelSentence(cancel: Cancel): string {
  switch (cancel.reason) {
    case "request":
      return "Cancelled on request";
    case "pause":
      return "Cancelled when its job was paused";
    case "delete":
      return "Cancelled because its job was deleted";
    case "overlap":
      return `Cancelled to make room for run ${cancel.forRun}: the job's overlap policy is cancel_running`;
  }
}
