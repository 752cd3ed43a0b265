/**
 * The schemas of what programs send and are shown: what the API reads with, checks itself by, and describes itself with.
 *
 * @module
 */
export * from "./parse.ts";
export * from "./queries/mod.ts";
export * from "./read/mod.ts";
export * from "./sent.ts";
export * from "./sent_alerts.ts";
export { SHOWN, type ShownName } from "./shown/mod.ts";
export * from "./time.ts";
