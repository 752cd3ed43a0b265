import { hashOf } from "@jobtrigger/shared/access";
import type { State } from "../state.ts";
import { readCookie } from "./cookies.ts";

/**
 * Asks again whether who sent a request is still signed in, for an answer that lasts: a stream of events ends when its session does.
 * It does not count as use of the session.
 */
export function stillSignedIn({ session, portal, way }: State, headers: Headers): () => Promise<boolean> {
  const secret = readCookie(headers, way, "session");
  return async () => {
    if (session === null || secret === null) return true;
    return await portal.store.sessions.find(hashOf(secret), await portal.databaseClock.now()) !== null;
  };
}
