/**
 * Signing in as whom an identity provider names. An account belongs to (issuer, subject), which the provider promises to mean one
 * person for good, and never to a name or an address: an account that has the name already is nobody's to take over.
 *
 * Where the provider's groups give roles, each sign-in sets the roles of the account anew. Whoever has none any more loses those that
 * the account had, because its API tokens live on, and is refused.
 *
 * @module
 */
import { FULL_ACCESS, type Rights } from "../access/mod.ts";
import { type Actor, Conflict, type ExternalId, Invalid, type Session, type User } from "../domain/mod.ts";
import type { OperationContext } from "./context.ts";
import { beginSession, type SignInContext, type SignInPlace } from "./sign_in.ts";
import { recordDeniedSignIn } from "./sign_in_events.ts";
import { createUser, setRole } from "./users.ts";

/** Whom an identity provider names, and what its groups say. */
export interface ExternalSignIn extends SignInPlace {
  /** By what the provider knows the person. */
  readonly externalId: ExternalId;
  /** The name for a new account. */
  readonly name: string;
  /** What the person may do; null: nothing, so they are refused. */
  readonly rights: Rights | null;
  /** Whether the provider decides about the rights of accounts that exist; else they are for new accounts alone. */
  readonly isManaged: boolean;
}

/** Whoever was refused, and why, as a sentence without its full stop. */
export interface ExternalRefused {
  /** What became of the attempt. */
  readonly outcome: "denied";
  /** For the person; it names no other. */
  readonly reason: string;
}

/** A session has begun. */
export interface ExternalSignedIn {
  /** What became of the attempt. */
  readonly outcome: "signed_in";
  /** For the cookie of the session: nothing else keeps it. */
  readonly secret: string;
  /** The session that has begun. */
  readonly session: Session;
  /** Who signed in. */
  readonly user: User;
}

/** As whom the portal makes accounts and gives roles when it follows what a provider says. */
const PORTAL: Actor = { kind: "service", name: "portal" };

/** Begins a session for whom an identity provider names, with the account made or its roles set anew. A refusal is in the audit list. */
export async function signInExternally(
  context: SignInContext,
  request: ExternalSignIn,
): Promise<ExternalSignedIn | ExternalRefused> {
  const { externalId, address, userAgent } = request;
  const known = await context.store.users.findByExternal(externalId);
  const user = known === null ? await make(context, request) : await follow(context, known, request);
  if (typeof user === "string") return await deny(context, known, user);
  const begun = await beginSession(context, { user, method: "oidc", address, userAgent });
  if (begun === null) return await deny(context, user, `The account ${user.name} is disabled`);
  return { outcome: "signed_in", user, ...begun };
}

/** A new account; a text: why there is none. */
async function make(context: SignInContext, { externalId, name, rights }: ExternalSignIn): Promise<User | string> {
  if (rights === null) return "None of your groups has a role here";
  try {
    return await createUser(asPortal(context), { name, ...rights, password: null, isService: false, externalId });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    // Another sign-in of the same person was first.
    const made = await context.store.users.findByExternal(externalId);
    if (made !== null) return made;
    const [problem] = error.problems;
    if (problem?.code !== "taken") return `The identity provider gives no name for an account: ${problem?.message}`;
    return `There is an account ${name} already, and it does not belong to this sign-in. Ask an administrator for another name`;
  }
}

/** The account with the rights that its owner has now; a text: why they are refused. */
async function follow(
  context: SignInContext,
  user: User,
  { rights, isManaged }: ExternalSignIn,
): Promise<User | string> {
  if (!isManaged) return user;
  const { role, grants } = rights ?? { role: null, grants: [] };
  const isSame = role === user.role && JSON.stringify(grants) === JSON.stringify(user.grants);
  try {
    const changed = isSame ? user : await setRole(asPortal(context), { id: user.id, role, grants });
    return rights === null ? "None of your groups has a role here any more" : changed;
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    return `Your groups no longer make you an administrator, but ${user.name} is the last one: first make another`;
  }
}

function asPortal({ store, now, origin }: SignInContext): OperationContext {
  return { store, now, origin, actor: PORTAL, access: FULL_ACCESS };
}

async function deny(context: SignInContext, user: User | null, reason: string): Promise<ExternalRefused> {
  await recordDeniedSignIn(context, user, reason);
  return { outcome: "denied", reason };
}
