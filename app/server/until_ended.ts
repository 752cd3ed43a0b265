import { decide } from "@jobtrigger/shared/access";
import { type Dispatch, NotFound } from "@jobtrigger/shared/domain";
import type { Follower } from "./access/follower.ts";
import { ApiError } from "./api/api_error.ts";
import type { Portal } from "./portal.ts";
import { changed } from "./sse.ts";

/**
 * Waits until the occurrence of `run` has ended, retries included, for `waitMs` at most or until the portal stops. Answers its last
 * attempt, which has not ended where that took longer. Whoever waits is asked for again each time that something has changed, every
 * few seconds, and before the answer.
 * @throws {ApiError} `unauthorized` when their session or token has ended. @throws {NotFound} when they may no longer run the job.
 */
export async function untilEnded(
  portal: Portal,
  run: Dispatch,
  { waitMs, accessNow }: Pick<Follower, "accessNow"> & { readonly waitMs: number },
): Promise<Dispatch> {
  const { store, feed, clock, stopping } = portal;
  const wait = new AbortController();
  const stop = () => wait.abort();
  stopping.addEventListener("abort", stop, { once: true });
  const timeout = clock.sleep(waitMs, wait.signal).then(stop);
  try {
    while (true) {
      // The version is read before the run: what comes meanwhile is seen in the next round.
      const seen = feed.version;
      await assertStill(portal, run, accessNow);
      const last = (await store.runs.attempts(run.rootId)).at(-1) ?? run;
      if ("completedAt" in last.state || wait.signal.aborted || stopping.aborted) return last;
      await changed(portal, seen, wait.signal);
    }
  } finally {
    stopping.removeEventListener("abort", stop);
    stop();
    await timeout;
  }
}

async function assertStill({ store }: Portal, run: Dispatch, accessNow: Follower["accessNow"]): Promise<void> {
  const access = await accessNow();
  if (access === null) throw new ApiError("unauthorized", "The session or the token has ended while it waited");
  const { labels } = await store.jobs.get(run.jobId) ?? { labels: [] };
  if (!decide(access, "jobs.run", { labels }).allowed) throw new NotFound(`There is no run ${run.id}`);
}
