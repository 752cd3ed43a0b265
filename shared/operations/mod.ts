/**
 * The one door for changes: whatever a person or a program changes about jobs and runs goes through a function of this room. Each
 * takes an {@linkcode OperationContext} and its input. What explains jobs and runs is here too: it reads several tables.
 *
 * @module
 */
export * from "./backfill.ts";
export { type GuardedStore, guardStore, type OperationContext } from "./context.ts";
export * from "./jobs.ts";
export * from "./runs.ts";
export * from "./why.ts";
