import type { Clock } from "@jobtrigger/shared/time";

/** The span that a limit is about. */
const WINDOW_MS = 60_000;

/** Most buckets that are kept; the one that was used longest ago goes first. */
const MOST_BUCKETS = 10_000;

/** What became of a request. */
export interface Taken {
  readonly isAllowed: boolean;
  /** `RateLimit` and `RateLimit-Policy`, and `Retry-After` where it was one too many. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A bucket of requests for each key, which fills evenly: who has been quiet may send a minute's worth at once. */
export class RateLimits<Key> {
  /** What the headers call it: `token`. */
  readonly #name: string;
  readonly #clock: Pick<Clock, "monotonic">;
  /** How many requests were left when. */
  readonly #buckets = new Map<Key, { readonly left: number; readonly at: number }>();

  constructor(name: string, clock: Pick<Clock, "monotonic">) {
    this.#name = name;
    this.#clock = clock;
  }

  /** Takes one request from the bucket of a key, which holds `limit` and fills in a minute, if it holds one. */
  take(key: Key, limit: number): Taken {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { left: limit, at: now };
    const filled = Math.min(limit, bucket.left + (now - bucket.at) * limit / WINDOW_MS);
    const isAllowed = filled >= 1;
    const left = isAllowed ? filled - 1 : filled;
    this.#buckets.delete(key);
    this.#buckets.set(key, { left, at: now });
    if (this.#buckets.size > MOST_BUCKETS) this.#forget();
    const seconds = (missing: number) => Math.max(1, Math.ceil(missing * WINDOW_MS / limit / 1000));
    return {
      isAllowed,
      headers: {
        "ratelimit-policy": `"${this.#name}";q=${limit};w=${WINDOW_MS / 1000}`,
        ratelimit: `"${this.#name}";r=${Math.floor(left)};t=${seconds(limit - left)}`,
        ...(isAllowed ? {} : { "retry-after": String(seconds(1 - left)) }),
      },
    };
  }

  /** Forgets the bucket that was used longest ago. */
  #forget(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
