import type { EpochMs } from "@jobtrigger/shared/domain";
import { epochMs, StoreUnavailable } from "@jobtrigger/shared/domain";
import type { Logger } from "@jobtrigger/shared/log";
import { type DatabaseClock, type Store, type Topic, TOPICS } from "@jobtrigger/shared/store";
import { backoff, type Clock } from "@jobtrigger/shared/time";
import type { Pulse } from "./pulse.ts";

/** What a service's loop works with. */
export interface LoopContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly log: Logger;
  /** Hears of each turn of the loop. Default: nobody does. */
  readonly pulse?: Pulse;
  /** From 0 up to 1, for the jitter of pauses. Default: `Math.random`. */
  readonly random?: () => number;
}

/** How a service is asked to stop. */
export interface StopSignals {
  /** Aborts at the first signal: end in order. */
  readonly stop: AbortSignal;
  /** Aborts at the second signal: end at once. */
  readonly now: AbortSignal;
}

/** Cuts the sleep of a loop short, any number of times. */
export class Nudge {
  #given = 0;
  #wake: () => void = () => {};

  /** How many times it was given. */
  get given(): number {
    return this.#given;
  }

  /** Wakes the loop; a loop that is awake calls its step once more. */
  give(): void {
    this.#given++;
    this.#wake();
  }

  /** Resolves once the loop was woken more than `since` times. Only the last caller that waits is resolved. */
  after(since: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#given > since) resolve();
      else this.#wake = resolve;
    });
  }
}

/** When a loop calls its step again. */
export interface Next {
  /** The latest instant. */
  readonly at: EpochMs;
  /** A change in one of these topics comes earlier. */
  readonly topics: readonly Topic[];
}

/**
 * Calls `step` until `signal` aborts. The next call comes at the instant that the step returned, at a change in one of its
 * topics, or on a `nudge`. The loop reads versions and nudges before the step, so it misses none that comes during the step.
 *
 * While the database does not answer, the loop logs each reason once, tries again with growing pauses, and logs when
 * the database is back.
 */
export async function runLoop(
  { store, clock, databaseClock, log, pulse, random = Math.random }: LoopContext,
  { signal, nudge = new Nudge(), step }: {
    readonly signal: AbortSignal;
    readonly nudge?: Nudge;
    /** Does the work that is due; returns when, and after which changes, to call it next. */
    readonly step: (now: EpochMs) => Promise<Next>;
  },
): Promise<void> {
  let failures = 0;
  const reasons = new Set<string>();
  while (!signal.aborted) {
    const nudges = nudge.given;
    pulse?.turned();
    try {
      const versions = new Map(TOPICS.map((topic) => [topic, store.changes.version(topic)]));
      const next = await step(await databaseClock.now());
      if (failures > 0) log.info("The database answers again", { after: failures });
      failures = 0;
      reasons.clear();
      pulse?.passed();
      await sleepUntil(next, versions, nudges);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      sayOnce(error.message);
      pulse?.failed(error.message);
      failures += 1;
      await clock.sleep(backoff(failures, random), signal);
    }
  }

  /** Log each reason once in an outage: two reasons often alternate, as connections break and are refused. */
  function sayOnce(reason: string): void {
    if (reasons.has(reason)) return;
    const news = reasons.size === 0 ? "The database does not answer" : "Still no answer from the database";
    log.error(`${news}: {reason}`, { reason });
    reasons.add(reason);
  }

  async function sleepUntil(next: Next, versions: ReadonlyMap<Topic, number>, nudges: number): Promise<void> {
    const ms = next.at - databaseClock.estimate();
    if (ms <= 0 || nudge.given > nudges) return;
    const awake = new AbortController();
    const either = AbortSignal.any([signal, awake.signal]);
    await Promise.race([
      clock.sleep(ms, either),
      nudge.after(nudges),
      ...next.topics.map((topic) => store.changes.after(versions.get(topic) ?? 0, either, topic)),
    ]);
    awake.abort();
  }
}

/** The earliest of some instants; null ones do not count. */
export function earliest(first: EpochMs, ...others: readonly (EpochMs | null)[]): EpochMs {
  return epochMs(Math.min(first, ...others.filter((at) => at !== null)));
}
