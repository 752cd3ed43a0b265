/** How far an instant is from now, short enough for a table: `now`, `12 s ago`, `in 5 min`, `3 h ago`, `2 d ago`. Whole units, cut. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.floor(Math.abs(at - now) / 1000);
  if (seconds === 0) return "now";
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? SECOND;
  const amount = `${Math.floor(seconds / size)} ${unit}`;
  return at > now ? `in ${amount}` : `${amount} ago`;
}

/** A span of time in whole units, cut: `18 min`. */
export function spanWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? SECOND;
  return `${Math.floor(seconds / size)} ${unit}`;
}

const SECOND = [1, "s"] as const;
const UNITS = [[31_536_000, "y"], [86_400, "d"], [3600, "h"], [60, "min"], SECOND] as const;
