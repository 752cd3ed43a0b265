/**
 * The words and signs for states, one place for all pages.
 *
 * @module
 */
import type {
  AuditOutcome,
  Dispatch,
  DispatchStatus,
  ExecutionStatus,
  LedgerReason,
  Trigger,
} from "@jobtrigger/shared/domain";

/** A state as people see it: always sign and word, so that colour adds but never carries the meaning. */
export interface Word {
  readonly text: string;
  /** Name of a symbol in `static/icons.svg`. */
  readonly icon: string;
  /** `alarm`: fails now, or is gone. `bad`: failed once. `warn`: late, waiting, missed. `ok` and `calm` have no ground. */
  readonly tone: "alarm" | "bad" | "warn" | "busy" | "ok" | "calm";
}

/** The states of a run. */
export const STATUS_WORDS: Readonly<Record<DispatchStatus, Word>> = {
  PENDING: { text: "Waiting", icon: "glass", tone: "warn" },
  IN_PROGRESS: { text: "Running", icon: "running", tone: "busy" },
  COMPLETED: { text: "Succeeded", icon: "check", tone: "ok" },
  FAILED: { text: "Failed", icon: "cross", tone: "bad" },
  TIMEOUT: { text: "Timed out", icon: "clock", tone: "bad" },
  CANCELLED: { text: "Cancelled", icon: "stop", tone: "calm" },
};

/** How a finished attempt is judged. */
export const EXECUTION_WORDS: Readonly<Record<ExecutionStatus, string>> = {
  SUCCESS: "success",
  FAILURE: "failure",
  ERROR: "could not be run",
  TIMEOUT: "timeout",
  CANCELLED: "cancelled",
};

/** Why a run exists, as the end of a sentence. */
export const TRIGGER_WORDS: Readonly<Record<Trigger, string>> = {
  schedule: "by its schedule",
  manual: "by hand",
  api: "through the command line or API",
  webhook: "by a webhook",
  retry: "as a retry",
  backfill: "by a backfill",
  chain: "after another job",
};

/** Why a run exists, short enough for a table. Its own page says more. */
export function reasonWords(
  { trigger, retryCount, decision, backfill, webhook }: Pick<
    Dispatch,
    "trigger" | "retryCount" | "decision" | "backfill" | "webhook"
  >,
): string {
  if (webhook !== null) return `by webhook ${webhook.name}`;
  const retry = retryCount > 0 ? ` (${retryCount})` : "";
  // Its retries too: the first characters of the id tell its runs from those of another.
  if (backfill !== null) return `by backfill ${backfill.id.slice(0, 8)}${retry && `, retry${retry}`}`;
  const late = decision !== null && decision.timing !== "on_time" ? ", late: made up for" : "";
  const overlap = decision?.overlap ? `, overlap ${decision.overlap}` : "";
  return `${TRIGGER_WORDS[trigger]}${retry}${late}${overlap}`;
}

/** Why an occurrence did not become a run. */
export const LEDGER_WORDS: Readonly<Record<LedgerReason, string>> = {
  overlap: "an earlier run was still going",
  missed: "it was missed: no scheduler was running in time",
  paused: "the job was paused",
  excluded: "a calendar excludes it",
  expired: "the job was no longer valid",
};

/** What became of what stands in the audit list. */
export const OUTCOME_WORDS: Readonly<Record<AuditOutcome, Word>> = {
  done: { text: "Done", icon: "check", tone: "ok" },
  denied: { text: "Denied", icon: "stop", tone: "bad" },
  failed: { text: "Failed", icon: "cross", tone: "warn" },
};
