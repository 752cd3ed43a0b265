/** The steps of a scale of durations, in milliseconds: people count seconds and minutes by these. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000] as const;
const MINUTES = [1, 2, 5, 10, 20, 30, 60, 120, 300, 720, 1440] as const;

/** The top of a scale that holds a duration in milliseconds: the least round one that is not below it. */
export function niceCeiling(ms: number): number {
  const step = STEPS.find((step) => step >= ms) ??
    MINUTES.map((minutes) => minutes * 60_000).find((step) => step >= ms);
  if (step !== undefined) return step;
  const day = 86_400_000;
  return Math.ceil(ms / day) * day;
}
