/**
 * Policies: pure functions that decide when a job is due, what becomes of a due job and of a failed attempt, and which waiting
 * run may be claimed; whether the system is well.
 *
 * @module
 */
export * from "./ahead.ts";
export * from "./alert_events.ts";
export * from "./alerts.ts";
export * from "./crowd.ts";
export * from "./doctor.ts";
export * from "./due.ts";
export * from "./job_state.ts";
export * from "./log_search.ts";
export * from "./occurrences.ts";
export * from "./queue_group.ts";
export * from "./retry.ts";
export * from "./spread.ts";
export * from "./status.ts";
export * from "./why.ts";
