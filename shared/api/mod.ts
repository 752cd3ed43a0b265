/**
 * What people and programs say and are shown: from what was typed to domain values, and back to words.
 *
 * @module
 */
export * from "./account_forms.ts";
export * from "./alert_form.ts";
export * from "./alert_input.ts";
export * from "./audit_fault.ts";
export * from "./api_errors.ts";
export * from "./bound.ts";
export * from "./bulk_form.ts";
export * from "./changes.ts";
export * from "./view_form.ts";
export * from "./doctor_form.ts";
export * from "./env_values.ts";
export * from "./filter.ts";
export * from "./history_output.ts";
export * from "./input.ts";
export * from "./list_filters.ts";
export * from "./list_names.ts";
export * from "./log_beginning.ts";
export * from "./minute.ts";
export * from "./job_fields.ts";
export {
  backfillForm,
  executionForm,
  jobForm,
  jobSummaryForm,
  type Json,
  type JsonObject,
  ledgerForm,
  logChunkForm,
  problemForm,
  runForm,
  waitingRunForm,
  workerForm,
} from "./output.ts";
export { NAME_MAX } from "./job_values.ts";
export type { Bounds } from "./_fields.ts";
export type { FieldType } from "./field_types.ts";
export { type PolicyFields, policyFields, type PolicyInput, type PolicyName } from "./policy_input.ts";
export * from "./policy_words.ts";
export * from "./schedule_output.ts";
export * from "./status_form.ts";
export * from "./shown_run.ts";
export type { CountsShown, PercentilesShown, StatisticsShown, TallyShown, TimelineShown } from "./schemas/time.ts";
export * from "./time_forms.ts";
export * from "./session_form.ts";
export * from "./token_form.ts";
export * from "./typed_time.ts";
export * from "./webhook_arguments.ts";
export * from "./webhook_form.ts";
