/** Pauses between tries to reach what does not answer: doubling from the first to the last. */
const BACKOFF_MS = { first: 250, last: 10_000 } as const;

/**
 * The pause before try `failures` + 1, in milliseconds: between half and all of the doubled base, so that many who wait for
 * the same do not return together.
 */
export function backoff(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(BACKOFF_MS.last, BACKOFF_MS.first * 2 ** (failures - 1));
  return ceiling * (0.5 + random() / 2);
}
