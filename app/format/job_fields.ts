import type { FieldName } from "@jobtrigger/shared/api";

/** The fields of a job's form, as typed. */
export type JobFields = Record<FieldName, string>;
