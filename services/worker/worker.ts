/**
 * The worker: claims attempts, runs their scripts, and keeps its leases alive while they run.
 *
 * One loop does all that concerns leases, one thing after the other: heartbeat, cancel requests, claim. So a heartbeat never
 * meets a claim whose answer is still on its way, and may give back what the database says this worker holds and it does not
 * know. The attempts themselves run beside the loop and write only about themselves, in batches that they share.
 *
 * A worker claims for its free slots, and where scripts are so short that the way to the database would count, some ahead;
 * what it has claimed and not started when it is told to stop, it gives back.
 *
 * @module
 */
import {
  type DispatchId,
  type EpochMs,
  epochMs,
  StoreUnavailable,
  type WorkerIdentity,
} from "@jobtrigger/shared/domain";
import type { Claim } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";
import { earliest, type Next, Nudge, runLoop } from "../loop.ts";
import type { StopSignals } from "../service.ts";
import { Attempt, type AttemptContext, type Reports } from "./attempt.ts";
import { Batch } from "./batch.ts";
import { Slots } from "./slots.ts";
import { StartNotes } from "./start_notes.ts";
import { nextTurn } from "./turn.ts";

/** Most attempts that one transaction writes about. */
const BATCH = 1000;
/** Most scripts that start in one turn; then timers and sockets have theirs: heartbeats, the next claim, reports. */
const STARTS_IN_TURN = 100;
/** Most outputs that one transaction writes: each may have 256 KiB. */
const OUTPUT_BATCH = 50;

/** Runs a worker until it is told to stop, then lets its scripts end or gives them back, and says goodbye. */
export async function runWorker(
  worker: Omit<AttemptContext, "scriptClock"> & { readonly identity: WorkerIdentity },
  { stop, now: atOnce }: StopSignals,
): Promise<void> {
  const { store, clock, databaseClock, config, identity, log } = worker;
  const scriptClock: Clock = {
    now: () => databaseClock.estimate(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
  const context: AttemptContext = { ...worker, scriptClock };
  const { workerId } = identity;
  const tags = new Set(identity.tags);
  const slots = new Slots(config.concurrency);
  const waiting: Claim[] = [];
  const running = new Map<DispatchId, Attempt>();
  const reports: Reports = {
    starts: new StartNotes({
      write: (starts) => store.queue.markStarted(starts),
      clock,
      onLost: (id) => running.get(id)?.notHeld(),
    }),
    outputs: new Batch((outputs) => store.queue.appendLogs(outputs), OUTPUT_BATCH),
    ends: new Batch((ends) => store.queue.finish(ends), BATCH),
  };
  const done = new AbortController();
  const nudge = new Nudge();
  let jump = databaseClock.lastJump;
  let nextBeat: EpochMs | null = null;
  let idlePollMs = config.workerPollMs;
  let startsLeft = STARTS_IN_TURN;
  let isDraining = false;
  let isEnding = false;
  let cancelVersion = -1;
  let nextCancelPoll = epochMs(0);

  const loop = runLoop(context, { signal: done.signal, nudge, step });
  const watch = watchLeases();
  const stopped = Promise.withResolvers<void>();
  const onStop = () => {
    stopped.resolve();
    nudge.give();
  };
  stop.addEventListener("abort", onStop, { once: true });
  if (stop.aborted) onStop();
  // A loop that fails ends the worker; its scripts are ended below all the same, at the latest when their leases run out.
  await Promise.race([stopped.promise, loop]).finally(drain);
  done.abort();
  await watch;
  await loop;
  await reports.starts.close();
  await retire();

  async function step(now: EpochMs): Promise<Next> {
    if (nextBeat === null) await store.workers.register(identity, now);
    if (jump !== databaseClock.lastJump) {
      // Instants that were set before mean nothing any more: by a clock that went back they would be waited for as long again.
      jump = databaseClock.lastJump;
      nextBeat = now;
      nextCancelPoll = now;
    }
    if (nextBeat === null || now >= nextBeat || isDraining !== stop.aborted) nextBeat = await beat(now);
    await passOnCancels(now);
    if (stop.aborted) {
      await store.queue.release(waiting.splice(0), databaseClock.estimate());
      return { at: nextBeat, topics: ["cancel"] };
    }
    const wanted = slots.wanted({ waiting: waiting.length, held: running.size });
    if (wanted === 0) return { at: earliest(nextBeat, epochMs(now + config.workerPollMs)), topics: ["cancel"] };
    const claimed = await claim(wanted, now);
    // No more is claimed at once, and nothing would wake the loop for the slots that are left.
    if (claimed === wanted && slots.free > waiting.length) return { at: now, topics: [] };
    idlePollMs = claimed > 0 ? config.workerPollMs : Math.min(idlePollMs * 2, config.workerMaxPollMs);
    const nextAvailable = claimed === wanted ? null : await store.queue.nextAvailableAt(now);
    return { at: earliest(nextBeat, epochMs(now + idlePollMs), nextAvailable), topics: ["queue", "cancel"] };
  }

  async function beat(now: EpochMs): Promise<EpochMs> {
    const attempts = [...running.values()];
    // A run that was claimed anew is named by its new claim alone: the answer tells runs, not claims.
    const known = [...attempts.map(({ claim }) => claim), ...waiting];
    const held = [...new Map(known.map((claim) => [claim.dispatchId, claim])).values()];
    const status = stop.aborted ? "DRAINING" : held.length > 0 ? "BUSY" : "IDLE";
    isDraining = stop.aborted;
    const { lost, known: isKnown } = await store.queue.heartbeat({
      workerId,
      held,
      status,
      leaseMs: config.workerOfflineMs,
      now,
    });
    const leaseUntil = epochMs(now + config.workerOfflineMs);
    for (const attempt of attempts) attempt.leaseUntil = leaseUntil;
    const isLost = new Set(lost);
    for (const claim of waiting.splice(0)) if (!isLost.has(claim.dispatchId)) waiting.push({ ...claim, leaseUntil });
    for (const id of lost) running.get(id)?.notHeld();
    if (!isKnown) await store.workers.register(identity, now);
    return epochMs(now + config.heartbeatMs);
  }

  /** Looks at cancel requests when there may be one, and at each fallback poll. */
  async function passOnCancels(now: EpochMs): Promise<void> {
    const version = store.changes.version("cancel");
    if (running.size + waiting.length === 0 || (version === cancelVersion && now < nextCancelPoll)) return;
    const held = [...[...running.values()].map(({ claim }) => claim), ...waiting];
    const requested = await store.queue.cancelRequested(held);
    for (const { dispatchId, cancel } of requested) running.get(dispatchId)?.cancel(cancel);
    const cancelled = new Set(requested.map(({ dispatchId }) => dispatchId));
    // What was not started ends as cancelled when it is given back.
    const unstarted = waiting.splice(0);
    waiting.push(...unstarted.filter(({ dispatchId }) => !cancelled.has(dispatchId)));
    const given = unstarted.filter(({ dispatchId }) => cancelled.has(dispatchId));
    if (given.length > 0) await store.queue.release(given, now);
    cancelVersion = version;
    nextCancelPoll = epochMs(now + config.workerPollMs);
  }

  async function claim(limit: number, now: EpochMs): Promise<number> {
    const claims = await store.queue.claim({ workerId, tags, limit, leaseMs: config.workerOfflineMs, now });
    // Given back behind our back, by a heartbeat that the database carried out late, and claimed again: the old claim is lost.
    for (const { dispatchId } of claims) running.get(dispatchId)?.lose();
    const anew = new Set(claims.map(({ dispatchId }) => dispatchId));
    for (const old of waiting.splice(0)) if (!anew.has(old.dispatchId)) waiting.push(old);
    waiting.push(...claims);
    startWaiting();
    return claims.length;
  }

  /** Starts what waits in free slots; of many that end at once, some in each turn. */
  function startWaiting(): void {
    while (!stop.aborted && slots.free > 0 && startsLeft > 0) {
      const next = waiting.shift();
      if (next === undefined) return;
      if (startsLeft === STARTS_IN_TURN) void nextTurn().then(goOnStarting);
      startsLeft--;
      slots.take();
      start(next);
    }
  }

  function goOnStarting(): void {
    startsLeft = STARTS_IN_TURN;
    startWaiting();
  }

  function start(claimed: Claim): void {
    const { dispatchId } = claimed;
    const onScriptEnd = (durationMs: number) => {
      slots.giveBack(durationMs);
      startWaiting();
      nudge.give();
    };
    const attempt = new Attempt(claimed, { context, reports, onScriptEnd });
    running.set(dispatchId, attempt);
    attempt.ended
      .catch((error) => log.error("Run {run} failed in the worker itself: {error}", { run: dispatchId, error }))
      .finally(() => {
        if (running.get(dispatchId) === attempt) running.delete(dispatchId);
        nudge.give();
      });
  }

  /**
   * Gives up what a lease has run out for, whatever the loop is waiting for: it may have been given to another. A script that
   * has ended is reported all the same when the database is back; its epoch tells whether it still counts. A worker that
   * ends does not wait for that. A lease that is made or renewed meanwhile ends after all that were there before.
   */
  async function watchLeases(): Promise<void> {
    while (!done.signal.aborted) {
      const now = databaseClock.estimate();
      for (const attempt of running.values()) {
        if (now < attempt.leaseUntil) continue;
        if (isEnding) attempt.lose();
        else attempt.notHeld();
      }
      for (const claim of waiting.splice(0)) if (now < claim.leaseUntil) waiting.push(claim);
      const ends = [...running.values(), ...waiting].map(({ leaseUntil }) => leaseUntil).filter((at) => at > now);
      await clock.sleep(Math.min(config.workerOfflineMs, ...ends.map((at) => at - now)), done.signal);
    }
  }

  async function drain(): Promise<void> {
    isEnding = true;
    if (running.size > 0) log.info("Waiting for {count} scripts to end", { count: running.size });
    await within(config.drainMs);
    for (const attempt of running.values()) attempt.giveBack({ atOnce: atOnce.aborted });
    const hurry = () => running.forEach((attempt) => attempt.giveBack({ atOnce: true }));
    atOnce.addEventListener("abort", hurry, { once: true });
    await allEnded();
  }

  /** A database that is away when the worker ends learns it from the silence: leases run out, the worker counts as OFFLINE. */
  async function retire(): Promise<void> {
    try {
      // What a claim brought that was on its way when the worker was told to stop.
      if (waiting.length > 0) await store.queue.release(waiting.splice(0), databaseClock.estimate());
      await store.workers.retire(workerId, databaseClock.estimate());
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      log.warn("The worker ends without saying so in the database: {reason}", { reason: error.message });
    }
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
