/**
 * Time: the clock that everything waits by, and the forms in which people read times.
 *
 * @module
 */
export * from "./backoff.ts";
export * from "./clock.ts";
export * from "./format.ts";
