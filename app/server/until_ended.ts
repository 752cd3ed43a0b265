import type { Dispatch } from "@jobtrigger/shared/domain";
import type { Portal } from "./portal.ts";

/**
 * Waits until the occurrence of `run` has ended, retries included, for `waitMs` at most or until the portal stops. Answers its last
 * attempt, which has not ended where that took longer.
 */
export async function untilEnded(
  { store, feed, clock, stopping }: Portal,
  run: Dispatch,
  waitMs: number,
): Promise<Dispatch> {
  const wait = new AbortController();
  const stop = () => wait.abort();
  stopping.addEventListener("abort", stop, { once: true });
  const timeout = clock.sleep(waitMs, wait.signal).then(stop);
  try {
    while (true) {
      // The version is read before the run: what comes meanwhile is seen in the next round.
      const seen = feed.version;
      const last = (await store.runs.attempts(run.rootId)).at(-1) ?? run;
      if ("completedAt" in last.state || wait.signal.aborted || stopping.aborted) return last;
      await feed.after(seen, wait.signal);
    }
  } finally {
    stopping.removeEventListener("abort", stop);
    stop();
    await timeout;
  }
}
