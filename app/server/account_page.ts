import { type Access, permissionsOf } from "@jobtrigger/shared/access";
import type { ApiToken, Permission, Session, User } from "@jobtrigger/shared/domain";
import { HttpError } from "fresh";
import { NEW_TOKEN, type TokenFields } from "../components/Tokens.tsx";
import type { Problems } from "./problems.ts";
import type { State } from "./state.ts";

/** Most tokens that a page lists. */
const MOST_TOKENS = 200;

/** The contents of each page of an account, one's own or another's. */
export interface AccountParts {
  readonly user: User;
  readonly sessions: readonly Session[];
  readonly tokens: readonly ApiToken[];
  /** The secret of a new token; null: none was made. */
  readonly secret: string | null;
  /** The permissions that a token may have. */
  readonly scopes: readonly Permission[];
  /** The form of a token, as typed. */
  readonly typed: TokenFields;
  /** Problems in the form that was sent. */
  readonly problems: Problems;
}

/** The contents of the page of one's own account. */
export interface AccountData extends AccountParts {
  /** Problems in the form of the password. */
  readonly passwordProblems: Problems;
}

/** Gathers the contents of a page of an account whose permissions are `access`. */
export async function accountParts(
  { portal: { store }, view }: State,
  user: User,
  access: Access,
): Promise<AccountParts> {
  const [sessions, tokens] = await Promise.all([
    store.sessions.list(user.id, view.now),
    store.tokens.list({ userId: user.id, limit: MOST_TOKENS }),
  ]);
  const scopes = permissionsOf(access);
  return { user, sessions, tokens: tokens.items, secret: null, scopes, typed: NEW_TOKEN, problems: {} };
}

/** The account of the signed-in user. @throws {HttpError} 403 for the local administrator, who has none. */
export function ownUser({ user }: State): User {
  if (user !== null) return user;
  throw new HttpError(403, "The printed address has no account of its own; make the first account");
}

/** Gathers the contents of the page of one's own account. */
export async function accountData(state: State, extra: Partial<AccountData> = {}): Promise<AccountData> {
  return { ...await accountParts(state, ownUser(state), state.access), passwordProblems: {}, ...extra };
}
