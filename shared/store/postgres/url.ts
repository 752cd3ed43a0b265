import { Invalid } from "../../domain/errors.ts";

/** Connections of one process at once, unless the URL says `pool_max=…`. */
const DEFAULT_POOL = 10;
const MAX_POOL = 100;

/**
 * How many connections a process may have for its work, from `?pool_max=` in the URL. Two more are for heartbeats and for
 * listening.
 *
 * @throws {Invalid} when it is not 1…100.
 */
export function poolSize(url: string): number {
  const given = new URL(url).searchParams.get("pool_max");
  if (given === null) return DEFAULT_POOL;
  const size = Number(given);
  if (/^\d+$/.test(given) && size >= 1 && size <= MAX_POOL) return size;
  throw new Invalid([{
    field: "DATABASE_URL",
    message: `has pool_max=${given}; expected a whole number from 1 to ${MAX_POOL}`,
  }]);
}
