/**
 * Policies: pure functions that decide what becomes of a due job and of a failed attempt.
 *
 * @module
 */
export * from "./due.ts";
export * from "./retry.ts";
