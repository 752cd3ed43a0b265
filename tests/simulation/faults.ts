/**
 * What goes wrong, how often. Each simulation draws its own rates, and leaves some kinds out altogether: what only happens
 * when nothing else is wrong is found too.
 *
 * @module
 */
import type { Random } from "../support/random.ts";

/** What becomes of one call of the store. */
export type Fate =
  /** It is carried out and answered. */
  | "answered"
  /** It never reaches the database, and the caller is told so. */
  | "refused"
  /** It is carried out, but the caller is told that the database does not answer. */
  | "unheard"
  /** The caller is told that the database does not answer; it is carried out later all the same. */
  | "late"
  /** The machine dies before it is carried out, or in its middle. */
  | "crash before"
  /** The machine dies before the answer arrives. */
  | "crash after"
  /** The machine stands still before it sends the call, or in its middle. */
  | "freeze before"
  /** The machine stands still before it reads the answer. */
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

/** How often the worst rate lets a call end so. A crash or a freeze costs more than an error, so there are fewer. */
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

  /** From now on nothing goes wrong any more. */
  end(): void {
    this.#isOver = true;
  }

  /** What becomes of a call. */
  fate(): Fate {
    let place = this.#random.next();
    if (this.#isOver) return "answered";
    for (const [fate, rate] of this.#rates) {
      if (place < rate) return fate;
      place -= rate;
    }
    return "answered";
  }

  /** How long a call or an answer is on its way. */
  delayMs(): number {
    if (this.#isOver || !this.#random.chance(this.#slowRate)) return 0;
    return this.#random.chance(0.9) ? this.#random.int(1, 500) : this.#random.int(500, 15_000);
  }

  /** How long a call that was given up is on its way before it is carried out. */
  lateMs(): number {
    return this.#random.int(1, 40_000);
  }

  /** For how long a machine stands still: often beyond its lease. */
  freezeMs(): number {
    return this.#random.chance(0.3) ? this.#random.int(100, 5_000) : this.#random.int(5_000, 90_000);
  }

  /** How wrong a wall clock is. */
  skewMs(): number {
    return this.#random.chance(0.3) ? 0 : this.#random.int(-600_000, 600_000);
  }

  /** When the database's clock is set ahead, by how much, and for how long; null: it is always right. */
  wrongClock(): { readonly inMs: number; readonly aheadMs: number; readonly forMs: number } | null {
    if (this.#isDatabaseClockSound) return null;
    const random = this.#random;
    const aheadMs = random.pick([random.int(2_000, 60_000), random.int(60_000, 600_000), 7_200_000, 400 * 86_400_000]);
    return { inMs: random.int(1_000, 60_000), aheadMs, forMs: random.int(100, 25_000) };
  }

  /** Whether the news of one change passes a machine by. */
  isUnnoticed(): boolean {
    return !this.#isOver && this.#random.chance(this.#deafRate);
  }

  /** Before which statement of a call, from 1, it meets its fate in the middle. */
  statement(): number {
    return this.#random.int(1, 8);
  }
}
