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
  type RecordedDefinition,
  REVISION_ACTIONS,
  type RevisionChange,
  type RevisionFacts,
} from "../domain/mod.ts";
import type { By } from "./by.ts";
import type { JobChange } from "./job_store.ts";
import { damageOf, parseDefinition } from "./json.ts";
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
  definition: z.string(),
});

/** A row of `job_revisions`. One whose definition cannot be read must not take the page of its job with it. */
export function toRevision(from: Row): JobRevision {
  const r = row.parse(from);
  return {
    jobId: r.job_id,
    revision: r.revision,
    at: r.at,
    actor: r.actor_kind === null || r.actor_name === null ? null : { kind: r.actor_kind, name: r.actor_name },
    change: toChange(r),
    ...toDefinition(r.definition),
  };
}

function toDefinition(stored: string): RecordedDefinition {
  try {
    return { definition: parseDefinition(stored), damage: null };
  } catch (error) {
    return { definition: null, damage: `The stored definition of this revision cannot be read: ${damageOf(error)}` };
  }
}

function toChange(
  { action, note, restored }: Pick<z.infer<typeof row>, "action" | "note" | "restored">,
): RevisionChange {
  if (action === "paused") return { action, note };
  if (action !== "rolled_back") return { action };
  if (restored === null) throw new TypeError("A revision that was rolled back names no other revision");
  return { action, to: restored };
}

/** A revision to be written. */
export interface NewRevision extends RevisionFacts {
  /** The definition as JSON keeps it. */
  readonly definition: unknown;
}

/**
 * The revision that a job has after `change`, to be written with it. Of a damaged job, `row` is kept as it is stored: its stand-ins
 * were never the job's.
 */
export function revisionOf(job: Job, change: RevisionChange, { actor }: By, row: Row): NewRevision {
  const definition = job.damage === null ? definitionOf(job) : storedDefinition(row);
  return { jobId: job.id, revision: job.revision, at: job.updatedAt, actor, change, definition };
}

const definitionRow = z.object({
  name: z.string(),
  key: z.string().nullable(),
  labels: z.string(),
  script_path: z.string(),
  script_args: z.string(),
  schedule: z.string(),
  timezone: z.string(),
  policies: z.string(),
});

/** The definition of a row of `scheduled_jobs` in the form of a revision; what is no JSON stands there as text. */
function storedDefinition(from: Row): Readonly<Record<string, unknown>> {
  const { script_path: scriptPath, script_args: args, labels, schedule, policies, ...plain } = definitionRow.parse(
    from,
  );
  return {
    ...plain,
    scriptPath,
    scriptArgs: valueOf(args),
    labels: valueOf(labels),
    schedule: valueOf(schedule),
    policies: valueOf(policies),
  };
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return json;
  }
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
