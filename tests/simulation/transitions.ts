/**
 * The allowed changes of an attempt, and the calls that may make them: the state machine of `docs/architecture.md`.
 *
 * @module
 */
import type { Call } from "./chaotic_store.ts";
import type { AttemptRow } from "./witness.ts";

/** An error, in a sentence. */
export type Complaint = string;

/** How far past its time limit a script may be before its attempt is taken from its worker. */
export interface Limits {
  readonly timeoutThresholdMs: number;
}

/** The calls that may lead from one state to another. */
const MOVES: Readonly<Record<string, readonly string[]>> = {
  "none > PENDING": ["scheduling.dispatchDue", "runs.runNow", "queue.finish", "scheduling.rescue"],
  "PENDING > IN_PROGRESS": ["queue.claim"],
  "PENDING > CANCELLED": ["runs.cancel", "jobs.pause", "jobs.remove", "scheduling.dispatchDue", "runs.runNow"],
  "IN_PROGRESS > PENDING": ["queue.release", "queue.heartbeat"],
  "IN_PROGRESS > CANCELLED": ["queue.finish", "queue.release", "queue.heartbeat"],
  "IN_PROGRESS > COMPLETED": ["queue.finish"],
  "IN_PROGRESS > FAILED": ["queue.finish"],
  "IN_PROGRESS > TIMEOUT": ["queue.finish", "scheduling.rescue"],
};

/** The columns that may change while the state stays. */
const CHANGES: readonly (readonly [column: keyof AttemptRow, calls: readonly string[]])[] = [
  ["lease_until", ["queue.heartbeat", "scheduling.heal"]],
  ["started_at", ["queue.markStarted", "scheduling.heal"]],
  ["timeout_at", ["queue.markStarted", "scheduling.heal"]],
  ["chunks", ["queue.appendLogs"]],
  ["cancel_requested_at", ["runs.cancel", "jobs.remove", "scheduling.dispatchDue", "runs.runNow"]],
];

/** The columns that never change. */
const FIXED: readonly (keyof AttemptRow)[] = [
  "job_id",
  "root_id",
  "scheduled_for",
  "trigger",
  "retry_count",
  "idempotency_key",
];

/** The rows of executions that go with each state. */
const EXECUTIONS: Readonly<Record<string, readonly (string | null)[]>> = {
  PENDING: [null],
  IN_PROGRESS: [null],
  COMPLETED: ["SUCCESS"],
  FAILED: ["FAILURE", "ERROR"],
  TIMEOUT: ["TIMEOUT"],
  CANCELLED: ["CANCELLED"],
};

/**
 * The errors in the change of an attempt by `call`; `before` is null for a new attempt. `beside` are calls of the same event, which
 * may have changed other columns.
 */
export function complaintsAbout(
  before: AttemptRow | null,
  after: AttemptRow,
  { call, beside, lastEpoch, limits }: {
    readonly call: Call;
    readonly beside: readonly Call[];
    readonly lastEpoch: number;
    readonly limits: Limits;
  },
): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (what: string) =>
    void complaints.push(`${call.name} ${what}: ${stateOf(before)} became ${stateOf(after)}`);
  if (!EXECUTIONS[after.status]?.includes(after.execution)) {
    complain(`left ${after.execution ?? "no row"} in job_execution_logs for ${after.status}`);
  }
  if (before === null) {
    if (!MOVES["none > PENDING"]?.includes(call.name) || after.status !== "PENDING") complain("may not make this");
    return complaints;
  }
  for (const column of FIXED) if (before[column] !== after[column]) complain(`changed ${column}`);
  if (before.status !== after.status) {
    if (!MOVES[`${before.status} > ${after.status}`]?.includes(call.name)) complain("may not do this");
  } else {
    const names = [call, ...beside].map(({ name }) => name);
    for (const [column, calls] of CHANGES) {
      if (before[column] === after[column] || names.some((name) => calls.includes(name))) continue;
      complain(`may not change ${column}`);
    }
  }
  if (before.status === "PENDING" && after.status === "IN_PROGRESS") {
    if ((after.lease_epoch ?? 0) <= lastEpoch) complain("gave an epoch that was given before");
    if (after.worker_id !== call.workerId) complain("claimed for another worker");
  }
  if (before.status === "IN_PROGRESS" && !mayTouchHeld(before, after, call, limits)) {
    complain("changed an attempt that it does not hold");
  }
  if (before.status === "IN_PROGRESS" && after.status === before.status && after.lease_epoch !== before.lease_epoch) {
    complain("changed the epoch");
  }
  return complaints;
}

/** Whether a call may change a held attempt: as its holder, or because its lease has expired. */
function mayTouchHeld(before: AttemptRow, after: AttemptRow, call: Call, { timeoutThresholdMs }: Limits): boolean {
  const isNamed = call.refs.some((ref) => ref.dispatchId === before.id && ref.epoch === before.lease_epoch);
  switch (call.name) {
    case "queue.heartbeat":
      // Releases the claims that the worker does not know.
      return isNamed
        ? after.status === "IN_PROGRESS"
        : before.worker_id === call.workerId && after.status !== "IN_PROGRESS";
    case "scheduling.rescue": {
      const now = call.now ?? 0;
      return (before.lease_until ?? Infinity) <= now || (before.timeout_at ?? Infinity) + timeoutThresholdMs <= now;
    }
    case "scheduling.heal":
    case "runs.cancel":
    case "runs.runNow":
    case "jobs.remove":
    case "scheduling.dispatchDue":
      return after.status === "IN_PROGRESS";
    default:
      return isNamed;
  }
}

function stateOf(row: AttemptRow | null): string {
  if (row === null) return "nothing";
  const lease = row.lease_epoch === null ? "" : ` (epoch ${row.lease_epoch} of ${row.worker_id})`;
  return `run ${row.id} ${row.status}${lease}`;
}
