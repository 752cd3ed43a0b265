/**
 * What a job's definition says, field by field, and what differs between two of them.
 *
 * @module
 */
import type { JobDefinition } from "../domain/mod.ts";
import { formatSchedule } from "../schedule/mod.ts";
import { FIELD_NAMES, type FieldName } from "./job_fields.ts";
import { policyFields } from "./policy_input.ts";

/** What a field says; null: nothing, which stands for its default. */
export type FieldContent = string | number | null | readonly string[] | Readonly<Record<string, string>>;

/** A field that says something else than before. */
export interface FieldChange {
  /** The field. */
  readonly field: FieldName;
  /** What it said. */
  readonly before: FieldContent;
  /** What it says now. */
  readonly after: FieldContent;
}

/** All fields of a definition, under the names by which people and programs send them. */
export function definitionFields(definition: JobDefinition): Readonly<Record<FieldName, FieldContent>> {
  const { name, key, labels, scriptPath, scriptArgs, schedule, timezone, policies } = definition;
  return {
    name,
    key,
    labels,
    script: scriptPath,
    args: scriptArgs,
    schedule: formatSchedule(schedule),
    timezone,
    ...policyFields(policies),
    tags: policies.tags,
    env: policies.env,
    gap: policies.dst.gap,
    fold: policies.dst.fold,
  };
}

/**
 * The fields in which `after` says something else than `before`. `show` says what a reader is shown of a definition: a field
 * counts as changed also where the change itself is hidden.
 */
export function changesBetween(
  before: JobDefinition,
  after: JobDefinition,
  show: (definition: JobDefinition) => JobDefinition = (definition) => definition,
): readonly FieldChange[] {
  const [was, is] = [definitionFields(before), definitionFields(after)];
  const [wasShown, isShown] = [definitionFields(show(before)), definitionFields(show(after))];
  return FIELD_NAMES.filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
    .map((field) => ({ field, before: wasShown[field], after: isShown[field] }));
}
