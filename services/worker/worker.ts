/**
 * The worker: claims attempts, runs their scripts, and keeps its leases alive while they run.
 *
 * One loop does all that concerns leases, one thing after the other: heartbeat, cancel requests, claim. So a heartbeat never
 * meets a claim whose answer is still on its way, and may give back what the database says this worker holds and it does not
 * know. The attempts themselves run beside the loop and write only about themselves.
 *
 * @module
 */
import { type DispatchId, type EpochMs, epochMs, type WorkerIdentity } from "@jobtrigger/shared/domain";
import { earliest, Nudge, runLoop } from "../loop.ts";
import type { StopSignals } from "../service.ts";
import { Attempt, type AttemptContext } from "./attempt.ts";

/** Runs a worker until it is told to stop, then lets its scripts end or gives them back, and says goodbye. */
export async function runWorker(
  context: AttemptContext & { readonly identity: WorkerIdentity },
  { stop, now: atOnce }: StopSignals,
): Promise<void> {
  const { store, clock, databaseClock, config, identity, log } = context;
  const { workerId } = identity;
  const running = new Map<DispatchId, Attempt>();
  const done = new AbortController();
  const nudge = new Nudge();
  let nextBeat: EpochMs | null = null;
  let idlePollMs = config.workerPollMs;
  let isDraining = false;

  const loop = runLoop(context, { signal: done.signal, nudge, step, onOutage: loseExpired });
  const stopped = Promise.withResolvers<void>();
  const onStop = () => {
    stopped.resolve();
    nudge.give();
  };
  stop.addEventListener("abort", onStop, { once: true });
  if (stop.aborted) onStop();
  // A loop that fails ends the worker; its scripts are ended below all the same, at the latest when their leases run out.
  loop.catch(() => void expire());
  await Promise.race([stopped.promise, loop]).finally(drain);
  done.abort();
  await loop;
  await store.workers.retire(workerId, databaseClock.estimate());

  async function step(now: EpochMs): Promise<EpochMs> {
    if (nextBeat === null) await store.workers.register(identity, now);
    if (nextBeat === null || now >= nextBeat || isDraining !== stop.aborted) nextBeat = await beat(now);
    await passOnCancels();
    const free = config.concurrency - running.size;
    if (stop.aborted || free <= 0) return nextBeat;
    const claimed = await claim(free, now);
    idlePollMs = claimed > 0 ? config.workerPollMs : Math.min(idlePollMs * 2, config.workerMaxPollMs);
    const isFull = claimed === free;
    return earliest(nextBeat, epochMs(now + idlePollMs), isFull ? null : await store.queue.nextAvailableAt());
  }

  async function beat(now: EpochMs): Promise<EpochMs> {
    const held = [...running.values()];
    const status = stop.aborted ? "DRAINING" : held.length > 0 ? "BUSY" : "IDLE";
    isDraining = stop.aborted;
    const { lost, known } = await store.queue.heartbeat({
      workerId,
      held: held.map(({ claim }) => claim),
      status,
      leaseMs: config.workerOfflineMs,
      now,
    });
    for (const attempt of held) attempt.leaseUntil = now + config.workerOfflineMs;
    for (const id of lost) running.get(id)?.lose();
    if (!known) await store.workers.register(identity, now);
    return epochMs(now + config.heartbeatMs);
  }

  async function passOnCancels(): Promise<void> {
    if (running.size === 0) return;
    const requested = await store.queue.cancelRequested([...running.values()].map(({ claim }) => claim));
    for (const id of requested) running.get(id)?.cancel();
  }

  async function claim(limit: number, now: EpochMs): Promise<number> {
    const claims = await store.queue.claim({ workerId, limit, leaseMs: config.workerOfflineMs, now });
    if (stop.aborted) {
      await store.queue.release(claims, databaseClock.estimate());
      return 0;
    }
    for (const claimed of claims) {
      const attempt = new Attempt(claimed, context);
      running.set(claimed.dispatchId, attempt);
      attempt.ended
        .catch((error) =>
          log.error("Run {run} failed in the worker itself: {error}", { run: claimed.dispatchId, error })
        )
        .finally(() => {
          running.delete(claimed.dispatchId);
          // Its last write has woken the loop already, while this slot still counted as taken.
          nudge.give();
        });
    }
    return claims.length;
  }

  /** While the database is out of reach, a lease that has run out may have been given to another. */
  function loseExpired(): void {
    const now = databaseClock.estimate();
    for (const attempt of running.values()) if (now >= attempt.leaseUntil) attempt.lose();
  }

  /** Nobody renews the leases any more: gives each attempt up when its own has run out. */
  async function expire(): Promise<void> {
    for (const attempt of [...running.values()].toSorted((a, b) => a.leaseUntil - b.leaseUntil)) {
      await clock.sleep(attempt.leaseUntil - databaseClock.estimate(), done.signal);
      attempt.lose();
    }
  }

  async function drain(): Promise<void> {
    if (running.size > 0) log.info("Waiting for {count} scripts to end", { count: running.size });
    await within(config.drainMs);
    for (const attempt of running.values()) attempt.giveBack({ atOnce: atOnce.aborted });
    const hurry = () => running.forEach((attempt) => attempt.giveBack({ atOnce: true }));
    atOnce.addEventListener("abort", hurry, { once: true });
    await allEnded();
  }

  async function within(ms: number): Promise<void> {
    const ended = new AbortController();
    await Promise.race([clock.sleep(ms, AbortSignal.any([atOnce, ended.signal])), allEnded()]);
    ended.abort();
  }

  async function allEnded(): Promise<void> {
    await Promise.allSettled([...running.values()].map((attempt) => attempt.ended));
  }
}
