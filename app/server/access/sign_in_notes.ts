/**
 * What the audit list says of those who get in without a session of the database, and of those who do not get in. Much of it comes
 * with every request: a proxy names its user in each, and anybody can send a wrong token again and again. So each is written once in a
 * while, and only counted as seen in between.
 *
 * A database that cannot be written keeps nobody out who may look: then nothing is written, and the next request tries again.
 *
 * @module
 */
import { type Actor, type ApiToken, SESSION_IDLE_MS, StoreUnavailable, type User } from "@jobtrigger/shared/domain";
import {
  recordDeniedSignIn,
  recordFailedSignIn,
  recordRefusedToken,
  recordSignIn,
  recordSignOut,
  type SignInContext,
} from "@jobtrigger/shared/operations";
import type { Clock } from "@jobtrigger/shared/time";
import { Recently } from "./recently.ts";

/** Within what time the same refusal is written once. */
const REFUSED_WITHIN_MS = 60_000;

/** Writes who got in and who did not. */
export class SignInNotes {
  readonly #named: Recently;
  readonly #refused: Recently;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#named = new Recently(clock, SESSION_IDLE_MS);
    this.#refused = new Recently(clock, REFUSED_WITHIN_MS);
  }

  /** Somebody opened the printed address; or a proxy names somebody, once until they were away for as long as a session may be. */
  async begun(
    context: SignInContext,
    { actor, method }: { readonly actor: Actor; readonly method: "local" | "proxy" },
  ): Promise<void> {
    const write = () => recordSignIn(context, { actor, method });
    if (method === "local") await tolerant(write);
    else await once(this.#named, `${actor.name} from ${context.origin.address}`, write);
  }

  /** Somebody who opened the printed address signed out. */
  async ended(context: SignInContext, actor: Actor): Promise<void> {
    await tolerant(() => recordSignOut(context, actor));
  }

  /** Nobody proved who they are. */
  async failed(context: SignInContext, reason: string): Promise<void> {
    await once(this.#refused, `${reason} from ${context.origin.address}`, () => recordFailedSignIn(context, reason));
  }

  /** A proxy names somebody who may not get in; `user` null: they have no account. */
  async denied(context: SignInContext, user: User | null, reason: string): Promise<void> {
    await once(
      this.#refused,
      `${reason} from ${context.origin.address}`,
      () => recordDeniedSignIn(context, user, reason),
    );
  }

  /** An API token does nothing any more; null: there is no such token. */
  async refusedToken(context: SignInContext, token: ApiToken | null): Promise<void> {
    const key = token === null ? `token from ${context.origin.address}` : `token ${token.id}`;
    await once(this.#refused, key, () => recordRefusedToken(context, token));
  }
}

async function once(recently: Recently, key: string, write: () => Promise<void>): Promise<void> {
  if (!recently.has(key) && !await tolerant(write)) recently.forget(key);
}

/** Whether it was written. */
async function tolerant(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return false;
  }
}
