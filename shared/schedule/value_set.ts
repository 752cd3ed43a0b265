/**
 * A set of whole numbers from 0 to 63 that finds its next and previous member in a few instructions; enough for
 * every field of a schedule. Two 32-bit words, no allocation after it is made.
 *
 * @module
 */

/** An unchanging set of whole numbers from 0 to 63. */
export class ValueSet {
  readonly #low: number;
  readonly #high: number;
  /** The smallest member, or -1 of an empty set. */
  readonly first: number;
  /** The largest member, or -1 of an empty set. */
  readonly last: number;

  constructor(values: Iterable<number>) {
    let low = 0;
    let high = 0;
    for (const value of values) {
      if (value < 32) low |= 1 << value;
      else high |= 1 << (value - 32);
    }
    this.#low = low;
    this.#high = high;
    this.first = this.next(0);
    this.last = this.previous(63);
  }

  /** The members below 32 as the bits of one word. */
  get word(): number {
    return this.#low;
  }

  /** Whether `value` is a member. */
  has(value: number): boolean {
    return ((value < 32 ? this.#low >>> value : this.#high >>> (value - 32)) & 1) === 1;
  }

  /** The smallest member that is at least `value`, or -1. */
  next(value: number): number {
    if (value < 32) {
      const word = this.#low >>> value;
      if (word !== 0) return value + lowestBit(word);
      return this.#high === 0 ? -1 : 32 + lowestBit(this.#high);
    }
    if (value > 63) return -1;
    const word = this.#high >>> (value - 32);
    return word === 0 ? -1 : value + lowestBit(word);
  }

  /** The largest member that is at most `value`, or -1. */
  previous(value: number): number {
    if (value < 0) return -1;
    if (value >= 32) {
      const word = this.#high << (63 - value);
      if (word !== 0) return value - Math.clz32(word);
      return this.#low === 0 ? -1 : highestBit(this.#low);
    }
    const word = this.#low << (31 - value);
    return word === 0 ? -1 : value - Math.clz32(word);
  }

  /** How many members there are. */
  get size(): number {
    return bitCount(this.#low) + bitCount(this.#high);
  }

  /** How many members are less than `value`, which is from 0 to 63. */
  countBelow(value: number): number {
    if (value < 32) return bitCount(this.#low & ~(-1 << value));
    return bitCount(this.#low) + bitCount(this.#high & ~(-1 << (value - 32)));
  }

  /** The members in order. */
  values(): number[] {
    const values: number[] = [];
    for (let value = this.first; value !== -1; value = this.next(value + 1)) values.push(value);
    return values;
  }
}

/** Position of the lowest bit set in a word that is not 0. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** How many bits of a word are set: counted in pairs, the pairs in fours, the fours in bytes, the bytes added up. */
export function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Position of the highest bit set in a word that is not 0. */
export function highestBit(word: number): number {
  return 31 - Math.clz32(word);
}
