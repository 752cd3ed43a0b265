/**
 * What programs say in the addresses of the system's lists: users, the audit list, incidents, events.
 *
 * @module
 */
import { z } from "zod";
import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  type AuditAction,
  type AuditOutcome,
  type AuditSubjectKind,
} from "../../../domain/mod.ts";
import { cursor, filter, instant, limit, type PageQuery, type Parameters, whole } from "./query.ts";

/** Where a stream of changes begins. */
export const eventsQuery: Parameters<
  { readonly since?: string | undefined; readonly poll?: "1" | undefined }
> = z.strictObject({
  since: z.string().regex(/^\d{1,15}$/).optional().meta({ description: "the id of the last event that was seen" }),
  poll: z.literal("1").optional().meta({ description: "what there is now, and no more" }),
});

/** What is looked at beside the usual. */
export const doctorQuery: Parameters<{ readonly sizes?: "1" | undefined }> = z.strictObject({
  sizes: z.literal("1").optional().meta({
    description: "the largest tables and indexes too; reads all of a SQLite file",
  }),
});

/** Which users are listed. */
export const usersQuery: Parameters<PageQuery & { readonly name?: string | undefined }> = z.strictObject({
  name: z.string().min(1).max(200).optional().meta({ description: "the user with this name, in any case" }),
  limit,
  cursor,
});

/** Which events of the audit list are listed. */
export interface AuditListQuery extends PageQuery {
  /** A filter of the audit list. */
  readonly filter?: string | undefined;
  /** The name of the actor, exactly. */
  readonly actor?: string | undefined;
  /** What was done, or tried. */
  readonly action?: AuditAction | undefined;
  /** What it is about. */
  readonly subject?: AuditSubjectKind | undefined;
  /** The id of the subject. */
  readonly subject_id?: number | undefined;
  /** What became of it. */
  readonly outcome?: AuditOutcome | undefined;
  /** Not before this instant. */
  readonly since?: string | undefined;
  /** Before this instant. */
  readonly until?: string | undefined;
}

/** Which events of the audit list are listed. */
export const auditQuery: Parameters<AuditListQuery> = z.strictObject({
  filter: filter("actor:alice action:jobs.edit since:24h"),
  actor: z.string().max(200).optional().meta({ description: "the name of who acted, exactly" }),
  action: z.enum(AUDIT_ACTIONS).optional(),
  subject: z.enum(AUDIT_SUBJECT_KINDS).optional(),
  subject_id: whole(1, Number.MAX_SAFE_INTEGER, "the id of the subject; it goes with subject"),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  since: instant,
  until: instant,
  limit,
  cursor,
});

/** Which incidents are listed. */
export interface IncidentsQuery extends PageQuery {
  /** Open or closed ones. */
  readonly state?: "open" | "closed" | undefined;
  /** Of one job. */
  readonly job_id?: number | undefined;
}

/** Which incidents are listed. */
export const incidentsQuery: Parameters<IncidentsQuery> = z.strictObject({
  state: z.enum(["open", "closed"]).optional().meta({ description: "absent: both" }),
  job_id: whole(1, Number.MAX_SAFE_INTEGER, "the id of a job"),
  limit,
  cursor,
});

/** Which alert rules are listed. */
export interface AlertRulesQuery {
  /** Those that cover this job. */
  readonly job_id?: number | undefined;
}

/** Which alert rules are listed. */
export const alertRulesQuery: Parameters<AlertRulesQuery> = z.strictObject({
  job_id: whole(1, Number.MAX_SAFE_INTEGER, "the id of a job; absent: all rules"),
});
