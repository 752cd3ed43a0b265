/**
 * Policies: pure functions that decide when a job is due, what becomes of a due job and of a failed attempt, and which waiting
 * run may be claimed.
 *
 * @module
 */
export * from "./ahead.ts";
export * from "./calendar.ts";
export * from "./due.ts";
export * from "./lane.ts";
export * from "./retry.ts";
export * from "./spread.ts";
export * from "./why.ts";
