import { type EpochMs, epochMs } from "../domain/brand.ts";

/** Tells the time and waits. Services are given one, so that a test can control it. */
export interface Clock {
  /** The time. */
  now(): EpochMs;
  /** Milliseconds since some moment. Nobody can set this clock, so it measures durations also while the time is set. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts; never rejects. Longer than 24 days is cut to that. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Longest delay a timer takes: 2^31 − 1 ms (HTML Standard, timers). */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => epochMs(Date.now()),
  monotonic: () => performance.now(),
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
};
