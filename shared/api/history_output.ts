import type { JobDefinition, JobRevision } from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import { changesBetween, definitionFields, type FieldChange } from "./changes.ts";
import type { JsonObject } from "./output.ts";

/** A revision of a job, and what it changed of the one before it. */
export interface RevisionEntry {
  /** The revision. */
  readonly revision: JobRevision;
  /** Null: nobody knows, because the history begins with it, or because it or the one before is damaged. */
  readonly changes: readonly FieldChange[] | null;
}

/**
 * The first `limit` of some revisions, which stand newest first without a gap, each compared with the one after it. `show` says
 * what a reader is shown of a definition.
 */
export function revisionEntries(
  revisions: readonly JobRevision[],
  limit: number,
  show: (definition: JobDefinition) => JobDefinition = (definition) => definition,
): readonly RevisionEntry[] {
  return revisions.slice(0, limit).map((revision, index) => {
    const previous = revisions[index + 1];
    if (revision.damage !== null) return { revision, changes: null };
    const { definition } = revision;
    const before = previous?.definition ?? null;
    return {
      revision: { ...revision, definition: show(definition) },
      changes: before === null ? null : changesBetween(before, definition, show),
    };
  });
}

/** A revision. */
export function revisionForm(
  { revision: { revision, at, actor, change, definition, damage }, changes }: RevisionEntry,
): JsonObject {
  return {
    revision,
    at: isoUtc(at),
    actor: actor === null ? null : { ...actor },
    action: change.action,
    note: change.action === "paused" ? change.note : null,
    to: change.action === "rolled_back" ? change.to : null,
    changes: changes === null ? null : changes.map((fieldChange) => ({ ...fieldChange })),
    definition: definition === null ? null : definitionFields(definition),
    damage,
  };
}
