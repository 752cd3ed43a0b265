import { hashOf } from "@jobtrigger/shared/access";
import { keyOfAnother } from "@jobtrigger/shared/operations";
import type { Clock } from "@jobtrigger/shared/time";

/** How long a key is remembered. */
const KEPT_MS = 86_400_000;

/** Most keys that are remembered. */
const MOST_KEYS = 10_000;

/**
 * What was carried out under a key, so that the same request sent again is answered and not carried out again. It is remembered in
 * this process alone, for a day; what must hold for longer has a key in the database, as runs and backfills have. An answer is small,
 * such as an id: whoever sends the request again may by then no longer be shown more, and ten thousand large ones fill the memory.
 */
export class Once<Answer extends number | string> {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #done = new Map<
    string,
    { readonly request: string; readonly at: number; readonly answer: Promise<Answer> }
  >();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /**
   * Carries `work` out, unless it was under the same key; `request` tells requests apart. Work that failed may be tried again.
   * @throws {Invalid} when the key was used for another request.
   */
  do(key: string, request: unknown, work: () => Promise<Answer>): Promise<Answer> {
    const now = this.#clock.monotonic();
    const hash = hashOf(JSON.stringify(request));
    const known = this.#done.get(key);
    if (known !== undefined && now - known.at < KEPT_MS) {
      if (known.request === hash) return known.answer;
      throw keyOfAnother();
    }
    const answer = work();
    this.#done.delete(key);
    this.#done.set(key, { request: hash, at: now, answer });
    answer.catch(() => this.#done.delete(key));
    const [oldest] = this.#done.keys();
    if (this.#done.size > MOST_KEYS && oldest !== undefined) this.#done.delete(oldest);
    return answer;
  }
}
