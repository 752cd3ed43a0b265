/** The first and the longest pause between tries to reach something that does not answer. */
const BACKOFF_MS = { first: 250, last: 10_000 } as const;

/**
 * The pause before try `failures` + 1, in milliseconds: between half and all of the doubled base, so that many who wait for
 * the same do not return together.
 */
export function backoff(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(BACKOFF_MS.last, BACKOFF_MS.first * 2 ** (failures - 1));
  return ceiling * (0.5 + random() / 2);
}
