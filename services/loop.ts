import type { EpochMs } from "@jobtrigger/shared/domain";
import { epochMs, StoreUnavailable } from "@jobtrigger/shared/domain";
import type { Logger } from "@jobtrigger/shared/log";
import type { DatabaseClock, Store } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";

/** What a service's loop works with. */
export interface LoopContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly log: Logger;
}

/** Cuts the sleep of a loop short, any number of times. */
export class Nudge {
  #next = new AbortController();

  /** Aborts at the next nudge. */
  get signal(): AbortSignal {
    return this.#next.signal;
  }

  /** Wakes the loop; while it is awake, lets it go round once more. */
  give(): void {
    this.#next.abort();
    this.#next = new AbortController();
  }
}

/** Pauses between attempts to reach a database that does not answer: doubling from the first to the last. */
const BACKOFF_MS = { first: 250, last: 10_000 } as const;

/**
 * Calls `step` until `signal` aborts: again when the instant it answered has come, and as soon as anything in the database
 * changes or somebody gives the `nudge`. Both are looked at before the step, so what comes during it is never slept through.
 *
 * While the database does not answer, the loop says so once, tries again with growing pauses, and says when it is back.
 * `onOutage` runs at each failed try, for what must go on without a database.
 */
export async function runLoop(
  { store, clock, databaseClock, log }: LoopContext,
  { signal, nudge = new Nudge(), step, onOutage = () => {} }: {
    readonly signal: AbortSignal;
    readonly nudge?: Nudge;
    /** Does what is due; answers when it wants to be called next at the latest. */
    readonly step: (now: EpochMs) => Promise<EpochMs>;
    readonly onOutage?: () => void;
  },
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const nudged = nudge.signal;
    const version = store.changes.version();
    try {
      const next = await step(await databaseClock.now());
      if (failures > 0) log.info("The database answers again", { after: failures });
      failures = 0;
      await sleepUntilChange(next, version, nudged);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (failures === 0) log.error("The database does not answer: {reason}", { reason: error.message });
      failures += 1;
      onOutage();
      await clock.sleep(backoff(failures), signal);
    }
  }

  async function sleepUntilChange(until: EpochMs, version: number, nudged: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const either = AbortSignal.any([signal, awake.signal, nudged]);
    const ms = until - databaseClock.estimate();
    await Promise.race([clock.sleep(ms, either), store.changes.after(version, either)]);
    awake.abort();
  }
}

/** The pause before try `failures` + 1, between half and all of the doubled base, so that services do not return together. */
function backoff(failures: number): number {
  const ceiling = Math.min(BACKOFF_MS.last, BACKOFF_MS.first * 2 ** (failures - 1));
  return ceiling * (0.5 + Math.random() / 2);
}

/** The earliest of some instants; null ones do not count. */
export function earliest(first: EpochMs, ...others: readonly (EpochMs | null)[]): EpochMs {
  return epochMs(Math.min(first, ...others.filter((at) => at !== null)));
}
