/**
 * Copying one database to another.
 *
 * @module
 */
export { type CopiedTableReport, copyDatabase, type CopyOptions, type CopyProgress, type CopyReport } from "./copy.ts";
export { CopyFailed } from "./side.ts";
