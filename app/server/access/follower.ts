import { type Access, accessOf, FULL_ACCESS, hashOf } from "@jobtrigger/shared/access";
import type { Actor } from "@jobtrigger/shared/domain";
import { operating } from "../operating.ts";
import type { State } from "../state.ts";
import { readCookie } from "./cookies.ts";

/** Who gets an answer that lasts: a stream of events ends when its reader's session, account or right does. */
export interface Follower {
  readonly actor: Actor;
  /** What they may do when they ask. */
  readonly access: Access;
  /** What they may do by now; null: they are not signed in any more. It does not count as use of the session. */
  readonly accessNow: () => Promise<Access | null>;
}

/** Who sends a request without a token, as one who follows. @throws {HttpError} 401 when nobody is signed in. */
export function followerOf(state: State, headers: Headers): Follower {
  const { session, user, portal: { store, databaseClock, hasAdministrator, access: local }, way } = state;
  const { actor, access } = operating(state);
  const secret = readCookie(headers, way, "session");
  const accessNow = async () => {
    if (user === null) {
      const isLive = secret !== null && local.sessions.isLive(secret);
      return isLive && !await hasAdministrator() ? FULL_ACCESS : null;
    }
    const now = session === null || secret === null
      ? await store.users.get(user.id)
      : (await store.sessions.find(hashOf(secret), await databaseClock.now()))?.user ?? null;
    return now === null || now.isDisabled ? null : accessOf(now);
  };
  return { actor, access, accessNow };
}
