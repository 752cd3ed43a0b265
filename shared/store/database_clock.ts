import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { Clock } from "../time/clock.ts";
import type { Store } from "./store.ts";

/** How long a measured offset is used before it is measured anew. */
const MEASURE_EVERY_MS = 60_000;

/** How far clocks moved, in milliseconds, beyond the time that passed on this machine; negative: back. */
export interface Jump {
  /** How far the database's clock moved. */
  readonly databaseMs: number;
  /** How far this machine's clock moved. */
  readonly machineMs: number;
}

/** Told when the database's clock or this machine's has been set, or this machine was asleep. */
export type OnJump = (jump: Jump) => void;

/** What services log about a {@linkcode Jump}, whose fields it names. */
export const JUMP_MESSAGE =
  "A clock was set, or this machine was asleep: the database's clock moved by {databaseMs} ms, this machine's by {machineMs} ms";

/** A clock that moved by more than this beyond the time that passed, and beyond what a measurement may be off, has jumped. */
const JUMP_MS = 1000;

/** How often a measurement that was disturbed is made anew. */
const MOST_TRIES = 3;

/** The three clocks at one moment. */
interface Measurement {
  readonly databaseMs: number;
  readonly monotonicMs: number;
  readonly wallMs: number;
  /** How long the answer took: the measurement may be off by that much. */
  readonly tripMs: number;
}

/**
 * The database's time, which all comparisons between machines use. It is measured at the first reading and every minute
 * after; in between it goes on by the machine's monotonic clock, so that setting the machine's clock moves nothing. When the
 * two local clocks have moved apart (the clock was set, the machine was suspended), it is measured at once.
 */
export class DatabaseClock {
  readonly #store: Pick<Store, "now">;
  readonly #local: Clock;
  readonly #onJump: OnJump;
  #measured: Measurement | null = null;
  #lastJump: Jump | null = null;

  /** A clock of the database `store`, which is measured by `local`; `onJump` is called at each jump. */
  constructor(store: Pick<Store, "now">, local: Clock, onJump: OnJump = () => {}) {
    this.#store = store;
    this.#local = local;
    this.#onJump = onJump;
  }

  /** The last time that the database's clock was seen to jump, a new object for each; null: never. */
  get lastJump(): Jump | null {
    return this.#lastJump;
  }

  /** The instant by the database's clock. @throws {StoreUnavailable} when it has to be measured and cannot. */
  async now(): Promise<EpochMs> {
    if (this.#isDue()) await this.#measure();
    return this.estimate();
  }

  /** The same without measuring, for a moment when the database may be out of reach. */
  estimate(): EpochMs {
    if (this.#measured === null) return this.#local.now();
    const { databaseMs, monotonicMs } = this.#measured;
    return epochMs(Math.floor(databaseMs + this.#local.monotonic() - monotonicMs));
  }

  #isDue(): boolean {
    if (this.#measured === null) return true;
    const passedMs = this.#local.monotonic() - this.#measured.monotonicMs;
    const wallPassedMs = this.#local.now() - this.#measured.wallMs;
    return passedMs >= MEASURE_EVERY_MS || Math.abs(wallPassedMs - passedMs) > JUMP_MS;
  }

  async #measure(): Promise<void> {
    const earlier = this.#measured;
    let { measured, isSound } = await this.#once();
    for (let tries = 1; !isSound && tries < MOST_TRIES; tries++) ({ measured, isSound } = await this.#once());
    this.#measured = measured;
    if (earlier === null) return;
    const passedMs = measured.monotonicMs - earlier.monotonicMs;
    const databaseMs = Math.round(measured.databaseMs - earlier.databaseMs - passedMs);
    const machineMs = Math.round(measured.wallMs - earlier.wallMs - passedMs);
    const leastMs = JUMP_MS + earlier.tripMs + measured.tripMs;
    if (Math.max(Math.abs(databaseMs), Math.abs(machineMs)) <= leastMs) return;
    const jump = { databaseMs, machineMs };
    if (Math.abs(databaseMs) > leastMs) this.#lastJump = jump;
    this.#onJump(jump);
  }

  /** One measurement. It is not sound when the answer took long, or the machine was suspended meanwhile. */
  async #once(): Promise<{ readonly measured: Measurement; readonly isSound: boolean }> {
    const [before, wallBefore] = [this.#local.monotonic(), this.#local.now()];
    const database = await this.#store.now();
    const [monotonicMs, wallMs] = [this.#local.monotonic(), this.#local.now()];
    const tripMs = monotonicMs - before;
    // The answer was given somewhere on the way; the local clock is as good a guess where it lies within.
    const middle = database + tripMs / 2;
    const databaseMs = Math.abs(middle - wallMs) <= tripMs + 1 ? wallMs : middle;
    const isSound = tripMs <= JUMP_MS && Math.abs(wallMs - wallBefore - tripMs) <= JUMP_MS;
    return { measured: { databaseMs, monotonicMs, wallMs, tripMs }, isSound };
  }
}
