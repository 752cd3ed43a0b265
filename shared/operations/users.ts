/**
 * Changes of accounts by those who manage them. The store keeps the last administrator and ends the sessions that a change ends.
 *
 * @module
 */
import { hashPassword, problemOfPassword } from "../access/mod.ts";
import {
  type ExternalId,
  type Grant,
  Invalid,
  MAX_GRANTS,
  NotFound,
  parseLabels,
  parseUserName,
  type Role,
  type SessionId,
  type User,
  type UserId,
} from "../domain/mod.ts";
import { noUser } from "../store/refusals.ts";
import { byOf } from "../store/store.ts";
import type { StoreReader } from "../store/store_reader.ts";
import { authorize, demandOther, type Target, userTarget } from "./authorize.ts";
import { type OperationContext, WHOLE } from "./context.ts";

/** A user to be made. */
export interface UserRequest {
  /** Of its own, in any case. */
  readonly name: string;
  /** On everything; null: only the grants count. */
  readonly role: Role | null;
  /** Roles by label, each label once. */
  readonly grants: readonly Grant[];
  /** Null: no password lets them in. A service account has none. */
  readonly password: string | null;
  /** Whether it is a service account. */
  readonly isService: boolean;
  /** By what an identity provider knows the user; null: none does. */
  readonly externalId: ExternalId | null;
}

/** Creates a user or a service account. @throws {Invalid} that names each wrong field: `name`, `grants`, `password`, `externalId`. @throws {Forbidden} */
export async function createUser(context: OperationContext, request: UserRequest): Promise<User> {
  const { store } = context;
  await authorize(context, "users.edit", { kind: "user", id: null, name: request.name });
  const { role, password, isService, externalId } = request;
  const name = parsed("name", () => parseUserName(request.name));
  const grants = parseGrants(request.grants);
  if (isService && (password !== null || externalId !== null)) throw signsNobodyIn(name);
  const passwordHash = password === null ? null : await hashNewPassword(password, name);
  return await store[WHOLE].users.create({ name, role, grants, isService, passwordHash, externalId }, byOf(context));
}

/**
 * Gives a user another role on everything, and other roles by label. @throws {NotFound} @throws {Invalid}
 * @throws {Conflict} when no administrator would be left. @throws {Forbidden}
 */
export async function setRole(
  context: OperationContext,
  { id, role, grants }: { readonly id: UserId; readonly role: Role | null; readonly grants: readonly Grant[] },
): Promise<User> {
  const { store } = await editing(context, id);
  return await store[WHOLE].users.update(id, { role, grants: parseGrants(grants) }, byOf(context));
}

/**
 * Disables a user: their sessions end, their tokens do nothing. @throws {NotFound}
 * @throws {Conflict} when no administrator would be left. @throws {Forbidden}
 */
export async function disableUser(context: OperationContext, { id }: { readonly id: UserId }): Promise<User> {
  const { store } = await editing(context, id);
  return await store[WHOLE].users.update(id, { isDisabled: true }, byOf(context));
}

/** Enables a user again; their tokens work again, their sessions are gone. @throws {NotFound} @throws {Forbidden} */
export async function enableUser(context: OperationContext, { id }: { readonly id: UserId }): Promise<User> {
  const { store } = await editing(context, id);
  return await store[WHOLE].users.update(id, { isDisabled: false }, byOf(context));
}

/** Longest address of an identity provider, and longest name it may have for a user (OpenID Connect Core, 2). */
const ISSUER_MAX = 500;
const SUBJECT_MAX = 255;

/**
 * Says by what an identity provider knows a user, so that who signs in there is this user from then on; null: by nothing. Sessions go
 * on. @throws {NotFound} @throws {Invalid} that names `issuer`, `subject`, or `externalId` where it is another user's.
 * @throws {Forbidden}
 */
export async function setExternalId(
  context: OperationContext,
  { id, externalId }: { readonly id: UserId; readonly externalId: ExternalId | null },
): Promise<User> {
  const { store } = await editing(context, id);
  const user = await getUser(store, id);
  if (externalId === null) return await store[WHOLE].users.update(id, { externalId }, byOf(context));
  if (user.isService) throw signsNobodyIn(user.name);
  return await store[WHOLE].users.update(id, { externalId: checkedExternalId(externalId) }, byOf(context));
}

/** @throws {Invalid} */
function checkedExternalId({ issuer, subject }: ExternalId): ExternalId {
  if (issuer.length > ISSUER_MAX || !URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol)) {
    const message = `found ${JSON.stringify(issuer.slice(0, 60))}, expected the address of an identity provider, ` +
      `such as "https://id.example.com", of at most ${ISSUER_MAX} characters`;
    throw new Invalid([{ field: "issuer", message }]);
  }
  if (!/^[\x21-\x7e]+$/.test(subject) || subject.length > SUBJECT_MAX) {
    const message =
      `found ${JSON.stringify(subject.slice(0, 60))}, expected what the identity provider calls the user: ` +
      `1 to ${SUBJECT_MAX} characters of ASCII without spaces`;
    throw new Invalid([{ field: "subject", message }]);
  }
  return { issuer, subject };
}

/**
 * Gives a user another password, whatever the old one was; all their sessions end. An own password takes the old one:
 * `changeOwnPassword()`. @throws {NotFound} @throws {Invalid} that says what is wrong with the password.
 * @throws {Forbidden} also where the actor is this user.
 */
export async function setPassword(
  context: OperationContext,
  { id, password }: { readonly id: UserId; readonly password: string },
): Promise<User> {
  await editing(context, id);
  const reason = "An own password is changed on the account page, which takes the old one";
  await demandOther(context, { owner: id, reason }, await userTargetOf(context, id));
  return await replacePassword(context, { id, password });
}

/**
 * As {@linkcode setPassword}, for whoever has been allowed to already; `keepSession` does not end. @throws {Conflict} when the user has another password than
 * `ifPasswordHash` by then.
 */
export async function replacePassword(
  context: OperationContext,
  { id, password, ...own }: {
    readonly id: UserId;
    readonly password: string;
    readonly keepSession?: SessionId;
    readonly ifPasswordHash?: string;
  },
): Promise<User> {
  const { store } = context;
  const user = await getUser(store, id);
  if (user.isService) throw signsNobodyIn(user.name);
  const passwordHash = await hashNewPassword(password, user.name);
  return await store[WHOLE].users.update(id, { passwordHash, ...own }, byOf(context));
}

/** @throws {Forbidden} unless the actor may edit users; who may not is not told which users there are. */
async function editing(context: OperationContext, id: UserId): Promise<OperationContext> {
  await authorize(context, "users.edit", await userTargetOf(context, id));
  return context;
}

/** The user with this id, as the target of an operation, whether or not there is one. */
export async function userTargetOf({ store }: OperationContext, id: UserId): Promise<Target> {
  return userTarget(await store.users.get(id) ?? { id, name: null });
}

/** The user with this id. @throws {NotFound} naming it. */
export async function getUser(store: StoreReader, id: UserId): Promise<User> {
  const user = await store.users.get(id);
  if (user === null) throw noUser(id);
  return user;
}

/** The user with this name, in any case. @throws {NotFound} naming it. */
export async function findUser(store: StoreReader, name: string): Promise<User> {
  const user = await store.users.findByName(name);
  if (user === null) throw new NotFound(`There is no user ${JSON.stringify(name)}`);
  return user;
}

/** What `parse` answers; its RangeError becomes a problem of `field`. */
export function parsed<Value>(field: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) throw new Invalid([{ field, message: error.message }]);
    throw error;
  }
}

function parseGrants(grants: readonly Grant[]): readonly Grant[] {
  if (grants.length > MAX_GRANTS) {
    throw new Invalid([{ field: "grants", message: `found ${grants.length} labels, expected at most ${MAX_GRANTS}` }]);
  }
  const roles = new Map<string, Role>();
  for (const { label: text, role } of grants) {
    const [label] = parsed("grants", () => parseLabels([text]));
    if (label === undefined) throw new Invalid([{ field: "grants", message: "found an empty label", code: "missing" }]);
    if (roles.has(label)) {
      const message = `found two roles for the label ${JSON.stringify(label)}, expected one`;
      throw new Invalid([{ field: "grants", message, code: "conflict" }]);
    }
    roles.set(label, role);
  }
  return [...roles].map(([label, role]) => ({ label, role })).toSorted((a, b) => a.label < b.label ? -1 : 1);
}

/** @throws {Invalid} that says what is wrong with a new password of the user `name`. */
export function assertGoodPassword(password: string, name: string): void {
  const message = problemOfPassword(password, name);
  if (message !== null) throw new Invalid([{ field: "password", message }]);
}

async function hashNewPassword(password: string, name: string): Promise<string> {
  assertGoodPassword(password, name);
  return await hashPassword(password);
}

function signsNobodyIn(name: string): Invalid {
  const message = `${name} is a service account, which nobody signs in to; give it an API token`;
  return new Invalid([{ field: "password", message, code: "conflict" }]);
}
