/**
 * Rows of `job_revisions`, as in `rows.ts`, and what a store writes there.
 *
 * @module
 */
import { z } from "zod";
import {
  ACTOR_KINDS,
  definitionOf,
  type Job,
  type JobRevision,
  REVISION_ACTIONS,
  type RevisionChange,
} from "../domain/mod.ts";
import type { By } from "./by.ts";
import type { JobChange } from "./job_store.ts";
import { parseDefinition } from "./json.ts";
import { instant, ofJob, type Row } from "./rows.ts";

const row = z.object({
  job_id: ofJob,
  revision: z.number(),
  at: instant,
  actor_kind: z.enum(ACTOR_KINDS).nullable(),
  actor_name: z.string().nullable(),
  action: z.enum(REVISION_ACTIONS),
  note: z.string().nullable(),
  restored: z.number().nullable(),
  definition: z.string().transform(parseDefinition),
});

/** A row of `job_revisions`. */
export function toRevision(from: Row): JobRevision {
  const r = row.parse(from);
  return {
    jobId: r.job_id,
    revision: r.revision,
    at: r.at,
    actor: r.actor_kind === null || r.actor_name === null ? null : { kind: r.actor_kind, name: r.actor_name },
    change: toChange(r),
    definition: r.definition,
  };
}

function toChange(
  { action, note, restored }: Pick<z.infer<typeof row>, "action" | "note" | "restored">,
): RevisionChange {
  if (action === "paused") return { action, note };
  if (action !== "rolled_back") return { action };
  if (restored === null) throw new TypeError("A revision that was rolled back names no other revision");
  return { action, to: restored };
}

/** The revision that a job has after `change`, to be written with it. */
export function revisionOf(job: Job, change: RevisionChange, { actor }: By): JobRevision {
  return { jobId: job.id, revision: job.revision, at: job.updatedAt, actor, change, definition: definitionOf(job) };
}

/** How an update changes a job. */
export function updateOf({ restores }: Pick<JobChange, "restores">): RevisionChange {
  return restores === undefined ? { action: "edited" } : { action: "rolled_back", to: restores };
}

/** The columns `note` and `restored`. */
export function detailsOf(change: RevisionChange): { readonly note: string | null; readonly restored: number | null } {
  return {
    note: change.action === "paused" ? change.note : null,
    restored: change.action === "rolled_back" ? change.to : null,
  };
}
