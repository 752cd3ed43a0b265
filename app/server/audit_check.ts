import type { EpochMs } from "@jobtrigger/shared/domain";
import type { StoreReader } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";
import type { AuditCheckShown } from "../components/AuditCheckBox.tsx";

/** How long the check rests between two batches of events, in milliseconds: the pages go on meanwhile. */
const REST_MS = 20;

/** How long whoever starts a check waits for its end before the page says how far it is. */
const PATIENCE_MS = 1000;

/**
 * The check of the whole audit list. One is under way at a time, however many ask, and it rests between batches, so that a list of
 * a million events takes neither the process nor the database from the pages.
 */
export class AuditCheck {
  readonly #audit: Pick<StoreReader["audit"], "verify">;
  readonly #clock: Pick<Clock, "sleep">;
  readonly #stopping: AbortSignal;
  readonly #onFailed: (error: unknown) => void;
  #state: AuditCheckShown = { kind: "none" };
  #running: Promise<void> | null = null;

  /** Checks until `stopping` aborts; `onFailed` hears why a check could not be carried out. */
  constructor(
    audit: Pick<StoreReader["audit"], "verify">,
    clock: Pick<Clock, "sleep">,
    { stopping, onFailed }: { readonly stopping: AbortSignal; readonly onFailed: (error: unknown) => void },
  ) {
    this.#audit = audit;
    this.#clock = clock;
    this.#stopping = stopping;
    this.#onFailed = onFailed;
  }

  get state(): AuditCheckShown {
    return this.#state;
  }

  /** Begins a check unless one is under way. Resolves when it has ended, or after a second. */
  async start(now: EpochMs): Promise<void> {
    this.#running ??= this.#run(now).finally(() => this.#running = null);
    const patience = new AbortController();
    await Promise.race([this.#running, this.#clock.sleep(PATIENCE_MS, patience.signal)]);
    patience.abort();
  }

  async #run(at: EpochMs): Promise<void> {
    this.#state = { kind: "running", events: 0 };
    try {
      const verdict = await this.#audit.verify(async (events) => {
        this.#state = { kind: "running", events };
        await this.#clock.sleep(REST_MS, this.#stopping);
        this.#stopping.throwIfAborted();
      });
      this.#state = { kind: "done", at, verdict };
    } catch (error) {
      this.#state = { kind: "failed", at };
      if (!this.#stopping.aborted) this.#onFailed(error);
    }
  }
}
