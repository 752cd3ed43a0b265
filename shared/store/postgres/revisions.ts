/**
 * Rows that belong to a job's row in PostgreSQL, always in the transaction that changes it: its revisions, and its labels once
 * more, by which lists find it.
 *
 * @module
 */
import type { Job, JobId } from "../../domain/mod.ts";
import { detailsOf, type NewRevision } from "../revision_rows.ts";
import { type Session, type Statement, statement } from "./connection.ts";
import { instant, json, text } from "./values.ts";

// Index: the primary key.
/** Finds revisions of a job, newest first. $1: job, $2: before, $3: limit. */
export const REVISIONS: Statement = statement(
  "SELECT * FROM job_revisions WHERE job_id = $1 AND revision < $2 ORDER BY revision DESC LIMIT $3",
);

const INSERT_REVISION = statement(`
  INSERT INTO job_revisions (job_id, revision, at, actor_kind, actor_name, action, note, restored, definition)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`);

// Index: job_labels_by_job.
const DELETE_LABELS = statement("DELETE FROM job_labels WHERE job_id = $1");

const INSERT_LABELS = statement("INSERT INTO job_labels (label, job_id) SELECT unnest($1::text[]), $2");

/** Writes a revision of a job. */
export async function writeRevision(tx: Session, revision: NewRevision): Promise<void> {
  const { jobId, at, actor, change, definition } = revision;
  const { note, restored } = detailsOf(change);
  await tx.all(INSERT_REVISION, [
    jobId,
    revision.revision,
    instant(at),
    actor?.kind ?? null,
    text(actor?.name ?? null),
    change.action,
    text(note),
    restored,
    json(definition),
  ]);
}

/** Writes the labels of a job in place of those it had. */
export async function writeLabels(tx: Session, { id, labels }: Job): Promise<void> {
  await deleteLabels(tx, id);
  if (labels.length > 0) await tx.all(INSERT_LABELS, [labels, id]);
}

/** Deletes the labels of a job. */
export async function deleteLabels(tx: Session, id: JobId): Promise<void> {
  await tx.all(DELETE_LABELS, [id]);
}
