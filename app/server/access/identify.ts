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
import { LOCAL_ADMINISTRATOR } from "./local.ts";

/** What is known of who sends a request. */
export interface Identity {
  readonly actor: Actor;
  readonly access: Access;
  readonly user: User | null;
  readonly session: Session | null;
}

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
export async function identify({ way, portal, requestId }: State, headers: Headers): Promise<Identity | null> {
  if (way.proxyUser !== null && way.proxyUser.trim() !== "") {
    return identityOf(await namedByProxy({ way, portal }), null);
  }
  if (way.isUnproven) {
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

/** The account of whom a proxy names, made where the settings say so. */
async function namedByProxy({ way, portal }: Pick<State, "way" | "portal">): Promise<User> {
  const name = parsedName(way.proxyUser ?? "");
  const { store, config: { proxyUserRole } } = portal;
  let user = await store.users.findByName(name);
  if (user === null && proxyUserRole !== null) {
    const actor: Actor = { kind: "service", name: "portal" };
    const context = { store, now: await portal.databaseClock.now(), actor, access: FULL_ACCESS, origin: HERE };
    const request = { name, role: proxyUserRole, grants: [], password: null, isService: false, externalId: null };
    try {
      user = await createUser(context, request);
    } catch (error) {
      // Another request of the same user was first.
      if (!(error instanceof Invalid)) throw error;
      user = await store.users.findByName(name);
    }
  }
  if (user === null) throw new HttpError(403, `There is no account ${name}; an administrator can make it`);
  if (user.isService) throw new HttpError(403, `${name} is a service account, which nobody signs in to`);
  if (user.isDisabled) throw new HttpError(403, `The account ${name} is disabled`);
  return user;
}

function parsedName(text: string): string {
  try {
    return parseUserName(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HttpError(403, `The proxy names nobody who could have an account: ${error.message}`);
  }
}
