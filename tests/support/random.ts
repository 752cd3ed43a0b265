/**
 * A generator of pseudo-random numbers that a seed decides: the same seed gives the same numbers everywhere.
 *
 * The algorithm is splitmix32: a counter and a 32-bit mix (the constants are those of Murmur3's finaliser, varied by
 * T. Mueller). Good enough to choose by, never for secrets.
 */
export class Random {
  #state: number;

  /** `seed` is a whole number; only its lower 32 bits count. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of `list`. @throws {RangeError} when it is empty. */
  pick<Item>(list: readonly Item[]): Item {
    const [item] = list.slice(this.int(0, list.length - 1));
    if (item === undefined) throw new RangeError("Cannot pick from nothing");
    return item;
  }
}
