/** The fields of a job's form, in its order; named as in `parseJobInput`, but for the two parts of `dst`. */
export const FIELD_NAMES = [
  "name",
  "script",
  "args",
  "schedule",
  "timezone",
  "timeout",
  "env",
  "misfire",
  "misfire_grace",
  "misfire_limit",
  "catchup_window",
  "overlap",
  "max_retries",
  "retry_base",
  "retry_cap",
  "tags",
  "concurrency_key",
  "concurrency_limit",
  "priority",
  "starts_at",
  "ends_at",
  "spread",
  "gap",
  "fold",
] as const;

/** One of {@linkcode FIELD_NAMES}. */
export type FieldName = typeof FIELD_NAMES[number];

/** What stands in the form, as typed. */
export type JobFields = Record<FieldName, string>;

/** What a field is called on the page. */
export const FIELD_LABELS: Readonly<Record<FieldName, string>> = {
  name: "Name",
  script: "Script",
  args: "Arguments",
  schedule: "Schedule",
  timezone: "Time zone",
  timeout: "Time limit",
  env: "Environment",
  misfire: "Times that were missed",
  misfire_grace: "Missed after",
  misfire_limit: "Most late runs",
  catchup_window: "None older than",
  overlap: "While an earlier run has not ended",
  max_retries: "Retries",
  retry_base: "First delay",
  retry_cap: "Longest delay",
  tags: "Tags",
  concurrency_key: "Shared key",
  concurrency_limit: "Runs with this key at once",
  priority: "Priority",
  starts_at: "Not before",
  ends_at: "Not after",
  spread: "Spread",
  gap: "A time that is skipped",
  fold: "A time that comes twice",
};

/** Which fields a preview depends on. */
export const PREVIEW_NAMES: readonly FieldName[] = FIELD_NAMES.filter((name) =>
  !["name", "script", "args", "env"].includes(name)
);
