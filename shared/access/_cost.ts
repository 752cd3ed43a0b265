/** What scrypt costs: 2^`ln` blocks of `r` × 128 bytes, `p` times. */
export interface Cost {
  /** The binary logarithm of N, the number of blocks. */
  readonly ln: number;
  /** The size of a block, in units of 128 bytes. */
  readonly r: number;
  /** How many times all of it is done. */
  readonly p: number;
}

/** The cost of new hashes. */
export const FULL_COST: Cost = { ln: 17, r: 8, p: 1 };

let cost = FULL_COST;

/** What a new hash costs now: {@linkcode FULL_COST} in every process of the product. */
export function costOfHash(): Cost {
  return cost;
}

/** Sets what a new hash costs. Tests that are about other things than hashes set less; nothing else sets it. */
export function setCostOfHash(next: Cost): void {
  cost = next;
}
