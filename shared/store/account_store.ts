/**
 * The part of the store's contract that keeps accounts: users, sessions, API tokens, and counters of failed sign-ins. Secrets come
 * in and go out as hashes alone.
 *
 * It is authoritative for four things that no caller can check without a race: a name belongs to one user; one active
 * administrator stays; the printed address makes no account once there is an administrator; a session begins only for a user who is
 * still who signed in.
 *
 * @module
 */
import type {
  ApiToken,
  ApiTokenId,
  EpochMs,
  ExternalId,
  Grant,
  GuessCounters,
  Permission,
  Role,
  Session,
  SessionId,
  SessionMethod,
  User,
  UserId,
} from "../domain/mod.ts";
import type { By } from "./by.ts";
import type { Page } from "./page.ts";

/** What a new user is. */
export interface NewUser {
  /** As `parseUserName()` makes it. */
  readonly name: string;
  /** The role on everything; null: only the grants count. */
  readonly role: Role | null;
  /** Roles by label, sorted by label, each label once. */
  readonly grants: readonly Grant[];
  /** Whether it is a service account. */
  readonly isService: boolean;
  /** Null: no password lets them in. */
  readonly passwordHash: string | null;
  /** By what an identity provider knows the user; null: none does. */
  readonly externalId: ExternalId | null;
}

/** A change of a user; absent fields stay as they are. */
export interface UserChange {
  /** The role on everything; null: only the grants count. */
  readonly role?: Role | null;
  /** Roles by label, sorted by label, each label once. */
  readonly grants?: readonly Grant[];
  /** To disable a user ends all their sessions. */
  readonly isDisabled?: boolean;
  /** A new password, or none any more, ends all their sessions but `keepSession`. */
  readonly passwordHash?: string | null;
  /** The hash that the old password was checked against; absent: no password was. */
  readonly ifPasswordHash?: string;
  /** The session in which a user changes their own password. */
  readonly keepSession?: SessionId;
  /** By what an identity provider knows the user; null: none does. */
  readonly externalId?: ExternalId | null;
}

/** A user and what their password is checked against. */
export interface Credentials {
  /** The user. */
  readonly user: User;
  /** Null: no password lets them in. */
  readonly passwordHash: string | null;
}

/** Users and service accounts. */
export interface UserStore {
  /**
   * Makes a user or a service account.
   * @throws {Invalid} when another user has the name, in any case, or the external id; its problem is of the field `name` or
   * `externalId`, with the code `taken`. @throws {Conflict} when the actor is the local administrator and there is an active
   * administrator already, also one whom somebody makes at the same time in the same way.
   */
  create(user: NewUser, by: By): Promise<User>;
  /** The one with this id; null: there is none. */
  get(id: UserId): Promise<User | null>;
  /** The user with this name, in any case. */
  findByName(name: string): Promise<User | null>;
  /** The user whom an identity provider knows by this. */
  findByExternal(id: ExternalId): Promise<User | null>;
  /** By name, in lower case. */
  list(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<User>>;
  /** Whether there is an active administrator: `isActiveAdmin()`. */
  hasAdmin(): Promise<boolean>;
  /** As {@linkcode findByName}, with the hash of the password. */
  credentials(name: string): Promise<Credentials | null>;
  /**
   * Changes a user. @throws {NotFound} @throws {Conflict} when no active administrator would be left, or the user meanwhile got
   * another password than `ifPasswordHash`.
   * @throws {Invalid} when another user has the external id; its problem is of the field `externalId`.
   */
  update(id: UserId, change: UserChange, by: By): Promise<User>;
  /** Keeps the same password as another hash, unless it has been changed meanwhile. No session ends by it. */
  rehash(id: UserId, hash: { readonly from: string; readonly to: string }): Promise<void>;
}

/** Who signed in where. */
export interface NewSession {
  /** Whose it is. */
  readonly userId: UserId;
  /** As `hashOf()` of `shared/access` makes it. */
  readonly secretHash: string;
  /** How the user signed in. */
  readonly method: SessionMethod;
  /** From where. */
  readonly address: string;
  /** What the browser calls itself. */
  readonly userAgent: string;
  /** The hash that the password was checked against; null: no password was. */
  readonly passwordHash: string | null;
}

/** Sessions. One that is idle for longer than `SESSION_IDLE_MS`, older than `SESSION_LIFE_MS`, or of a disabled user is over. */
export interface SessionStore {
  /** Begins a session; the actor is the user. Null: meanwhile the user was disabled or got another password. */
  begin(session: NewSession, by: By): Promise<Session | null>;
  /** The session of this secret and its user; null: there is none, or it is over. */
  find(secretHash: string, now: EpochMs): Promise<{ readonly session: Session; readonly user: User } | null>;
  /** Notes that a session is in use; what was noted within `TOUCH_EVERY_MS` stays. */
  touch(id: SessionId, now: EpochMs): Promise<void>;
  /** The sessions of a user that are not over, newest first. */
  list(userId: UserId, now: EpochMs): Promise<readonly Session[]>;
  /** Ends a session of this user. False: the user has no such session. */
  revoke(session: { readonly userId: UserId; readonly id: SessionId }, by: By): Promise<boolean>;
  /** Ends all sessions of a user, but `except`. Answers how many. */
  revokeAll(userId: UserId, by: By, except?: SessionId): Promise<number>;
  /** Deletes up to `limit` sessions that are over. Answers how many. */
  prune(pass: { readonly now: EpochMs; readonly limit: number }): Promise<number>;
}

/** What a new token is. */
export interface NewApiToken {
  /** Whose it is. */
  readonly userId: UserId;
  /** As `hashOf()` of `shared/access` makes it. */
  readonly tokenHash: string;
  /** What people call it. */
  readonly name: string;
  /** The first characters of the secret. */
  readonly prefix: string;
  /** What it may do at most. */
  readonly scopes: readonly Permission[];
  /** The labels of the jobs that it reaches; null: no such limit. */
  readonly labels: readonly string[] | null;
  /** When it ends; null: it does not expire. */
  readonly expiresAt: EpochMs | null;
}

/** API tokens. */
export interface ApiTokenStore {
  /** Makes a token. @throws {NotFound} when there is no such user. @throws {Invalid} when `MAX_TOKENS` of the user are in force. */
  create(token: NewApiToken, by: By): Promise<ApiToken>;
  /** The one with this id; null: there is none. */
  get(id: ApiTokenId): Promise<ApiToken | null>;
  /** The token of this secret and its user; null: there is none, it was revoked, it has expired, or its user is disabled. */
  find(tokenHash: string, now: EpochMs): Promise<{ readonly token: ApiToken; readonly user: User } | null>;
  /** The token of this secret, whether or not it still does anything; null: there is none. */
  findAny(tokenHash: string): Promise<ApiToken | null>;
  /** Notes that a token is in use; what was noted within `TOUCH_EVERY_MS` stays. */
  touch(id: ApiTokenId, now: EpochMs): Promise<void>;
  /** Newest first, revoked and expired ones included; with `userId` only those of that user. */
  list(
    query: { readonly userId?: UserId; readonly cursor?: string; readonly limit: number },
  ): Promise<Page<ApiToken>>;
  /** Revokes a token of this user. False: the user has no such token, or it was revoked already. */
  revoke(token: { readonly userId: UserId; readonly id: ApiTokenId }, by: By): Promise<boolean>;
  /** Deletes up to `limit` tokens that were revoked or have expired before `before`. Answers how many. */
  prune(pass: { readonly before: EpochMs; readonly limit: number }): Promise<number>;
}

/** Counters of failed sign-ins, by name. */
export interface GuessStore {
  /** Those of `names` that there are. */
  read(names: readonly string[]): Promise<GuessCounters>;
  /**
   * Reads the counters of `names` and writes what `decide` makes of them, as one step: two at once see one another. `decide` may be
   * called more than once.
   */
  change<Answer>(
    names: readonly string[],
    decide: (known: GuessCounters) => { readonly answer: Answer; readonly changed: GuessCounters },
  ): Promise<Answer>;
  /** Deletes up to `limit` counters that nobody needs any more. Answers how many. */
  prune(pass: { readonly now: EpochMs; readonly limit: number }): Promise<number>;
}
