/**
 * What programs are shown of users, of their tokens, and of what they did.
 *
 * @module
 */
import { z } from "zod";
import {
  ACTOR_KINDS,
  AUDIT_ACTIONS,
  AUDIT_FAULTS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  PERMISSIONS,
  ROLES,
  SESSION_METHODS,
} from "../../../domain/mod.ts";
import { count, id, instant, pageOf, texts } from "./_values.ts";

const grants = z.array(z.strictObject({ label: z.string(), role: z.enum(ROLES) }));

const user = z.strictObject({
  id,
  name: z.string(),
  role: z.enum(ROLES).nullable(),
  grants,
  is_service: z.boolean(),
  is_disabled: z.boolean(),
  has_password: z.boolean(),
  external_id: z.strictObject({ issuer: z.string(), subject: z.string() }).nullable(),
  created_at: instant,
  updated_at: instant,
});

const token = z.strictObject({
  id,
  user_id: id,
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(PERMISSIONS)),
  labels: texts.nullable(),
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
  created_at: instant,
  revoked_at: instant.nullable(),
});

const session = z.strictObject({
  id,
  user_id: id,
  method: z.enum(SESSION_METHODS),
  address: z.string(),
  user_agent: z.string(),
  created_at: instant,
  last_seen_at: instant,
  expires_at: instant,
});

const auditEvent = z.strictObject({
  id,
  at: instant,
  actor: z.strictObject({
    kind: z.enum(ACTOR_KINDS),
    name: z.string(),
    user_id: id.nullable(),
    token_id: id.nullable(),
  }).nullable(),
  address: z.string().nullable(),
  request_id: z.string().nullable(),
  action: z.enum(AUDIT_ACTIONS),
  subject: z.strictObject({ kind: z.enum(AUDIT_SUBJECT_KINDS), id: id.nullable(), name: z.string().nullable() }),
  outcome: z.enum(AUDIT_OUTCOMES),
  reason: z.string().nullable(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  previous_hash: z.string(),
  hash: z.string(),
});

const auditVerdict = z.discriminatedUnion("is_intact", [
  z.strictObject({
    is_intact: z.literal(true),
    events: count,
    last: z.strictObject({ id, hash: z.string() }).nullable(),
  }),
  z.strictObject({ is_intact: z.literal(false), id, fault: z.enum(AUDIT_FAULTS) }),
]);

/** The names of these schemas. */
export type AccountName =
  | "Me"
  | "User"
  | "UserPage"
  | "Token"
  | "TokenPage"
  | "NewToken"
  | "Session"
  | "Sessions"
  | "SessionsEnded"
  | "AuditEvent"
  | "AuditPage"
  | "AuditVerdict";

/** The schemas, by their names. */
export const ACCOUNT_SHOWN: Readonly<Record<AccountName, z.ZodType>> = {
  Me: z.strictObject({
    actor: z.strictObject({ kind: z.enum(ACTOR_KINDS), name: z.string() }),
    user: user.nullable(),
    token: token.nullable(),
    permissions: z.array(z.enum(PERMISSIONS)),
    time: instant,
  }),
  User: user,
  UserPage: pageOf(user),
  Token: token,
  TokenPage: pageOf(token),
  NewToken: token.extend({ secret: z.string() }),
  Session: session,
  Sessions: z.strictObject({ items: z.array(session) }),
  SessionsEnded: z.strictObject({ ended: z.int().min(0) }),
  AuditEvent: auditEvent,
  AuditPage: pageOf(auditEvent),
  AuditVerdict: auditVerdict,
};
