/**
 * What programs are shown, read back into domain types: each reader undoes the form of the same name. A reader ignores members that
 * it does not know, so that an older program understands a newer portal.
 *
 * @module
 */
export * from "./account.ts";
export * from "./alert.ts";
export * from "./bulk.ts";
export * from "./job.ts";
export * from "./revision.ts";
export * from "./run.ts";
export * from "./system.ts";
export * from "./view.ts";
export * from "./webhook.ts";
