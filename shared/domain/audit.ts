/**
 * The audit list: who changed what, when and from where, and who was denied it.
 *
 * @module
 */

/** What an entry of the audit list is about; `system` is the installation itself. */
export const AUDIT_SUBJECT_KINDS = [
  "job",
  "run",
  "user",
  "session",
  "token",
  "worker",
  "webhook",
  "setting",
  "system",
] as const;

/** One of {@linkcode AUDIT_SUBJECT_KINDS}. */
export type AuditSubjectKind = typeof AUDIT_SUBJECT_KINDS[number];

/** What an action is about. */
export interface AuditSubject {
  /** What it is. */
  readonly kind: AuditSubjectKind;
  /** Its id; null: it has none, or none yet. */
  readonly id: number | null;
  /** What people call it at that time; null: nothing. Of a run and a session it is the name of the job and the user. */
  readonly name: string | null;
}
