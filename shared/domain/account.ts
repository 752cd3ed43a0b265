/**
 * Accounts, the sessions of those who signed in, and API tokens.
 *
 * @module
 */
import { positive } from "./_positive.ts";
import { type Brand, type EpochMs, epochMs } from "./brand.ts";
import type { Permission } from "./permission.ts";

/** Id of a row in `users`. */
export type UserId = Brand<number, "UserId">;

/** Id of a row in `sessions`. It names a session in lists and is no secret. */
export type SessionId = Brand<number, "SessionId">;

/** Id of a row in `api_tokens`. It names a token in lists and is no secret. */
export type ApiTokenId = Brand<number, "ApiTokenId">;

/** The user id `value`. @throws {RangeError} when it is not a positive whole number. */
export function userId(value: number): UserId {
  return positive(value, "user") as UserId;
}

/** The session id `value`. @throws {RangeError} when it is not a positive whole number. */
export function sessionId(value: number): SessionId {
  return positive(value, "session") as SessionId;
}

/** The token id `value`. @throws {RangeError} when it is not a positive whole number. */
export function apiTokenId(value: number): ApiTokenId {
  return positive(value, "token") as ApiTokenId;
}

/** Roles, each with all rights of those before it: look; run, cancel and pause jobs; edit jobs; users, tokens and settings. */
export const ROLES = ["viewer", "operator", "editor", "admin"] as const;

/** One of {@linkcode ROLES}. */
export type Role = typeof ROLES[number];

/** A role on the jobs of one label. */
export interface Grant {
  /** As `parseLabels()` makes it. */
  readonly label: string;
  /** The role on the jobs of the label. */
  readonly role: Role;
}

/** What the people of one group of an identity provider may do. */
export interface GroupRole {
  /** The group, as the provider spells it. */
  readonly group: string;
  /** Their role. */
  readonly role: Role;
  /** On the jobs of this label, as `parseLabels()` makes it; null: on everything. */
  readonly label: string | null;
}

/** Most grants of a user. */
export const MAX_GRANTS = 100;

/** By what an identity provider knows a user: OpenID Connect promises that the two together name one person for good. */
export interface ExternalId {
  /** The address of the identity provider. */
  readonly issuer: string;
  /** What the provider calls the user. */
  readonly subject: string;
}

/** An account: a person, or a service account that programs act as. */
export interface User {
  /** Names it in lists; no secret. */
  readonly id: UserId;
  /** As `parseUserName()` makes it; no other user has it, in any case. */
  readonly name: string;
  /** The role on everything; null: only the grants count. */
  readonly role: Role | null;
  /** Roles by label, sorted by label, each label once. */
  readonly grants: readonly Grant[];
  /** A service account never signs in: it has no password and acts by its tokens only. */
  readonly isService: boolean;
  /** A disabled user can do nothing, neither by a session nor by a token. */
  readonly isDisabled: boolean;
  /** Whether a password lets this user in. */
  readonly hasPassword: boolean;
  /** Null: no identity provider has signed this user in. */
  readonly externalId: ExternalId | null;
  /** When it was made. */
  readonly createdAt: EpochMs;
  /** When it was last changed. */
  readonly updatedAt: EpochMs;
}

/** Whether `user` counts as an administrator: service accounts do not, because nobody can sign in as one. */
export function isActiveAdmin(
  { role, isService, isDisabled }: Pick<User, "role" | "isService" | "isDisabled">,
): boolean {
  return role === "admin" && !isService && !isDisabled;
}

/** How a session began: by a password, the printed address, a header of a named proxy, or an identity provider. */
export const SESSION_METHODS = ["password", "local", "proxy", "oidc"] as const;

/** One of {@linkcode SESSION_METHODS}. */
export type SessionMethod = typeof SESSION_METHODS[number];

/** How long a session may be unused: 8 hours. */
export const SESSION_IDLE_MS: number = 8 * 3_600_000;

/** How long a session lasts at most, used or not: 7 days. */
export const SESSION_LIFE_MS: number = 7 * 86_400_000;

/** How old a recorded use may be before it is written again: a minute, so that reading pages writes next to nothing. */
export const TOUCH_EVERY_MS = 60_000;

/** A browser that is signed in. Its secret is known to the browser alone. */
export interface Session {
  /** Names it in lists; no secret. */
  readonly id: SessionId;
  /** Whose it is. */
  readonly userId: UserId;
  /** When it was made. */
  readonly createdAt: EpochMs;
  /** At most {@linkcode TOUCH_EVERY_MS} old while the session is in use. */
  readonly lastSeenAt: EpochMs;
  /** When it ends whatever happens. Unused, it ends earlier: {@linkcode endOfSession}. */
  readonly expiresAt: EpochMs;
  /** Where it began. */
  readonly address: string;
  /** What the browser calls itself, cut to 200 characters. */
  readonly userAgent: string;
  /** How it began. */
  readonly method: SessionMethod;
}

/** When `session` ends unless it is used. */
export function endOfSession({ lastSeenAt, expiresAt }: Pick<Session, "lastSeenAt" | "expiresAt">): EpochMs {
  return epochMs(Math.min(expiresAt, lastSeenAt + SESSION_IDLE_MS));
}

/** Most API tokens of a user that are in force: neither revoked nor expired. */
export const MAX_TOKENS = 50;

/** A secret by which a program acts as a user. The secret itself is shown once and not kept. */
export interface ApiToken {
  /** Names it in lists; no secret. */
  readonly id: ApiTokenId;
  /** Whose it is. */
  readonly userId: UserId;
  /** What people call it. */
  readonly name: string;
  /** The first characters of the secret, by which people recognise it: `jtp_x3Kf`. */
  readonly prefix: string;
  /** What it may do at most; the user's role is a limit as well. */
  readonly scopes: readonly Permission[];
  /** It reaches only jobs that have one of these labels, and nothing that is not a job; null: no such limit. */
  readonly labels: readonly string[] | null;
  /** Null: it does not expire. */
  readonly expiresAt: EpochMs | null;
  /** When it was last used, to the minute; null: never. */
  readonly lastUsedAt: EpochMs | null;
  /** When it was made. */
  readonly createdAt: EpochMs;
  /** When it was revoked; null: it was not. */
  readonly revokedAt: EpochMs | null;
}

/** A counter of failed sign-ins at one place; `shared/access` decides by it. */
export interface GuessCounter {
  /** Failed attempts that were not forgotten at `failedAt`. */
  readonly failures: number;
  /** When the last one began; null: none is remembered. */
  readonly failedAt: EpochMs | null;
  /** When somebody last signed in here; null: never, as far as is remembered. */
  readonly succeededAt: EpochMs | null;
  /** From then on it says nothing that no counter would not say. */
  readonly keepUntil: EpochMs;
}

/** Counters by name. */
export type GuessCounters = ReadonlyMap<string, GuessCounter>;
