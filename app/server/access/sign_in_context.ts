import { type EpochMs, StoreUnavailable } from "@jobtrigger/shared/domain";
import type { SignInContext } from "@jobtrigger/shared/operations";
import type { State } from "../state.ts";

/** Where a request that is not signed in comes from, for operations. */
export async function signInContext({ portal, way, requestId }: State): Promise<SignInContext> {
  return {
    store: portal.store,
    now: await present(portal),
    origin: { address: way.address, requestId },
  };
}

/** By the database's clock, also while the database is out of reach. */
async function present({ databaseClock }: State["portal"]): Promise<EpochMs> {
  try {
    return await databaseClock.now();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return databaseClock.estimate();
  }
}
