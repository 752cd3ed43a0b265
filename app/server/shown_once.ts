import { newSecret } from "@jobtrigger/shared/access";
import type { Actor } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";

/** How long a secret waits to be shown. */
const KEPT_MS = 60_000;

/** Most secrets that wait; one more drops the oldest. */
const MOST_KEPT = 1000;

/**
 * Secrets that were just made, until the page that shows them: the form that made one redirects there, so that to load the page again
 * makes no other. Each is shown once, to who made it, by the process that made it, and forgotten after a minute.
 */
export class ShownOnce {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #kept = new Map<string, { readonly owner: string; readonly secret: string; readonly at: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Keeps a secret that `actor` has made; answers what the address of the page names it by. */
  keep(actor: Actor, secret: string): string {
    const key = newSecret();
    this.#forget();
    this.#kept.set(key, { owner: ownerOf(actor), secret, at: this.#clock.monotonic() });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return key;
  }

  /** The secret, and forgets it; null: there is none, it was shown, or somebody else made it. */
  take(actor: Actor | null, key: string | null): string | null {
    this.#forget();
    const kept = key === null ? undefined : this.#kept.get(key);
    if (key === null || kept === undefined || actor === null || kept.owner !== ownerOf(actor)) return null;
    this.#kept.delete(key);
    return kept.secret;
  }

  #forget(): void {
    const now = this.#clock.monotonic();
    for (const [key, { at }] of this.#kept) {
      // In the order in which they were kept.
      if (now - at < KEPT_MS) return;
      this.#kept.delete(key);
    }
  }
}

function ownerOf(actor: Actor): string {
  return "userId" in actor ? `user ${actor.userId}` : actor.kind;
}
