/**
 * The scripts a job may name: finding them, checking what was typed, and how each is started. Read by whoever has
 * permission to read the script directories; nothing is run here.
 *
 * @module
 */
export { type Head, parseHead } from "./_first_line.ts";
export { fileInfo, readHead } from "./_inside.ts";
export { isExecutable } from "./_kinds.ts";
export { findWriter } from "./_modes.ts";
export { inspectDirectories } from "./directories.ts";
export { checkEnvName } from "./env_name.ts";
export { listScripts, type ScriptFile } from "./list.ts";
export { type ResolvedScript, type ResolveOptions, resolveScript, type RunnableScript } from "./resolve.ts";
export { checkScriptPath } from "./script_path.ts";
