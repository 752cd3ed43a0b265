import { hashOf, newSecret } from "@jobtrigger/shared/access";
import { SESSION_IDLE_MS, SESSION_LIFE_MS } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";

/** Most sessions at once; one more ends the one that has been idle longest. */
const MOST_SESSIONS = 1000;

/**
 * The sessions of the local administrator: they end with this process. Time is monotonic, so that no change of the machine's clock
 * signs anybody in or out.
 */
export class ProcessSessions {
  readonly #clock: Pick<Clock, "monotonic">;
  /** By the hash of the secret, those used last at the end. */
  readonly #sessions = new Map<string, { readonly begunAt: number; readonly usedAt: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Begins a session and answers its secret. */
  start(): string {
    const secret = newSecret();
    const now = this.#clock.monotonic();
    this.#sessions.set(hashOf(secret), { begunAt: now, usedAt: now });
    const [longestIdle] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && longestIdle !== undefined) this.#sessions.delete(longestIdle);
    return secret;
  }

  /** Whether there is a session of this secret that is not over. It counts as used. */
  has(secret: string): boolean {
    const hash = hashOf(secret);
    const session = this.#sessions.get(hash);
    if (session === undefined) return false;
    const isLive = this.isLive(secret);
    this.#sessions.delete(hash);
    if (isLive) this.#sessions.set(hash, { ...session, usedAt: this.#clock.monotonic() });
    return isLive;
  }

  /** The same, but it does not count as use: a page that only listens keeps no session alive. */
  isLive(secret: string): boolean {
    const session = this.#sessions.get(hashOf(secret));
    const now = this.#clock.monotonic();
    return session !== undefined && now - session.usedAt < SESSION_IDLE_MS && now - session.begunAt < SESSION_LIFE_MS;
  }

  /** Ends a session; one that has ended already stays so. */
  end(secret: string): void {
    this.#sessions.delete(hashOf(secret));
  }
}
