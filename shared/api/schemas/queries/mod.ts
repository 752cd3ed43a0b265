/**
 * What programs say in an address and in headers.
 *
 * @module
 */
export * from "./headers.ts";
export * from "./job.ts";
export { limitQuery, noQuery, PAGE_MAX, type PageQuery, pageQuery, type Parameters, queryOf } from "./query.ts";
export * from "./run.ts";
export * from "./system.ts";
