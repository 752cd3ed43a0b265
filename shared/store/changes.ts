/**
 * The topics of changes: `schedule` (a job's definition or state), `queue` (something to claim), `cancel` (somebody
 * wants a run stopped).
 */
export const TOPICS = ["schedule", "queue", "cancel"] as const;

/** One of {@linkcode TOPICS}. */
export type Topic = typeof TOPICS[number];

/**
 * Notices when the database may have changed, whoever changed it. A database that does not know the topic of a change counts it
 * under every topic; one that notices no changes leaves it to the fallback polls.
 */
export interface Changes {
  /**
   * Grows with every change, or with every one about a topic; compare, do not calculate. Never throws: a database that cannot
   * be read has changed once, and once more when it can be read again.
   */
  version(topic?: Topic): number;
  /** Resolves once `version(topic)` is beyond `since`, at once if it is already, and when `signal` aborts. Never rejects. */
  after(since: number, signal: AbortSignal, topic?: Topic): Promise<void>;
}

/** Counts announced changes, and wakes the calls that wait for them. */
export class ChangeCounter implements Changes {
  readonly #waiting = new Set<() => void>();
  readonly #versions: Record<Topic | "any", number> = { schedule: 0, queue: 0, cancel: 0, any: 0 };
  #hasEnded = false;

  /** See {@linkcode Changes.version}. */
  version(topic: Topic | "any" = "any"): number {
    return this.#versions[topic];
  }

  /** See {@linkcode Changes.after}. */
  after(since: number, signal: AbortSignal, topic?: Topic): Promise<void> {
    const isOver = () => signal.aborted || this.#hasEnded || this.version(topic) > since;
    if (isOver()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!isOver()) return;
        this.#waiting.delete(look);
        signal.removeEventListener("abort", look);
        resolve();
      };
      signal.addEventListener("abort", look, { once: true });
      this.#waiting.add(look);
    });
  }

  /** Counts a change in these topics; none: a change without a topic. */
  count(topics: readonly Topic[]): void {
    this.#versions.any++;
    for (const topic of topics) this.#versions[topic]++;
    this.#wake();
  }

  /** Ends the calls that wait: no change comes any more. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
