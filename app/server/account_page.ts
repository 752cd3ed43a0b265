import { permissionsOf } from "@jobtrigger/shared/access";
import type { ApiToken, Permission, Session, User } from "@jobtrigger/shared/domain";
import { HttpError } from "fresh";
import { NEW_TOKEN, type TokenFields } from "../components/Tokens.tsx";
import type { Problems } from "./problems.ts";
import type { State } from "./state.ts";

/** Most tokens that a page lists. */
const MOST_TOKENS = 200;

/** What the page of one's own account shows. */
export interface AccountData {
  readonly user: User;
  readonly sessions: readonly Session[];
  readonly tokens: readonly ApiToken[];
  /** Of a token that was just made. */
  readonly secret: string | null;
  readonly scopes: readonly Permission[];
  readonly typed: TokenFields;
  /** What is wrong with the form of the token. */
  readonly problems: Problems;
  /** What is wrong with the form of the password. */
  readonly passwordProblems: Problems;
}

/** The account of who is signed in. @throws {HttpError} 403 for the local administrator, who has none. */
export function ownUser({ user }: State): User {
  if (user !== null) return user;
  throw new HttpError(403, "The printed address has no account of its own; make the first account");
}

/** Gathers what the page of one's own account shows. */
export async function accountData(state: State, extra: Partial<AccountData> = {}): Promise<AccountData> {
  const { portal: { store }, view, access } = state;
  const user = ownUser(state);
  const [sessions, tokens] = await Promise.all([
    store.sessions.list(user.id, view.now),
    store.tokens.list({ userId: user.id, limit: MOST_TOKENS }),
  ]);
  return {
    user,
    sessions,
    tokens: tokens.items,
    secret: null,
    scopes: permissionsOf(access),
    typed: NEW_TOKEN,
    problems: {},
    passwordProblems: {},
    ...extra,
  };
}
