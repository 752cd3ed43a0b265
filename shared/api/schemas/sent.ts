/**
 * What programs send as bodies.
 *
 * @module
 */
import { z } from "zod";
import {
  BULK_KINDS,
  type BulkKind,
  type Grant,
  JOB_STATES,
  type JobState,
  MAX_GRANTS,
  MAX_PER_MINUTE,
  type Permission,
  PERMISSIONS,
  type Role,
  ROLES,
  USUAL_PER_MINUTE,
  WEBHOOK_KINDS,
  type WebhookKind,
} from "../../domain/mod.ts";
import { FILTER_MAX } from "../filter.ts";
import { NOTE_MAX } from "../input.ts";
import { MAX_AT_ONCE } from "../job_fields.ts";
import { MAX_WEBHOOK_ARGS } from "../webhook_arguments.ts";
import { definition, newJob } from "./definition.ts";

/** A pause of a job. */
export interface SentPause {
  /** Why. */
  readonly note?: string | null | undefined;
  /** Whether its waiting runs are cancelled; absent: they are not. */
  readonly cancel_waiting?: boolean | undefined;
}

/** A run of a job. */
export interface SentRun {
  /** In place of the job's; null or absent: the job's. */
  readonly args?: readonly string[] | null | undefined;
  /** Whether it runs beside earlier runs that have not ended; absent: the overlap policy decides. */
  readonly force?: boolean | undefined;
}

/** A backfill of a job. */
export interface SentBackfill {
  /** The start of the range. */
  readonly from: string;
  /** The end of the range, which counts. */
  readonly to: string;
  /** How many of its runs may run at once; absent: one. */
  readonly at_once?: number | undefined;
}

/** A new user. */
export interface SentUser {
  /** Of its own, in any case. */
  readonly name: string;
  /** On everything; null: only the grants count. */
  readonly role: Role | null;
  /** Roles by label; absent: none. */
  readonly grants?: readonly Grant[] | undefined;
  /** Absent: no password lets them in. */
  readonly password?: string | undefined;
  /** Whether it is a service account; absent: it is not. */
  readonly is_service?: boolean | undefined;
}

/** A new API token. */
export interface SentToken {
  /** What people call it. */
  readonly name: string;
  /** What it may do at most. */
  readonly scopes: readonly Permission[];
  /** The labels of the jobs that it reaches; null or absent: no such limit. */
  readonly labels?: readonly string[] | null | undefined;
  /** When it ends; null or absent: it does not expire. */
  readonly expires_at?: string | null | undefined;
}

const grants: z.ZodType<readonly Grant[]> = z.array(z.strictObject({ label: z.string(), role: z.enum(ROLES) }))
  .max(MAX_GRANTS);
const role: z.ZodType<Role | null> = z.enum(ROLES).nullable();
const texts = z.array(z.string());

/** A body that programs send. */
export interface Sent<Body> {
  /** As the OpenAPI document names it. */
  readonly name: string;
  /** Reads it. */
  readonly schema: z.ZodType<Body>;
}

/** Most ids of one change, as a list takes. */
const MOST_BULK_IDS = 200;

/** No body, or an empty object. */
export const noBody: Sent<Readonly<Record<string, never>>> = { name: "Nothing", schema: z.strictObject({}) };

/** The definition of a job. */
export const sentJob: Sent<Readonly<Record<string, unknown>>> = { name: "JobDefinition", schema: definition };

/** The definition of a new job, and how it begins. */
export const sentNewJob: Sent<Readonly<Record<string, unknown>>> = { name: "NewJob", schema: newJob };

/** A pause of a job. */
export const sentPause: Sent<SentPause> = {
  name: "PauseRequest",
  schema: z.strictObject({
    note: z.string().max(NOTE_MAX).nullish().meta({ description: "why" }),
    cancel_waiting: z.boolean().optional().meta({
      description: "whether its waiting runs are cancelled with the pause",
    }),
  }),
};

/** A view of the list of jobs to keep. */
export interface SentView {
  /** What it is called. */
  readonly name: string;
  /** A filter of jobs. */
  readonly filter?: string | undefined;
  /** In this state. */
  readonly state?: JobState | undefined;
  /** The order, as the portal's address has it. */
  readonly sort?: string | undefined;
}

/** A view of the list of jobs to keep. */
export const sentView: Sent<SentView> = {
  name: "ViewRequest",
  schema: z.strictObject({
    name: z.string(),
    filter: z.string().max(FILTER_MAX).optional().meta({ description: "such as label:nightly; see docs/filters.md" }),
    state: z.enum(JOB_STATES).optional(),
    sort: z.enum(["worst", "name", "nextRun", "lastRun", "id"]).optional(),
  }),
};

/** A change of many jobs. */
export interface SentBulk {
  /** What becomes of them. */
  readonly action: BulkKind;
  /** Their ids. */
  readonly jobs?: readonly number[] | undefined;
  /** A filter that names them. */
  readonly filter?: string | undefined;
  /** Why they are paused. */
  readonly note?: string | null | undefined;
  /** Whether their waiting runs are cancelled with the pause. */
  readonly cancel_waiting?: boolean | undefined;
  /** Labels that they get. */
  readonly add?: readonly string[] | undefined;
  /** Labels that they lose. */
  readonly remove?: readonly string[] | undefined;
}

/** A change of many jobs. */
export const sentBulk: Sent<SentBulk> = {
  name: "BulkRequest",
  schema: z.strictObject({
    action: z.enum(BULK_KINDS),
    jobs: z.array(z.int().min(1)).min(1).max(MOST_BULK_IDS).optional().meta({ description: "their ids" }),
    filter: z.string().max(FILTER_MAX).optional().meta({
      description: "in place of ids: all jobs that match, such as label:nightly; see docs/filters.md",
    }),
    note: z.string().max(NOTE_MAX).nullish().meta({ description: "of a pause: why" }),
    cancel_waiting: z.boolean().optional().meta({
      description: "of a pause: whether waiting runs are cancelled with it",
    }),
    add: texts.optional().meta({ description: "of the action label: labels that the jobs get" }),
    remove: texts.optional().meta({ description: "of the action label: labels that the jobs lose" }),
  }),
};

/** A revision of a job to come back. */
export const sentRollback: Sent<{ readonly to: number }> = {
  name: "RollbackRequest",
  schema: z.strictObject({
    to: z.int().min(1).meta({ description: "the revision whose definition comes back" }),
  }),
};

/** A run of a job. */
export const sentRun: Sent<SentRun> = {
  name: "RunRequest",
  schema: z.strictObject({
    args: texts.nullish().meta({ description: "in place of the job's arguments, for this run only" }),
    force: z.boolean().optional().meta({ description: "whether it runs beside earlier runs that have not ended" }),
  }),
};

/** A backfill of a job. */
export const sentBackfill: Sent<SentBackfill> = {
  name: "BackfillRequest",
  schema: z.strictObject({
    from: z.string().max(100).meta({ description: "a day or a time in the job's zone, or ISO 8601; it counts" }),
    to: z.string().max(100).meta({ description: "likewise; a day or a minute counts whole" }),
    at_once: z.int().min(1).max(MAX_AT_ONCE).optional().meta({ description: "how many of its runs may run at once" }),
  }),
};

/** A new user. */
export const sentUser: Sent<SentUser> = {
  name: "UserRequest",
  schema: z.strictObject({
    name: z.string(),
    role,
    grants: grants.optional(),
    password: z.string().optional(),
    is_service: z.boolean().optional(),
  }),
};

/** Other rights of a user. */
export const sentRole: Sent<{ readonly role: Role | null; readonly grants?: readonly Grant[] | undefined }> = {
  name: "RoleRequest",
  schema: z.strictObject({ role, grants: grants.optional() }),
};

/** Another password of a user. */
export const sentPassword: Sent<{ readonly password: string }> = {
  name: "PasswordRequest",
  schema: z.strictObject({ password: z.string() }),
};

/** By what an identity provider knows a user. */
export const sentExternalId: Sent<{ readonly issuer: string; readonly subject: string }> = {
  name: "ExternalIdRequest",
  schema: z.strictObject({ issuer: z.string(), subject: z.string() }),
};

/** A new API token. */
export const sentToken: Sent<SentToken> = {
  name: "TokenRequest",
  schema: z.strictObject({
    name: z.string(),
    scopes: z.array(z.enum(PERMISSIONS)).min(1),
    labels: texts.nullish().meta({ description: "it reaches only jobs that have one of these" }),
    expires_at: z.iso.datetime({ offset: true }).nullish(),
  }),
};

const webhookArgs = texts.max(MAX_WEBHOOK_ARGS).optional().meta({
  description: "an entry for each argument, such as =--quiet or /ref string; empty: the job's own arguments",
});
const perMinute = z.int().min(1).max(MAX_PER_MINUTE).optional().meta({
  description: `most deliveries a minute; absent: ${USUAL_PER_MINUTE}`,
});

/** A new webhook. */
export interface SentWebhook {
  /** What people call it. */
  readonly name: string;
  /** How its senders prove who they are; absent: by a token. */
  readonly kind?: WebhookKind | undefined;
  /** The arguments of its runs. */
  readonly args?: readonly string[] | undefined;
  /** Most deliveries a minute. */
  readonly per_minute?: number | undefined;
}

/** A new webhook. */
export const sentWebhook: Sent<SentWebhook> = {
  name: "WebhookRequest",
  schema: z.strictObject({
    name: z.string(),
    kind: z.enum(WEBHOOK_KINDS).optional().meta({ description: "absent: token" }),
    args: webhookArgs,
    per_minute: perMinute,
  }),
};

/** A change of a webhook; absent fields stay as they are. */
export interface SentWebhookChange extends Omit<SentWebhook, "kind" | "name"> {
  /** What people call it. */
  readonly name?: string | undefined;
  /** Whether it takes deliveries. */
  readonly is_enabled?: boolean | undefined;
}

/** A change of a webhook. */
export const sentWebhookChange: Sent<SentWebhookChange> = {
  name: "WebhookChange",
  schema: z.strictObject({
    name: z.string().optional(),
    args: webhookArgs,
    per_minute: perMinute,
    is_enabled: z.boolean().optional().meta({ description: "a disabled webhook answers like one that is not there" }),
  }),
};

/** All bodies. */
export const SENT: readonly Sent<unknown>[] = [
  sentJob,
  sentNewJob,
  sentPause,
  sentBulk,
  sentView,
  sentRollback,
  sentRun,
  sentBackfill,
  sentUser,
  sentRole,
  sentPassword,
  sentExternalId,
  sentToken,
  sentWebhook,
  sentWebhookChange,
];
