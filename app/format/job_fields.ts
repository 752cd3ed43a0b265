/** The fields of a job's form, in its order; named as in `parseJobInput`, but for the two parts of `dst`. */
export const FIELD_NAMES: readonly [
  "name",
  "script",
  "args",
  "schedule",
  "timezone",
  "timeout",
  "max_retries",
  "env",
  "gap",
  "fold",
] = [
  "name",
  "script",
  "args",
  "schedule",
  "timezone",
  "timeout",
  "max_retries",
  "env",
  "gap",
  "fold",
];

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
  max_retries: "Retries",
  env: "Environment",
  gap: "A time that is skipped",
  fold: "A time that comes twice",
};
