/**
 * Runs one script from its start to the end of everything it started. Knows no database: the caller hands in what to run
 * and receives the output as it comes.
 *
 * @module
 */
export { Cgroups } from "./cgroups.ts";
export { type BaseEnvironment, scriptEnvironment, type ScriptFacts } from "./environment.ts";
export { checkElf, isElf } from "./_program.ts";
export { findTool } from "./_tools.ts";
export { RUN_MARK } from "./_process.ts";
export { execute, notStarted } from "./execute.ts";
export { endOrphans, type OrphanContext } from "./orphans.ts";
export { ProcessTable } from "./process_table.ts";
export { formatMark, type Owner } from "./run_mark.ts";
export { StopControl, type StopOptions, type StopReason } from "./stop.ts";
export type {
  ExecutionEnd,
  ExecutionFacts,
  ExecutionHooks,
  ExecutionRequest,
  ExecutionResult,
  OutputChunk,
} from "./types.ts";
