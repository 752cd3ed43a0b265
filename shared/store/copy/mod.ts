/**
 * Copying one database to another.
 *
 * @module
 */
export { type CopiedTableReport, copyDatabase, type CopyOptions, type CopyReport } from "./copy.ts";
export { CopyFailed } from "./side.ts";
