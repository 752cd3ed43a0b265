import type { Io } from "../io.ts";

/** Least time between two lines: four a second are enough to see that it goes on. */
const LEAST_MS = 250;
/** Erases from the cursor to the end of the line. */
const ERASE = "\x1b[K";

/**
 * A line on standard error that says how far a long command is, and is gone when it ends. Where the output is no terminal, nothing is
 * written: its end says all.
 */
export class ProgressLine implements AsyncDisposable {
  readonly #io: Pick<Io, "err" | "isTerminal" | "clock" | "size">;
  #shownAt = -Infinity;
  #written: Promise<void> = Promise.resolve();

  /** A line that is empty yet. */
  constructor(io: Pick<Io, "err" | "isTerminal" | "clock" | "size">) {
    this.#io = io;
  }

  /** Replaces the line, unless it was replaced a moment ago. */
  show(text: string): void {
    const now = this.#io.clock.now();
    if (!this.#io.isTerminal || now - this.#shownAt < LEAST_MS) return;
    this.#shownAt = now;
    // A line that is wider than the terminal would not be replaced whole.
    this.#written = this.#io.err(`\r${text.slice(0, this.#io.size().columns - 1)}${ERASE}`);
  }

  /** Erases the line. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written;
    if (this.#shownAt > -Infinity) await this.#io.err(`\r${ERASE}`);
  }
}
