/**
 * Rows that belong to a job's row in SQLite, always in the transaction that changes it: its revisions, and its labels once more,
 * by which lists find it.
 *
 * @module
 */
import type { Job, JobId } from "../../domain/mod.ts";
import { detailsOf, type NewRevision } from "../revision_rows.ts";
import type { Connection } from "./connection.ts";

// Index: the primary key.
/** Finds revisions of a job, newest first. */
export const REVISIONS: string = `
  SELECT * FROM job_revisions WHERE job_id = :id AND revision < :before ORDER BY revision DESC LIMIT :limit`;

const INSERT_REVISION = `
  INSERT INTO job_revisions (job_id, revision, at, actor_kind, actor_name, action, note, restored, definition)
  VALUES (:jobId, :revision, :at, :actorKind, :actorName, :action, :note, :restored, :definition)`;

// Index: job_labels_by_job.
const DELETE_LABELS = "DELETE FROM job_labels WHERE job_id = :id";

const INSERT_LABELS = "INSERT INTO job_labels (label, job_id) SELECT value, :id FROM json_each(:labels)";

/** Writes a revision of a job. */
export function writeRevision(db: Connection, revision: NewRevision): void {
  const { jobId, at, actor, change, definition } = revision;
  db.run(INSERT_REVISION, {
    jobId,
    revision: revision.revision,
    at,
    actorKind: actor?.kind ?? null,
    actorName: actor?.name ?? null,
    action: change.action,
    ...detailsOf(change),
    definition: JSON.stringify(definition),
  });
}

/** Writes the labels of a job in place of those it had. */
export function writeLabels(db: Connection, { id, labels }: Job): void {
  deleteLabels(db, id);
  if (labels.length > 0) db.run(INSERT_LABELS, { id, labels: JSON.stringify(labels) });
}

/** Deletes the labels of a job. */
export function deleteLabels(db: Connection, id: JobId): void {
  db.run(DELETE_LABELS, { id });
}
