import { accessOf, hashOf, isApiToken } from "@jobtrigger/shared/access";
import type { ApiToken, User } from "@jobtrigger/shared/domain";
import { findToken } from "@jobtrigger/shared/operations";
import { signInContext } from "../access/sign_in_context.ts";
import { type Follower, followerOf } from "../access/follower.ts";
import type { State } from "../state.ts";
import { ApiError } from "./api_error.ts";

/** Who calls the API. */
export interface Caller extends Follower {
  /** Null: the local administrator, while there is no account. */
  readonly user: User | null;
  /** Null: a browser's session. */
  readonly token: ApiToken | null;
}

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Who sends a request: whom its bearer token says, or without an `Authorization` header whom the session of its browser says. One
 * that has the header is never answered by its session, so that a wrong token does not act as somebody else.
 * @throws {ApiError} `unauthorized`
 */
export async function callerOf(request: Request, state: State): Promise<Caller> {
  const { portal, view } = state;
  const authorization = request.headers.get("authorization");
  if (authorization === null) {
    if (state.actor === null) throw unauthorized("This needs an API token or a session", "");
    return { ...followerOf(state, request.headers), user: state.user, token: null };
  }
  const secret = BEARER.exec(authorization)?.[1];
  if (secret === undefined) throw unauthorized("Expected Authorization: Bearer and an API token", "invalid_request");
  const found = await findToken({ store: portal.store, now: view.now }, secret);
  if (found === null) await noteRefused(state, secret);
  if (found === null) throw unauthorized("There is no such API token, or it is not valid any more", "invalid_token");
  const { token, user } = found;
  return {
    actor: { kind: "token", name: `${token.name} of ${user.name}`, userId: user.id, tokenId: token.id },
    access: accessOf(user, token),
    user,
    token,
    accessNow: async () => {
      const found = await portal.store.tokens.find(hashOf(secret), await portal.databaseClock.now());
      return found === null ? null : accessOf(found.user, found.token);
    },
  };
}

/** Writes into the audit list that a token was refused, and which one, where there is one. */
async function noteRefused(state: State, secret: string): Promise<void> {
  const token = isApiToken(secret) ? await state.portal.store.tokens.findAny(hashOf(secret)) : null;
  await state.portal.signInNotes.refusedToken(await signInContext(state), token);
}

function unauthorized(detail: string, error: string): ApiError {
  const challenge = `Bearer realm="Job Trigger Portal"${error === "" ? "" : `, error="${error}"`}`;
  return new ApiError("unauthorized", detail, { "www-authenticate": challenge });
}
