import { type Access, accessOf, FULL_ACCESS, hashOf } from "@jobtrigger/shared/access";
import type { Actor, User } from "@jobtrigger/shared/domain";
import type { StoreReader } from "@jobtrigger/shared/store";
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
      ? await together(store, `user ${user.id}`, () => store.users.get(user.id))
      : await together(store, `session ${hashOf(secret)}`, async () => {
        return (await store.sessions.find(hashOf(secret), await databaseClock.now()))?.user ?? null;
      });
    return now === null || now.isDisabled ? null : accessOf(now);
  };
  return { actor, access, accessNow };
}

/** The looks at accounts that are under way, by store and by who is looked for. */
const underWay = new WeakMap<StoreReader, Map<string, Promise<User | null>>>();

/** Looks once for all tabs that ask at the same time: an event wakes all tabs of a session, each of which asks. */
function together(store: StoreReader, who: string, look: () => Promise<User | null>): Promise<User | null> {
  const ofStore = underWay.get(store) ?? new Map<string, Promise<User | null>>();
  underWay.set(store, ofStore);
  const before = ofStore.get(who);
  if (before !== undefined) return before;
  const looking = look().finally(() => ofStore.delete(who));
  ofStore.set(who, looking);
  return looking;
}
