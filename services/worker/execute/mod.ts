/**
 * Runs one script from its start to the end of everything it started. Knows no database: the caller hands in what to run
 * and receives the output as it comes.
 *
 * @module
 */
export { scriptEnvironment, type ScriptFacts } from "./environment.ts";
export { execute, notStarted } from "./execute.ts";
export { StopControl, type StopOptions, type StopReason } from "./stop.ts";
export type {
  ExecutionEnd,
  ExecutionFacts,
  ExecutionHooks,
  ExecutionRequest,
  ExecutionResult,
  OutputChunk,
} from "./types.ts";
