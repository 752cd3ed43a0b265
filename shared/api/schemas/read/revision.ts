import { z } from "zod";
import {
  ACTOR_KINDS,
  type JobId,
  type RecordedDefinition,
  REVISION_ACTIONS,
  type RevisionChange,
} from "../../../domain/mod.ts";
import type { RevisionEntry } from "../../history_output.ts";
import { FIELD_NAMES } from "../../job_fields.ts";
import { instant, pageOf } from "./_values.ts";
import { readDefinition } from "./job.ts";

const content = z.union([
  z.string(),
  z.number(),
  z.null(),
  z.array(z.string()),
  z.record(z.string(), z.string()),
]);

const schema = z.object({
  revision: z.int(),
  at: instant,
  actor: z.object({ kind: z.enum(ACTOR_KINDS), name: z.string() }).nullable(),
  action: z.enum(REVISION_ACTIONS),
  note: z.string().nullable(),
  to: z.int().nullable(),
  changes: z.array(z.object({ field: z.enum(FIELD_NAMES), before: content, after: content })).nullable(),
  definition: readDefinition.nullable(),
  damage: z.string().nullable().default(null),
});

/** Reads a page of what `revisionForm()` made of the revisions of a job. */
export function readRevisionPage(
  jobId: JobId,
): z.ZodType<{ readonly items: readonly RevisionEntry[]; readonly next: string | null }> {
  return pageOf(schema.transform((form): RevisionEntry => ({
    revision: {
      jobId,
      revision: form.revision,
      at: form.at,
      actor: form.actor,
      change: changeOf(form),
      ...recorded(form),
    },
    changes: form.changes,
  })));
}

function recorded({ definition, damage }: Pick<z.infer<typeof schema>, "definition" | "damage">): RecordedDefinition {
  return definition === null ? { definition, damage: damage ?? "It cannot be read" } : { definition, damage: null };
}

function changeOf({ action, note, to }: Pick<z.infer<typeof schema>, "action" | "note" | "to">): RevisionChange {
  switch (action) {
    case "paused":
      return { action, note };
    case "rolled_back":
      return { action, to: to ?? 0 };
    case "recorded":
    case "created":
    case "edited":
    case "resumed":
    case "deleted":
      return { action };
  }
}
