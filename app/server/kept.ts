import type { Changes } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";

/** An answer that was made faster than this, in milliseconds, is not worth keeping. */
const CHEAP_MS = 3;
/** An answer is used this many times as long as it took to make, however much changes: making answers takes a fiftieth of the time. */
const TIMES = 50;
/** Longest time that an answer is used while nothing changes, in milliseconds: parts of it depend on the time. */
const MOST_MS = 10_000;
/** Most answers that are kept. */
const MOST_KEPT = 100;

/** Answers of the database that take long, for all who ask the same: numbers for people, which may be some seconds old. */
export class Kept<Answer> {
  readonly #changes: Pick<Changes, "version">;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #answers = new Map<
    string,
    { readonly from: number; readonly version: number; readonly answer: Promise<Answer>; tookMs: number }
  >();

  constructor(changes: Pick<Changes, "version">, clock: Pick<Clock, "monotonic">) {
    this.#changes = changes;
    this.#clock = clock;
  }

  /** The answer to `question`: one that is fresh enough, one that is being made, or the one that `make` makes now. */
  read(question: unknown, make: () => Promise<Answer>): Promise<Answer> {
    const key = JSON.stringify(question);
    const from = this.#clock.monotonic();
    const version = this.#changes.version();
    const found = this.#answers.get(key);
    if (found !== undefined && from - found.from < this.#servesMs(found, version)) return found.answer;
    if (this.#answers.size >= MOST_KEPT) this.#answers.clear();
    const made = { from, version, answer: make(), tookMs: Infinity };
    this.#answers.set(key, made);
    const forget = () => this.#answers.get(key) === made && this.#answers.delete(key);
    made.answer.then(() => {
      made.tookMs = this.#clock.monotonic() - from;
      if (made.tookMs < CHEAP_MS) forget();
    }, forget);
    return made.answer;
  }

  #servesMs({ tookMs, version }: { readonly tookMs: number; readonly version: number }, now: number): number {
    // Whoever asks while it is being made waits for it.
    if (tookMs === Infinity) return Infinity;
    return version === now ? MOST_MS : Math.min(MOST_MS, TIMES * tookMs);
  }
}
