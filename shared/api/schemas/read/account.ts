import { z } from "zod";
import {
  ACTOR_KINDS,
  type ActorKind,
  type ApiToken,
  apiTokenId,
  AUDIT_ACTIONS,
  AUDIT_FAULTS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  type AuditEvent,
  auditEventId,
  type AuditVerdict,
  type EpochMs,
  type Permission,
  PERMISSIONS,
  ROLES,
  type Session,
  SESSION_METHODS,
  sessionId,
  type User,
  userId,
} from "../../../domain/mod.ts";
import { instant, pageOf, texts } from "./_values.ts";

const idOfUser = z.int().min(1).transform(userId);
const idOfToken = z.int().min(1).transform(apiTokenId);

/** Reads what `userForm()` made. */
export const readUser: z.ZodType<User> = z.object({
  id: idOfUser,
  name: z.string(),
  role: z.enum(ROLES).nullable(),
  grants: z.array(z.object({ label: z.string(), role: z.enum(ROLES) })),
  is_service: z.boolean(),
  is_disabled: z.boolean(),
  has_password: z.boolean(),
  external_id: z.object({ issuer: z.string(), subject: z.string() }).nullable(),
  created_at: instant,
  updated_at: instant,
}).transform((form) => ({
  id: form.id,
  name: form.name,
  role: form.role,
  grants: form.grants,
  isService: form.is_service,
  isDisabled: form.is_disabled,
  hasPassword: form.has_password,
  externalId: form.external_id,
  createdAt: form.created_at,
  updatedAt: form.updated_at,
}));

/** Reads a page of users. */
export const readUserPage: z.ZodType<{ readonly items: readonly User[]; readonly next: string | null }> = pageOf(
  readUser,
);

/** Reads what `tokenForm()` made. */
export const readToken: z.ZodType<ApiToken> = z.object({
  id: idOfToken,
  user_id: idOfUser,
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(PERMISSIONS)),
  labels: texts.nullable(),
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
  created_at: instant,
  revoked_at: instant.nullable(),
}).transform((form) => ({
  id: form.id,
  userId: form.user_id,
  name: form.name,
  prefix: form.prefix,
  scopes: form.scopes,
  labels: form.labels,
  expiresAt: form.expires_at,
  lastUsedAt: form.last_used_at,
  createdAt: form.created_at,
  revokedAt: form.revoked_at,
}));

/** Reads the sessions of a user. */
export const readSessions: z.ZodType<readonly Session[]> = z.object({
  items: z.array(
    z.object({
      id: z.int().min(1).transform(sessionId),
      user_id: idOfUser,
      method: z.enum(SESSION_METHODS),
      address: z.string(),
      user_agent: z.string(),
      created_at: instant,
      last_seen_at: instant,
      expires_at: instant,
    }).transform((form) => ({
      id: form.id,
      userId: form.user_id,
      method: form.method,
      address: form.address,
      userAgent: form.user_agent,
      createdAt: form.created_at,
      lastSeenAt: form.last_seen_at,
      expiresAt: form.expires_at,
    })),
  ),
}).transform(({ items }) => items);

/** Reads how many sessions were ended. */
export const readSessionsEnded: z.ZodType<number> = z.object({ ended: z.int() }).transform(({ ended }) => ended);

/** Who asks, what they may do, and when it is. */
export interface Me {
  /** Who asks, as a history names them. */
  readonly actor: { readonly kind: ActorKind; readonly name: string };
  /** Null: the local administrator, while there is no account. */
  readonly user: User | null;
  /** The token that was sent; null: none. */
  readonly token: ApiToken | null;
  /** What they may do on anything at all. */
  readonly permissions: readonly Permission[];
  /** The database's time. */
  readonly time: EpochMs;
}

/** Reads who asks. */
export const readMe: z.ZodType<Me> = z.object({
  actor: z.object({ kind: z.enum(ACTOR_KINDS), name: z.string() }),
  user: readUser.nullable(),
  token: readToken.nullable(),
  permissions: z.array(z.enum(PERMISSIONS)),
  time: instant,
});

const auditFacts = z.record(z.string(), z.json()).nullable();

const auditEvent: z.ZodType<AuditEvent> = z.object({
  id: z.int().min(1).transform(auditEventId),
  at: instant,
  actor: z.object({
    kind: z.enum(ACTOR_KINDS),
    name: z.string(),
    user_id: idOfUser.nullable(),
    token_id: idOfToken.nullable(),
  }).nullable(),
  address: z.string().nullable(),
  request_id: z.string().nullable(),
  action: z.enum(AUDIT_ACTIONS),
  subject: z.object({ kind: z.enum(AUDIT_SUBJECT_KINDS), id: z.int().nullable(), name: z.string().nullable() }),
  outcome: z.enum(AUDIT_OUTCOMES),
  reason: z.string().nullable(),
  before: auditFacts,
  after: auditFacts,
  previous_hash: z.string(),
  hash: z.string(),
}).transform(({ actor, address, request_id: requestId, previous_hash: previousHash, ...form }) => ({
  ...form,
  actor: actor === null ? null : { kind: actor.kind, name: actor.name, userId: actor.user_id, tokenId: actor.token_id },
  origin: { address, requestId },
  previousHash,
}));

/** Reads a page of what `auditForm()` made. */
export const readAuditPage: z.ZodType<{ readonly items: readonly AuditEvent[]; readonly next: string | null }> = pageOf(
  auditEvent,
);

/** Reads what `auditVerdictForm()` made. */
export const readAuditVerdict: z.ZodType<AuditVerdict> = z.discriminatedUnion("is_intact", [
  z.object({
    is_intact: z.literal(true),
    events: z.number(),
    last: z.object({ id: z.int(), hash: z.string() }).nullable(),
  }).transform(({ is_intact: isIntact, events, last }) => ({ isIntact, events, last })),
  z.object({ is_intact: z.literal(false), id: z.int(), fault: z.enum(AUDIT_FAULTS) })
    .transform(({ is_intact: isIntact, id, fault }) => ({ isIntact, id, fault })),
]);
