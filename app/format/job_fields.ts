import type { FieldName } from "@jobtrigger/shared/api";

/** What stands in a job's form, as typed. */
export type JobFields = Record<FieldName, string>;
