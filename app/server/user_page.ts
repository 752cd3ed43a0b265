import { permissionsOf } from "@jobtrigger/shared/access";
import type { ApiToken, Permission, Session, User, UserId } from "@jobtrigger/shared/domain";
import { getUser } from "@jobtrigger/shared/operations";
import { accessOf } from "@jobtrigger/shared/access";
import { NEW_TOKEN, type TokenFields } from "../components/Tokens.tsx";
import { type RoleFields, writeGrants } from "../components/UserFields.tsx";
import type { Problems } from "./problems.ts";
import type { State } from "./state.ts";

/** Most tokens that a page lists. */
const MOST_TOKENS = 200;

/** What the page of an account shows to administrators. */
export interface UserData {
  readonly user: User;
  readonly sessions: readonly Session[];
  readonly tokens: readonly ApiToken[];
  /** Of a token that was just made. */
  readonly secret: string | null;
  readonly scopes: readonly Permission[];
  readonly typed: TokenFields;
  readonly role: RoleFields;
  /** What is wrong with the one form that was sent. */
  readonly problems: Problems;
}

/** Gathers what the page of an account shows. @throws {NotFound} */
export async function userData(
  { portal: { store }, view }: State,
  id: UserId,
  extra: Partial<UserData> = {},
): Promise<UserData> {
  const user = await getUser(store, id);
  const [sessions, tokens] = await Promise.all([
    store.sessions.list(id, view.now),
    store.tokens.list({ userId: id, limit: MOST_TOKENS }),
  ]);
  return {
    user,
    sessions,
    tokens: tokens.items,
    secret: null,
    scopes: permissionsOf(accessOf(user)),
    typed: NEW_TOKEN,
    role: { role: user.role ?? "", grants: writeGrants(user.grants) },
    problems: {},
    ...extra,
  };
}
