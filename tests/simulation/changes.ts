import type { Changes, Topic } from "../../shared/store/mod.ts";

/** Announcements of changes, as one machine receives them. */
export class ToldChanges implements Changes {
  readonly #waiting = new Set<() => void>();
  readonly #versions: Record<Topic | "any", number> = { schedule: 0, queue: 0, cancel: 0, any: 0 };

  /** Announces a change in these topics. */
  tell(topics: readonly Topic[]): void {
    this.#versions.any++;
    for (const topic of topics) this.#versions[topic]++;
    for (const look of [...this.#waiting]) look();
  }

  version(topic: Topic | "any" = "any"): number {
    return this.#versions[topic];
  }

  after(since: number, signal: AbortSignal, topic?: Topic): Promise<void> {
    const isOver = () => signal.aborted || this.version(topic) > since;
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
}
