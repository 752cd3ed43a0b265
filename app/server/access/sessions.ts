import { hashOf, newSecret } from "@jobtrigger/shared/access";
import { SESSION_IDLE_MS, SESSION_LIFE_MS } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";
import type { Actor } from "./actor.ts";

/** Most sessions at once; one more ends the one that has been idle longest. */
const MOST_SESSIONS = 1000;

/** Who is signed in, by a secret that only their browser has. */
export interface Sessions {
  /** Starts a session and answers its secret. */
  start(actor: Actor): Promise<string>;
  /** Whose session it is; null: there is none of this secret, or it is over. */
  find(secret: string): Promise<Actor | null>;
}

/**
 * The sessions of this process: they end with it. Time is monotonic, so that no change of the machine's clock signs anybody in or
 * out.
 */
export class ProcessSessions implements Sessions {
  readonly #clock: Pick<Clock, "monotonic">;
  /** By the hash of the secret, those used last at the end. */
  readonly #sessions = new Map<string, { readonly actor: Actor; readonly begunAt: number; readonly usedAt: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  start(actor: Actor): Promise<string> {
    const secret = newSecret();
    const now = this.#clock.monotonic();
    this.#sessions.set(hashOf(secret), { actor, begunAt: now, usedAt: now });
    const [longestIdle] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && longestIdle !== undefined) this.#sessions.delete(longestIdle);
    return Promise.resolve(secret);
  }

  find(secret: string): Promise<Actor | null> {
    const hash = hashOf(secret);
    const session = this.#sessions.get(hash);
    if (session === undefined) return Promise.resolve(null);
    const now = this.#clock.monotonic();
    this.#sessions.delete(hash);
    if (now - session.usedAt >= SESSION_IDLE_MS || now - session.begunAt >= SESSION_LIFE_MS) {
      return Promise.resolve(null);
    }
    this.#sessions.set(hash, { ...session, usedAt: now });
    return Promise.resolve(session.actor);
  }
}
