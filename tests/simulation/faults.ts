/**
 * The kinds of faults and their rates. Each simulation draws its own rates and leaves some kinds out, which finds the
 * defects that show only without other faults.
 *
 * @module
 */
import type { Random } from "../support/random.ts";

/** The fate of one call of the store. */
export type Fate =
  /** The database executes it and answers. */
  | "answered"
  /** It never reaches the database, and the caller gets StoreUnavailable. */
  | "refused"
  /** The database executes it, but the caller gets StoreUnavailable. */
  | "unheard"
  /** The caller gets StoreUnavailable, and the database executes it later. */
  | "late"
  /** The machine dies before the database executes it, or in the middle. */
  | "crash before"
  /** The machine dies before the answer arrives. */
  | "crash after"
  /** The machine freezes before it sends the call, or in the middle. */
  | "freeze before"
  /** The machine freezes before it reads the answer. */
  | "freeze after"
  /** The machine's wall clock is set while the call is under way. */
  | "clock jump"
  /** The connection dies in the middle of the call. */
  | "cut";

const FATES: readonly Exclude<Fate, "answered">[] = [
  "refused",
  "unheard",
  "late",
  "crash before",
  "crash after",
  "freeze before",
  "freeze after",
  "clock jump",
  "cut",
];

/** The highest rate of each fate. Crashes and freezes cost more time than errors, so they are rarer. */
const HIGHEST: Readonly<Record<Exclude<Fate, "answered">, number>> = {
  refused: 0.15,
  unheard: 0.15,
  late: 0.1,
  "crash before": 0.02,
  "crash after": 0.02,
  "freeze before": 0.02,
  "freeze after": 0.02,
  "clock jump": 0.02,
  cut: 0.1,
};

/** The faults of one simulation. */
export class Faults {
  readonly #random: Random;
  readonly #rates: readonly (readonly [fate: Fate, rate: number])[];
  readonly #slowRate: number;
  readonly #deafRate: number;
  readonly #isDatabaseClockSound: boolean;
  #isOver = false;

  constructor(random: Random) {
    this.#random = random;
    this.#rates = FATES.map((fate) => [fate, random.chance(0.5) ? 0 : HIGHEST[fate] * random.next() ** 2]);
    this.#slowRate = random.chance(0.5) ? 0 : random.next() * 0.3;
    this.#deafRate = random.chance(0.5) ? 0 : random.next() * 0.5;
    this.#isDatabaseClockSound = random.chance(0.6);
  }

  /** Ends all faults. */
  end(): void {
    this.#isOver = true;
  }

  /** Draws the fate of a call. */
  fate(): Fate {
    let place = this.#random.next();
    if (this.#isOver) return "answered";
    for (const [fate, rate] of this.#rates) {
      if (place < rate) return fate;
      place -= rate;
    }
    return "answered";
  }

  /** The delay of a call or an answer. */
  delayMs(): number {
    if (this.#isOver || !this.#random.chance(this.#slowRate)) return 0;
    return this.#random.chance(0.9) ? this.#random.int(1, 500) : this.#random.int(500, 15_000);
  }

  /** The delay of a call that executes after its caller has given up. */
  lateMs(): number {
    return this.#random.int(1, 40_000);
  }

  /** The duration of a freeze, often longer than a lease. */
  freezeMs(): number {
    return this.#random.chance(0.3) ? this.#random.int(100, 5_000) : this.#random.int(5_000, 90_000);
  }

  /** The error of a wall clock. */
  skewMs(): number {
    return this.#random.chance(0.3) ? 0 : this.#random.int(-600_000, 600_000);
  }

  /** When the database's clock is set ahead, by how much, and for how long; null: never. */
  wrongClock(): { readonly inMs: number; readonly aheadMs: number; readonly forMs: number } | null {
    if (this.#isDatabaseClockSound) return null;
    const random = this.#random;
    const aheadMs = random.pick([random.int(2_000, 60_000), random.int(60_000, 600_000), 7_200_000, 400 * 86_400_000]);
    return { inMs: random.int(1_000, 60_000), aheadMs, forMs: random.int(100, 25_000) };
  }

  /** Whether a machine misses the announcement of a change. */
  isUnnoticed(): boolean {
    return !this.#isOver && this.#random.chance(this.#deafRate);
  }

  /** The statement of a call, from 1, before which its fate comes. */
  statement(): number {
    return this.#random.int(1, 8);
  }
}
