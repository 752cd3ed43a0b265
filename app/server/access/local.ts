/**
 * Who gets in before there is an administrator: the browser that opens the address that the portal prints when it starts. The
 * token in that address makes a session as the local administrator. Token and sessions are those of one process: a restart prints
 * a new address. From the first administrator's account on, neither lets anybody in.
 *
 * @module
 */
import { hashOf, newSecret } from "@jobtrigger/shared/access";
import type { Actor } from "@jobtrigger/shared/domain";
import type { StoreReader } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";
import { ProcessSessions } from "./sessions.ts";

/** Whoever opened the address that the portal printed. */
export const LOCAL_ADMINISTRATOR: Actor = { kind: "local", name: "local administrator" };

/** The parameter of the printed address. */
export const TOKEN = "token";

/** What lets people in before there is an administrator. */
export interface LocalAccess {
  readonly sessions: ProcessSessions;
  /** Of the token in the printed address. */
  readonly tokenHash: string;
}

/** Access to one process, and the token to print. */
export function newAccess(clock: Pick<Clock, "monotonic">): { readonly access: LocalAccess; readonly token: string } {
  const token = newSecret();
  return { access: { sessions: new ProcessSessions(clock), tokenHash: hashOf(token) }, token };
}

/** The address that signs in whoever opens it; `origin` ends without a slash. */
export function signInAddress(origin: string, token: string): string {
  return `${origin}/?${TOKEN}=${token}`;
}

/**
 * Whether there is an administrator, who signs in with an account. The store keeps the last one, so the answer yes stays and is not
 * asked for again.
 */
export function administratorOf({ users }: Pick<StoreReader, "users">): () => Promise<boolean> {
  let isThere = false;
  return async () => isThere ||= await users.hasAdmin();
}
