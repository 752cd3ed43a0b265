/**
 * Who sends a request: whom a trusted proxy names, whose session the cookie is, or the local administrator while there is no
 * account. It takes one read of the database at most, and none for who brings nothing.
 *
 * @module
 */
import { HttpError } from "fresh";
import { type Access, accessOf, decide, FULL_ACCESS, permissionsOf } from "@jobtrigger/shared/access";
import { type Actor, HERE, Invalid, parseUserName, type Session, type User } from "@jobtrigger/shared/domain";
import { createUser, findSession } from "@jobtrigger/shared/operations";
import type { State } from "../state.ts";
import { readCookie } from "./cookies.ts";
import type { Identity } from "./identity.ts";
import { LOCAL_ADMINISTRATOR } from "./local.ts";
import { signInContext } from "./sign_in_context.ts";

const UNPROVEN = "A header named somebody without the proxy's secret";

/** The access of who is not signed in. */
export const NO_ACCESS: Access = accessOf({ role: null, grants: [], isDisabled: true });

/** The questions of `State` for somebody with this access. */
export function questionsOf(access: Access): Pick<State, "may" | "mayAnywhere"> {
  return {
    may: (permission, labels) => decide(access, permission, labels === null ? null : { labels }).allowed,
    mayAnywhere: (permission) => permissionsOf(access).includes(permission),
  };
}

/** Who sends a request; null: nobody who is signed in. @throws {HttpError} 403 when a proxy names somebody who may not get in. */
export async function identify(state: State, headers: Headers): Promise<Identity | null> {
  const { way, portal, requestId } = state;
  if (way.proxyUser !== null && way.proxyUser.trim() !== "") {
    const identity = identityOf(await namedByProxy(state, way.proxyUser), null);
    await portal.signInNotes.begun(await signInContext(state), { actor: identity.actor, method: "proxy" });
    return identity;
  }
  if (way.isUnproven) {
    await portal.signInNotes.failed(await signInContext(state), UNPROVEN);
    portal.warnings.warn("{header} names nobody: the request has no X-Proxy-Secret, or a wrong one", {
      header: portal.config.proxyUserHeader,
      address: way.address,
      requestId,
    });
  }
  const secret = readCookie(headers, way, "session");
  if (secret === null) return null;
  if (portal.access.sessions.has(secret)) {
    if (!await portal.hasAdministrator()) {
      return { actor: LOCAL_ADMINISTRATOR, access: FULL_ACCESS, user: null, session: null };
    }
    portal.access.sessions.end(secret);
    return null;
  }
  const found = await findSession({ store: portal.store, now: await portal.databaseClock.now() }, secret);
  return found === null ? null : identityOf(found.user, found.session);
}

function identityOf(user: User, session: Session | null): Identity {
  return { actor: { kind: "user", name: user.name, userId: user.id }, access: accessOf(user), user, session };
}

/** The account of whom a proxy names, made where the settings say so. @throws {HttpError} 403 where they may not get in. */
async function namedByProxy(state: State, text: string): Promise<User> {
  const { store, config: { proxyUserRole }, databaseClock, signInNotes } = state.portal;
  const refuse = async (user: User | null, reason: string): Promise<never> => {
    await signInNotes.denied(await signInContext(state), user, reason);
    throw new HttpError(403, reason);
  };
  const name = parsedName(text);
  if (name === null) return await refuse(null, "The proxy names nobody who could have an account");
  let user = await store.users.findByName(name);
  if (user === null && proxyUserRole !== null) {
    const actor: Actor = { kind: "service", name: "portal" };
    const context = { store, now: await databaseClock.now(), actor, access: FULL_ACCESS, origin: HERE };
    const request = { name, role: proxyUserRole, grants: [], password: null, isService: false, externalId: null };
    try {
      user = await createUser(context, request);
    } catch (error) {
      // Another request of the same user was first.
      if (!(error instanceof Invalid)) throw error;
      user = await store.users.findByName(name);
    }
  }
  if (user === null) return await refuse(null, `There is no account ${name}; an administrator can make it`);
  if (user.isService) return await refuse(user, `${name} is a service account, which nobody signs in to`);
  if (user.isDisabled) return await refuse(user, `The account ${name} is disabled`);
  return user;
}

function parsedName(text: string): string | null {
  try {
    return parseUserName(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}
