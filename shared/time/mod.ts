/**
 * Time: the clock by which services wait, and the forms in which people read times.
 *
 * @module
 */
export * from "./backoff.ts";
export * from "./clock.ts";
export * from "./format.ts";
