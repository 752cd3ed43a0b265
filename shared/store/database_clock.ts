import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { Clock } from "../time/clock.ts";
import type { Store } from "./store.ts";

/** How long a measured offset is used before it is measured anew. */
const MEASURE_EVERY_MS = 60_000;

/** Told when the local clock and the database's have moved against each other, with both offsets in milliseconds. */
export type OnJump = (jump: { readonly fromMs: number; readonly toMs: number }) => void;

/** An offset changed by more than this is a jump worth a line in the log. */
const JUMP_MS = 1000;

/**
 * The database's time, which all comparisons between machines use: the local clock plus an offset that is measured at the
 * first reading and every minute after. A difference within the round trip of the measurement counts as none.
 */
export class DatabaseClock {
  readonly #store: Pick<Store, "now">;
  readonly #local: Clock;
  readonly #onJump: OnJump;
  #offsetMs = 0;
  #measuredAt: EpochMs | null = null;

  constructor(store: Pick<Store, "now">, local: Clock, onJump: OnJump = () => {}) {
    this.#store = store;
    this.#local = local;
    this.#onJump = onJump;
  }

  /** The instant by the database's clock. @throws {StoreUnavailable} when it has to be measured and cannot. */
  async now(): Promise<EpochMs> {
    const local = this.#local.now();
    const age = this.#measuredAt === null ? Infinity : local - this.#measuredAt;
    if (age < 0 || age >= MEASURE_EVERY_MS) await this.#measure();
    return epochMs(this.#local.now() + this.#offsetMs);
  }

  /** The same without measuring, for a moment when the database may be out of reach. */
  estimate(): EpochMs {
    return epochMs(this.#local.now() + this.#offsetMs);
  }

  async #measure(): Promise<void> {
    const before = this.#local.now();
    const database = await this.#store.now();
    const after = this.#local.now();
    const difference = Math.round(database - (before + after) / 2);
    const offsetMs = Math.abs(difference) <= after - before + 1 ? 0 : difference;
    if (this.#measuredAt !== null && Math.abs(offsetMs - this.#offsetMs) > JUMP_MS) {
      this.#onJump({ fromMs: this.#offsetMs, toMs: offsetMs });
    }
    this.#offsetMs = offsetMs;
    this.#measuredAt = after;
  }
}
