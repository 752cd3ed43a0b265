/** How long something has been going on, in whole seconds, to two units: `12 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. */
export function elapsedTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [large, small] = UNITS.find(([{ size }]) => seconds >= size) ?? [SECOND, null];
  const whole = `${Math.floor(seconds / large.size)} ${large.unit}`;
  const rest = small === null ? 0 : Math.floor(seconds % large.size / small.size);
  return rest === 0 || small === null ? whole : `${whole} ${rest} ${small.unit}`;
}

const SECOND = { size: 1, unit: "s" } as const;
const MINUTE = { size: 60, unit: "min" } as const;
const HOUR = { size: 3600, unit: "h" } as const;
const UNITS = [[{ size: 86_400, unit: "d" }, HOUR], [HOUR, MINUTE], [MINUTE, SECOND]] as const;
