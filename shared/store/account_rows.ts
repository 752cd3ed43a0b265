/**
 * Rows of `users`, `sessions`, `api_tokens` and `guess_counters`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import {
  type ApiToken,
  apiTokenId,
  type GuessCounter,
  isActiveAdmin,
  isPermission,
  ROLES,
  type Session,
  SESSION_METHODS,
  sessionId,
  type User,
  userId,
} from "../domain/mod.ts";
import { parseTexts } from "./json.ts";
import { passwordChanged } from "./refusals.ts";
import { flag, instant, type Row } from "./rows.ts";
import type { Credentials, UserChange } from "./account_store.ts";

const grants = z.array(z.object({ label: z.string(), role: z.enum(ROLES) }));

const userRow = z.object({
  id: z.number().transform(userId),
  name: z.string(),
  role: z.enum(ROLES).nullable(),
  grants: z.string().transform((json) => grants.parse(JSON.parse(json))),
  is_service: flag,
  is_disabled: flag,
  password_hash: z.string().nullable(),
  issuer: z.string().nullable(),
  subject: z.string().nullable(),
  created_at: instant,
  updated_at: instant,
});

/** A row of `users`. */
export function toUser(row: Row): User {
  return toCredentials(row).user;
}

/** A row of `users`, with the hash of the password. */
export function toCredentials(row: Row): Credentials {
  const r = userRow.parse(row);
  const user = {
    id: r.id,
    name: r.name,
    role: r.role,
    grants: r.grants,
    isService: r.is_service,
    isDisabled: r.is_disabled,
    hasPassword: r.password_hash !== null,
    externalId: r.issuer === null || r.subject === null ? null : { issuer: r.issuer, subject: r.subject },
    createdAt: r.created_at,
    updatedAt: r.updated_at,
  };
  return { user, passwordHash: r.password_hash };
}

/** What {@linkcode toSession} takes of `sessions s`; beside the columns of a user nothing has the same name. */
export const SESSION_COLUMNS: string =
  "s.id AS session_id, s.user_id, s.method, s.address, s.user_agent, s.created_at AS begun_at, s.last_seen_at, s.expires_at";

const sessionRow = z.object({
  session_id: z.number().transform(sessionId),
  user_id: z.number().transform(userId),
  method: z.enum(SESSION_METHODS),
  address: z.string(),
  user_agent: z.string(),
  begun_at: instant,
  last_seen_at: instant,
  expires_at: instant,
});

/** A row of `sessions`, by {@linkcode SESSION_COLUMNS}. */
export function toSession(row: Row): Session {
  const r = sessionRow.parse(row);
  return {
    id: r.session_id,
    userId: r.user_id,
    createdAt: r.begun_at,
    lastSeenAt: r.last_seen_at,
    expiresAt: r.expires_at,
    address: r.address,
    userAgent: r.user_agent,
    method: r.method,
  };
}

/** What {@linkcode toApiToken} takes of `api_tokens t`; beside the columns of a user nothing has the same name. */
export const TOKEN_COLUMNS: string =
  "t.id AS token_id, t.user_id, t.name AS token_name, t.prefix, t.scopes, t.labels, t.created_at AS made_at, t.expires_at, " +
  "t.last_used_at, t.revoked_at";

const tokenRow = z.object({
  token_id: z.number().transform(apiTokenId),
  user_id: z.number().transform(userId),
  token_name: z.string(),
  prefix: z.string(),
  // A permission that a later version knows is none here: a token never gets more than was meant.
  scopes: z.string().transform((json) => parseTexts(json).filter(isPermission)),
  labels: z.string().transform(parseTexts).nullable(),
  made_at: instant,
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
});

/** A row of `api_tokens`, by {@linkcode TOKEN_COLUMNS}. */
export function toApiToken(row: Row): ApiToken {
  const r = tokenRow.parse(row);
  return {
    id: r.token_id,
    userId: r.user_id,
    name: r.token_name,
    prefix: r.prefix,
    scopes: r.scopes,
    labels: r.labels,
    expiresAt: r.expires_at,
    lastUsedAt: r.last_used_at,
    createdAt: r.made_at,
    revokedAt: r.revoked_at,
  };
}

const counterRow = z.object({
  name: z.string(),
  failures: z.number(),
  failed_at: instant.nullable(),
  succeeded_at: instant.nullable(),
  keep_until: instant,
});

/** A row of `guess_counters`: its name and the counter. */
export function toGuessCounter(row: Row): [name: string, counter: GuessCounter] {
  const r = counterRow.parse(row);
  return [r.name, {
    failures: r.failures,
    failedAt: r.failed_at,
    succeededAt: r.succeeded_at,
    keepUntil: r.keep_until,
  }];
}

/** What a user is after a change, and what comes of it. */
export interface ChangedUser {
  readonly after: Credentials;
  /** Whether one active administrator fewer is left. */
  readonly losesAdmin: boolean;
  /** Whether sessions end. */
  readonly endsSessions: boolean;
}

/** Works out a change of a user. @throws {Conflict} when the user has another password than the change was made with. */
export function changedUser({ user, passwordHash }: Credentials, change: UserChange): ChangedUser {
  const { ifPasswordHash = passwordHash } = change;
  if (ifPasswordHash !== passwordHash) throw passwordChanged(user);
  const { role = user.role, grants = user.grants, isDisabled = user.isDisabled, externalId = user.externalId } = change;
  const hash = change.passwordHash === undefined ? passwordHash : change.passwordHash;
  const after = { ...user, role, grants, isDisabled, externalId, hasPassword: hash !== null };
  return {
    after: { user: after, passwordHash: hash },
    losesAdmin: isActiveAdmin(user) && !isActiveAdmin(after),
    endsSessions: isDisabled || change.passwordHash !== undefined,
  };
}
