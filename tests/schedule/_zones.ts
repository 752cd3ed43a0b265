/**
 * The time zones that random tests of the engine go through. There are more than 400, and each takes walks over its clock changes: a
 * run takes every fourth zone, another fourth each day, and each zone has the same cases every time. `deno task test:long` takes all
 * zones (SCHEDULE_ZONES=all), with other cases each day. SCHEDULE_DAY repeats what a day had.
 *
 * @module
 */
const DAY_MS = 86_400_000;
const SHARES = 4;

/** The seed of the first zone, unless the day gives it. */
const SEED = 20_261_124;

const day = Number(Deno.env.get("SCHEDULE_DAY") ?? Math.floor(Date.now() / DAY_MS));
const takesAll = Deno.env.get("SCHEDULE_ZONES") === "all";

/** A zone and the seed of its cases. */
export interface ZoneOfDay {
  readonly zone: string;
  readonly seed: number;
}

/** The zones of this run. Says how to repeat it. */
export function zonesOfDay(): readonly ZoneOfDay[] {
  const first = takesAll ? day * 1000 : SEED;
  const all = Intl.supportedValuesOf("timeZone").map((zone, index) => ({ zone, seed: first + index }));
  const zones = takesAll ? all : all.filter((_, index) => index % SHARES === day % SHARES);
  console.log(`${zones.length} of ${all.length} zones: SCHEDULE_DAY=${day}${takesAll ? " SCHEDULE_ZONES=all" : ""}`);
  return zones;
}
