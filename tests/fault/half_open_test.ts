import assert from "node:assert/strict";
import { ListenedChanges } from "../../shared/store/postgres/changes.ts";
import { Connection } from "../../shared/store/postgres/connection.ts";
import { type Clock, systemClock } from "../../shared/time/mod.ts";
import { eventually } from "../support/process.ts";
import { PostgresProxy } from "../support/postgres_proxy.ts";
import { openPostgresTestStore } from "../support/store.ts";

/** How long somebody may take to fall asleep before the test gives up, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A clock on which time passes only where a test lets it. */
class HeldClock implements Clock {
  readonly now = systemClock.now;
  readonly monotonic = systemClock.monotonic;
  readonly #asleep = new Map<() => void, number>();
  #onSleep = () => {};
  #isHeld = true;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || !this.#isHeld) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#asleep.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      signal?.addEventListener("abort", wake, { once: true });
      this.#asleep.set(wake, ms);
      this.#onSleep();
    });
  }

  /** Ends a sleep of a length between the two: one under way, or the first that somebody falls into. */
  async pass(fromMs: number, toMs: number = fromMs): Promise<void> {
    const { promise, resolve: wake, reject } = Promise.withResolvers<() => void>();
    const timer = setTimeout(() => reject(new Error(`Nobody sleeps for ${fromMs} to ${toMs} ms`)), PATIENCE_MS);
    this.#onSleep = () => {
      for (const [sleeper, ms] of this.#asleep) if (fromMs <= ms && ms <= toMs) return wake(sleeper);
    };
    this.#onSleep();
    try {
      (await promise)();
    } finally {
      clearTimeout(timer);
      this.#onSleep = () => {};
    }
  }

  /** Ends all sleeps, and all to come. */
  letGo(): void {
    this.#isHeld = false;
    for (const wake of [...this.#asleep.keys()]) wake();
  }
}

/** No test waits for it: nobody has to poll. */
const POLL_MS = 3_600_000;
const TEST_EVERY_MS = 30_000;
const TEST_WITHIN_MS = 5_000;

Deno.test("a listening connection that has gone silent is noticed by its test, and another takes its place", async () => {
  await using direct = await openPostgresTestStore();
  await using proxy = new PostgresProxy(direct.url);
  const db = new Connection({ url: proxy.url, max: 2 });
  const clock = new HeldClock();
  const changes = new ListenedChanges(db, { clock, pollMs: POLL_MS });
  const isHearing = (expected: boolean) =>
    eventually({ changes }, () => Promise.resolve(changes.isHearing === expected));
  const tells = async () => {
    const version = changes.version("queue");
    await direct.sql("SELECT pg_notify('job_trigger', 'queue')");
    await eventually({ changes }, () => Promise.resolve(changes.version("queue") > version));
  };
  try {
    await isHearing(true);
    await tells();
    assert.equal(proxy.silence(/^LISTEN/), 1);
    const another = proxy.grows(/^LISTEN/, 1);
    await clock.pass(TEST_EVERY_MS);
    await clock.pass(TEST_WITHIN_MS);
    // Its goodbye is not answered either.
    await clock.pass(TEST_WITHIN_MS);
    // It pauses for a moment before it connects again.
    await clock.pass(1, 1000);
    await another;
    await isHearing(true);
    await tells();
  } finally {
    clock.letGo();
    await changes.close();
    await db.close();
  }
});
