/**
 * The words of the product: jobs, dispatches, workers, and what can go wrong. Types and a few checks; pure.
 *
 * @module
 */
export * from "./account.ts";
export * from "./address.ts";
export * from "./actor.ts";
export * from "./alert.ts";
export * from "./audit.ts";
export * from "./brand.ts";
export * from "./bulk.ts";
export * from "./cancel.ts";
export * from "./diagnosis.ts";
export * from "./dispatch.ts";
export * from "./dst.ts";
export * from "./duration.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./histogram.ts";
export * from "./job.ts";
export * from "./job_failure.ts";
export * from "./job_key.ts";
export * from "./job_summary.ts";
export * from "./label.ts";
export * from "./ledger.ts";
export type * from "./past_run.ts";
export * from "./permission.ts";
export * from "./nearest.ts";
export * from "./revision.ts";
export * from "./saved_view.ts";
export * from "./schedule.ts";
export * from "./service.ts";
export * from "./statistics.ts";
export * from "./system_error.ts";
export * from "./tags.ts";
export * from "./timeline.ts";
export * from "./totals.ts";
export * from "./unseen.ts";
export * from "./user_name.ts";
export * from "./version.ts";
export * from "./webhook.ts";
export * from "./worker.ts";
