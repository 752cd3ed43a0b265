/**
 * Signing in and out. Whoever asks is not known yet, so nobody acts here but the sessions' own user.
 *
 * Every attempt takes the same way, whether or not there is such a user, the user is disabled or has a password: the limits on
 * guessing count it, one row is read, one hash is computed, and one answer says no. A failure on the way (the database, too many
 * at once) signs nobody in.
 *
 * @module
 */
import {
  beginAttempt,
  type CounterNames,
  countersOf,
  type HashedFor,
  hashOf,
  hashPassword,
  isApiToken,
  isKnownDevice,
  namesOf,
  needsRehash,
  newSecret,
  succeedAttempt,
  verifyPassword,
  withdrawAttempt,
} from "../access/mod.ts";
import {
  type ApiToken,
  Conflict,
  NotFound,
  type Session,
  type SessionId,
  type SessionMethod,
  StoreUnavailable,
  TOUCH_EVERY_MS,
  type User,
  type UserId,
  userNameKey,
} from "../domain/mod.ts";
import { byOf } from "../store/store.ts";
import { authorizeOwn, demandSelf } from "./authorize.ts";
import { type OperationContext, WHOLE } from "./context.ts";
import { assertGoodPassword, getUser, replacePassword, userTargetOf } from "./users.ts";

/** What takes no actor: who acts is what is being found out. */
export type SignInContext = Pick<OperationContext, "store" | "now" | "origin">;

/** From where somebody signs in. */
export interface SignInPlace {
  /** The IP address. */
  readonly address: string;
  /** What the browser calls itself. */
  readonly userAgent: string;
}

/** An attempt to prove a password. */
export interface PasswordAttempt {
  /** What was typed. */
  readonly password: string;
  /** The IP address. */
  readonly address: string;
  /** The secret of the device, as an earlier sign-in gave it to this browser; null: it has none. */
  readonly device: string | null;
}

/** Not yet: too many attempts have failed. */
export interface MustWait {
  /** What became of the attempt. */
  readonly outcome: "wait";
  /** How long to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs: number;
}

/** The name or the password is wrong, or the user is disabled or has no password; the answer does not say which. */
export interface Refused {
  /** What became of the attempt. */
  readonly outcome: "refused";
}

/** A session has begun. */
export interface SignedIn {
  /** What became of the attempt. */
  readonly outcome: "signed_in";
  /** For the cookie of the session: nothing else keeps it. */
  readonly secret: string;
  /** For a cookie that outlives the session, by which this device stays known; null: it has the right one already. */
  readonly device: string | null;
  /** The session that has begun. */
  readonly session: Session;
  /** Who signed in. */
  readonly user: User;
}

/** The one sentence for {@linkcode Refused}. */
export const WRONG_SIGN_IN = "The name or the password is wrong";

/** Longest text that is kept of what a browser calls itself. */
const USER_AGENT_MAX = 200;

/** Signs in by name and password. @throws {Busy} when too many do at once; that counts as no attempt. */
export async function signIn(
  context: SignInContext,
  { name, userAgent, ...attempt }: PasswordAttempt & SignInPlace & { readonly name: string },
): Promise<SignedIn | Refused | MustWait> {
  const proof = await prove(context, { name, by: attempt.address }, attempt);
  if (proof.outcome !== "right") return proof;
  const { user, passwordHash, device } = proof;
  const place = { address: attempt.address, userAgent };
  const begun = await begin(context, { user, method: "password", passwordHash, ...place });
  return begun === null ? { outcome: "refused" } : { outcome: "signed_in", ...begun, device, user };
}

/**
 * Begins a session for a user whom something else has made sure of: the printed address, a named proxy, an identity provider. Null:
 * the user is disabled.
 */
export async function beginSession(
  context: SignInContext,
  { user, method, ...place }: SignInPlace & {
    readonly user: User;
    readonly method: Exclude<SessionMethod, "password">;
  },
): Promise<{ readonly secret: string; readonly session: Session } | null> {
  return await begin(context, { user, method, passwordHash: null, ...place });
}

/**
 * A user changes their own password, which takes the old one; all their sessions end but the one in which they do it.
 * @throws {Invalid} that says what is wrong with the new password. @throws {Busy} @throws {Forbidden} where the actor is not
 * signed in as this user.
 */
export async function changeOwnPassword(
  context: OperationContext,
  { id, newPassword, session, ...attempt }: PasswordAttempt & {
    readonly id: UserId;
    readonly newPassword: string;
    readonly session: SessionId;
  },
): Promise<{ readonly outcome: "changed"; readonly user: User } | Refused | MustWait> {
  await demandSelf(context, id, await userTargetOf(context, id));
  const { name } = await getUser(context.store, id);
  // Before the old one: this says nothing about it, and costs nothing.
  assertGoodPassword(newPassword, name);
  const proof = await prove(context, { name, by: null }, attempt);
  if (proof.outcome !== "right") return proof;
  const { passwordHash: ifPasswordHash } = proof;
  try {
    const user = await replacePassword(context, { id, password: newPassword, keepSession: session, ifPasswordHash });
    return { outcome: "changed", user };
  } catch (error) {
    // Meanwhile somebody else gave the user another password: the old one is wrong by now.
    if (error instanceof Conflict) return { outcome: "refused" };
    throw error;
  }
}

/** The session of a cookie and its user, and notes that it is in use; null: there is none, or it is over. */
export async function findSession(
  { store, now }: Pick<SignInContext, "store" | "now">,
  secret: string,
): Promise<{ readonly session: Session; readonly user: User } | null> {
  const found = await store.sessions.find(hashOf(secret), now);
  if (found !== null && now - found.session.lastSeenAt >= TOUCH_EVERY_MS) {
    await noteUse(() => store[WHOLE].sessions.touch(found.session.id, now));
  }
  return found;
}

/** The API token of a request and its user, and notes that it is in use; null: it is none, or does nothing any more. */
export async function findToken(
  { store, now }: Pick<SignInContext, "store" | "now">,
  secret: string,
): Promise<{ readonly token: ApiToken; readonly user: User } | null> {
  if (!isApiToken(secret)) return null;
  const found = await store.tokens.find(hashOf(secret), now);
  if (found !== null && now - (found.token.lastUsedAt ?? -Infinity) >= TOUCH_EVERY_MS) {
    await noteUse(() => store[WHOLE].tokens.touch(found.token.id, now));
  }
  return found;
}

/** Ends the session that somebody is in; one that has ended already stays so. @throws {Forbidden} */
export async function signOut(
  context: OperationContext,
  session: { readonly userId: UserId; readonly id: SessionId },
): Promise<void> {
  const { store } = await ending(context, session);
  await store[WHOLE].sessions.revoke(session, byOf(context));
}

/** Ends a session of a user. @throws {NotFound} when the user has no such session. @throws {Forbidden} */
export async function revokeSession(
  context: OperationContext,
  { userId, id }: { readonly userId: UserId; readonly id: SessionId },
): Promise<void> {
  const { store } = await ending(context, { userId, id });
  if (await store[WHOLE].sessions.revoke({ userId, id }, byOf(context))) return;
  throw new NotFound(`There is no session ${id} of this user`);
}

/** Ends all sessions of a user, but `except`. Answers how many. @throws {Forbidden} */
export async function revokeSessions(
  context: OperationContext,
  { userId, except }: { readonly userId: UserId; readonly except?: SessionId },
): Promise<number> {
  const { store } = await ending(context, { userId });
  return await store[WHOLE].sessions.revokeAll(userId, byOf(context), except);
}

/** Users end their own sessions; whoever edits users ends those of others. @throws {Forbidden} */
async function ending(
  context: OperationContext,
  { userId, id = null }: { readonly userId: UserId; readonly id?: SessionId | null },
): Promise<OperationContext> {
  const { name } = await userTargetOf(context, userId);
  await authorizeOwn(context, userId, "users.edit", { kind: "session", id, name });
  return context;
}

/** A password that was right. */
interface Proof {
  readonly outcome: "right";
  readonly user: User;
  readonly passwordHash: string;
  /** The new secret of the device; null: it was known. */
  readonly device: string | null;
}

/** Checks a password within the limits on guessing; `by` says in whose turn. */
async function prove(
  { store, now, origin }: SignInContext,
  { name, by }: { readonly name: string; readonly by: HashedFor },
  { password, address, device }: PasswordAttempt,
): Promise<Proof | Refused | MustWait> {
  const { users, guesses } = store[WHOLE];
  const attempt = { account: userNameKey(name), address, device };
  const names = countersOf(attempt);
  const retryAfterMs = await guesses.change(namesOf(names), (known) => {
    const { retryAfterMs, changed } = beginAttempt(names, known, now);
    return { answer: retryAfterMs, changed };
  });
  if (retryAfterMs !== null) return { outcome: "wait", retryAfterMs };

  const found = await users.credentials(name);
  const stored = found === null || found.user.isDisabled ? null : found.passwordHash;
  const isRight = await verifyPassword(password, stored, by).catch(async (error: unknown) => {
    await withdraw({ store, now, origin }, names);
    throw error;
  });
  if (!isRight || found === null || stored === null) {
    await recordRefusal({ store, now, origin }, found?.user ?? null);
    return { outcome: "refused" };
  }

  const fresh = newSecret();
  const newDevice = await guesses.change(namesOf(names), (known) => {
    const isKnown = isKnownDevice(names, known, now);
    const succeeded = isKnown ? names : countersOf({ ...attempt, device: fresh });
    return { answer: isKnown ? null : fresh, changed: succeedAttempt(succeeded, known, now) };
  });
  const passwordHash = needsRehash(stored)
    ? await rehash({ store, now, origin }, found.user.id, { password, from: stored, by })
    : stored;
  return { outcome: "right", user: found.user, passwordHash, device: newDevice };
}

/**
 * Keeps a failed sign-in in the audit list. The name is that of an account, never what was typed: people type passwords there. Whether
 * there is one, the same is written.
 */
async function recordRefusal({ store, now, origin }: SignInContext, user: User | null): Promise<void> {
  await store[WHOLE].audit.record({
    actor: null,
    now,
    origin,
    action: "session.begin",
    subject: { kind: "user", id: user?.id ?? null, name: user?.name ?? null },
    outcome: "failed",
    reason: WRONG_SIGN_IN,
  });
}

function withdraw({ store, now }: SignInContext, names: CounterNames): Promise<null> {
  return store[WHOLE].guesses.change(namesOf(names), (known) => ({
    answer: null,
    changed: withdrawAttempt(names, known, now),
  }));
}

/** Keeps a password, which is known just now, at the cost of new ones. */
async function rehash(
  { store }: SignInContext,
  id: UserId,
  { password, from, by }: { readonly password: string; readonly from: string; readonly by: HashedFor },
): Promise<string> {
  const to = await hashPassword(password, undefined, by);
  await store[WHOLE].users.rehash(id, { from, to });
  return to;
}

async function begin(
  { store, now, origin }: SignInContext,
  { user, method, passwordHash, address, userAgent }: SignInPlace & {
    readonly user: User;
    readonly method: SessionMethod;
    readonly passwordHash: string | null;
  },
): Promise<{ readonly secret: string; readonly session: Session } | null> {
  const secret = newSecret();
  const session = await store[WHOLE].sessions.begin({
    userId: user.id,
    secretHash: hashOf(secret),
    method,
    address,
    userAgent: userAgent.slice(0, USER_AGENT_MAX),
    passwordHash,
  }, { actor: { kind: "user", name: user.name, userId: user.id }, now, origin });
  return session === null ? null : { secret, session };
}

/** Pages can be read on a database that cannot be written: there, a session in use ends as if it were not. */
export async function noteUse(touch: () => Promise<void>): Promise<void> {
  try {
    await touch();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}
