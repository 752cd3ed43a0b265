import type { Middleware } from "fresh";
import { type EpochMs, StoreUnavailable } from "@jobtrigger/shared/domain";
import type { State } from "./state.ts";
import type { Portal } from "./portal.ts";

/** Reading changes nothing (RFC 9110, 9.2.1). */
const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Gives a request its one `now` from the database's clock; everything in the request uses it. */
export function databaseTime(): Middleware<State> {
  return async (ctx) => {
    const { portal, view } = ctx.state;
    ctx.state.view = { ...view, now: await nowOf(portal, { isReading: READING.has(ctx.req.method) }) };
    return await ctx.next();
  };
}

/**
 * While the database does not answer, pages that do not need it use the last measured offset. Writes never use it. @throws {StoreUnavailable}
 */
async function nowOf({ databaseClock }: Portal, { isReading }: { readonly isReading: boolean }): Promise<EpochMs> {
  try {
    return await databaseClock.now();
  } catch (error) {
    if (isReading && error instanceof StoreUnavailable) return databaseClock.estimate();
    throw error;
  }
}
