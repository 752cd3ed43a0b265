/**
 * An instant after which `onPassed` is called, unless it is moved before. Each request moves it, so moving is cheap: the
 * timer stays where it is, and when it rings before the deadline, it is set once more for the rest.
 */
export class Deadline implements Disposable {
  readonly #onPassed: () => void;
  #at = Infinity;
  #ringsAt = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onPassed: () => void) {
    this.#onPassed = onPassed;
  }

  /** Moves the deadline to `ms` milliseconds from now; null: there is none. */
  set(ms: number | null): void {
    this.#at = ms === null ? Infinity : performance.now() + ms;
    if (this.#at < this.#ringsAt) this.#setTimer();
  }

  /** Ends the timer. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    this.#ringsAt = this.#at;
    if (this.#at === Infinity) return;
    this.#timer = setTimeout(() => {
      if (performance.now() >= this.#at) this.#onPassed();
      else this.#setTimer();
    }, Math.ceil(this.#at - performance.now()));
  }
}
