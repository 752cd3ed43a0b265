/**
 * Configuration: environment variables, read once at the start of a process into a typed value. All problems are reported
 * together.
 *
 * @module
 */
export * from "./database_url.ts";
export * from "./read.ts";
export * from "./variables.ts";
