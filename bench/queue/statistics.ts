/** Several measurements of one thing. */
export interface Figures {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The value below which `share` (0…1) of the samples lie; NaN of none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Median and range; null of none. */
export function figures(samples: readonly number[]): Figures | null {
  if (samples.length === 0) return null;
  return { median: quantile(samples, 0.5), least: Math.min(...samples), most: Math.max(...samples) };
}
