import type { Actor, UserId } from "@jobtrigger/shared/domain";
import { ApiError } from "./api/api_error.ts";

/** Most lasting answers of one user at once, those of the user's tokens included. The local administrator counts as one user. */
export const MOST_OF_A_USER = 20;

/** Most lasting answers at once, of the edge's 800 connections: so the others are free for pages. */
export const MOST_LASTING = 560;

/** After how many seconds one who was refused may try again. */
const RETRY_SECONDS = 10;

/** The answers that are open for long, event streams and waits for a run: each holds a connection, so their number is bounded. */
export class LastingAnswers {
  readonly #byUser = new Map<UserId | null, number>();
  #count = 0;

  /** How many are open. */
  get count(): number {
    return this.#count;
  }

  /** Counts one more answer until it is disposed. @throws {ApiError} `too_many_requests` */
  begin(actor: Actor): Disposable {
    const user = "userId" in actor ? actor.userId : null;
    const own = this.#byUser.get(user) ?? 0;
    if (own >= MOST_OF_A_USER) throw tooMany(`${MOST_OF_A_USER} event streams and waits of this user are open already`);
    if (this.#count >= MOST_LASTING) throw tooMany(`${MOST_LASTING} event streams and waits are open already`);
    this.#byUser.set(user, own + 1);
    this.#count += 1;
    let isOpen = true;
    return {
      [Symbol.dispose]: () => {
        if (isOpen) this.#end(user);
        isOpen = false;
      },
    };
  }

  #end(user: UserId | null): void {
    const left = (this.#byUser.get(user) ?? 0) - 1;
    if (left > 0) this.#byUser.set(user, left);
    else this.#byUser.delete(user);
    this.#count -= 1;
  }
}

function tooMany(detail: string): ApiError {
  return new ApiError("too_many_requests", detail, { "retry-after": String(RETRY_SECONDS) });
}
