/**
 * The worker: claims attempts, runs their scripts, and keeps its leases alive while they run.
 *
 * A request to drain is a mark in the worker's row, which it reads at each sign of life, at most {@linkcode REPORT_EVERY_MS} apart:
 * it then claims nothing and releases what waits, and its scripts go on, until the mark is gone.
 *
 * One loop does all that concerns leases, one after the other: heartbeat, cancel requests, claim ({@linkcode Claiming}). So
 * no heartbeat overlaps a claim, and a heartbeat may release the runs that the database shows as this worker's but that the
 * worker does not hold ({@linkcode Holding}). The attempts run beside the loop and write only about themselves, in shared
 * batches.
 *
 * After a signal, the worker claims and starts nothing more, releases waiting claims, lets its scripts end for the drain time,
 * then stops them and releases their runs. Even without a database it ends in a bounded time: drain time, kill grace,
 * {@linkcode REPORTS_MS} and twice {@linkcode ANSWER_MS}. A scheduler rescues the runs that it could not report.
 *
 * @module
 */
import {
  type EpochMs,
  epochMs,
  REPORT_EVERY_MS,
  StoreUnavailable,
  type WorkerIdentity,
} from "@jobtrigger/shared/domain";
import type { Claim, Jump } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";
import { earliest, type Next, Nudge, runLoop, type StopSignals } from "../loop.ts";
import { Attempt, type AttemptContext, type Reports } from "./attempt.ts";
import { Batch } from "./batch.ts";
import { Claiming } from "./claiming.ts";
import { Holding } from "./holding.ts";
import { Slots } from "./slots.ts";
import { StartNotes } from "./start_notes.ts";

/** Most attempts that one transaction writes about. */
const BATCH = 1000;
/** Most outputs that one transaction writes: each may have 256 KiB. */
const OUTPUT_BATCH = 50;

/** How long reports are repeated once the scripts have been stopped, in milliseconds. */
const REPORTS_MS = 5000;
/** How long the worker then waits for writes under way, and again for its own sign-off. */
const ANSWER_MS = 5000;

/** What a worker runs with. */
export type WorkerContext = Omit<AttemptContext, "scriptClock"> & { readonly identity: WorkerIdentity };

/** Runs a worker until `signal` stops it, then drains: scripts end or their runs are released. Marks itself OFFLINE. */
export async function runWorker(context: WorkerContext, signals: StopSignals): Promise<void> {
  await new Worker(context, signals).run();
}

/** One worker process. */
class Worker {
  readonly #context: WorkerContext;
  readonly #signals: StopSignals;
  readonly #holding: Holding;
  readonly #claiming: Claiming;
  readonly #reports: Reports;
  readonly #nudge = new Nudge();
  /** Aborted when all scripts have ended: then the loop and the watch over leases end. */
  readonly #done = new AbortController();
  /** The last jump of the clocks that was handled. */
  #jump: Jump | null;
  #nextBeat: EpochMs | null = null;
  /** When the worker next says that it lives, between two heartbeats. */
  #nextReport = epochMs(0);
  /** Whether somebody has asked the worker to drain, as far as it knows. */
  #isAskedToDrain = false;
  /** Whether the last heartbeat reported DRAINING. */
  #isDraining = false;
  #isEnding = false;
  #cancelVersion = -1;
  #nextCancelPoll = epochMs(0);

  constructor(context: WorkerContext, signals: StopSignals) {
    const { store, clock, databaseClock, config, identity, log } = context;
    this.#context = context;
    this.#signals = signals;
    this.#jump = databaseClock.lastJump;
    this.#reports = {
      starts: new StartNotes({
        write: (starts) => store.queue.markStarted(starts),
        clock,
        onLost: (id) => this.#holding.onLeaseLost(id),
      }),
      outputs: new Batch((outputs) => store.queue.appendLogs(outputs), OUTPUT_BATCH),
      ends: new Batch((ends) => store.queue.finish(ends), BATCH),
      releases: new Batch(
        (refs) => store.queue.release(refs, databaseClock.estimate()).then(() => []),
        BATCH,
      ),
    };
    const scriptClock: Clock = {
      now: () => databaseClock.estimate(),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
    const attemptContext: AttemptContext = { ...context, scriptClock };
    const start = (claim: Claim, onScriptEnd: (durationMs: number) => void) => {
      const attempt = new Attempt(claim, { context: attemptContext, reports: this.#reports, onScriptEnd });
      attempt.ended.catch((error) =>
        log.error("Run {run} failed in the worker itself: {error}", {
          run: claim.dispatchId,
          correlationId: claim.correlationId,
          error,
        })
      );
      return attempt;
    };
    const slots = new Slots(config.concurrency);
    this.#holding = new Holding({ slots, start, onChange: () => this.#nudge.give() });
    this.#claiming = new Claiming({ queue: store.queue, identity, config, slots, holding: this.#holding });
  }

  async run(): Promise<void> {
    const { stop } = this.#signals;
    const loop = runLoop(this.#context, {
      signal: this.#done.signal,
      nudge: this.#nudge,
      step: (now) => this.#step(now),
    });
    const watch = this.#watchLeases();
    const stopped = Promise.withResolvers<void>();
    const onStop = () => {
      this.#holding.stopStarting();
      stopped.resolve();
      this.#nudge.give();
    };
    stop.addEventListener("abort", onStop, { once: true });
    if (stop.aborted) onStop();
    // A loop that fails ends the worker; its scripts are still ended below, at the latest when their leases expire.
    await Promise.race([stopped.promise, loop]).finally(() => this.#drain());
    this.#done.abort();
    await watch;
    await this.#within(ANSWER_MS, this.#leave(loop));
  }

  async #leave(loop: Promise<void>): Promise<void> {
    await loop;
    await this.#reports.starts.close();
    await this.#retire();
  }

  async #step(now: EpochMs): Promise<Next> {
    const { store, databaseClock, identity } = this.#context;
    const { stop } = this.#signals;
    if (this.#nextBeat === null) await store.workers.register(identity, now);
    if (this.#jump !== databaseClock.lastJump) {
      // Forget instants from before the jump: after a clock went back they would be far in the future.
      this.#jump = databaseClock.lastJump;
      this.#nextBeat = now;
      this.#nextReport = now;
      this.#nextCancelPoll = now;
    }
    await this.#sayAlive(now);
    await this.#passOnCancels(now);
    const next = earliest(this.#nextBeat ?? now, this.#nextReport);
    if (stop.aborted || this.#isAskedToDrain) {
      await this.#releaseWaiting();
      return { at: next, topics: ["cancel"] };
    }
    const { at, topics } = await this.#claiming.claim(now);
    return { at: earliest(next, at), topics: [...topics, "cancel"] };
  }

  /**
   * Sends what is due: a heartbeat, or between two of them a report, so that people see soon when the worker has died. Both answer
   * whether the worker is to drain; a worker that begins or ends to do so says so at once by another heartbeat.
   */
  async #sayAlive(now: EpochMs): Promise<void> {
    const { store, identity } = this.#context;
    if (this.#nextBeat !== null && now < this.#nextBeat && now >= this.#nextReport) {
      const { known, drains } = await store.workers.report(identity.workerId, now);
      this.#nextReport = epochMs(now + REPORT_EVERY_MS);
      this.#isAskedToDrain = drains;
      // Taken for dead, or pruned: the heartbeat puts it right.
      if (!known) this.#nextBeat = now;
    }
    if (this.#nextBeat === null || now >= this.#nextBeat) this.#nextBeat = await this.#beat(now);
    if (this.#isDraining !== this.#drains) this.#nextBeat = await this.#beat(now);
  }

  /** Whether the worker claims nothing more. */
  get #drains(): boolean {
    return this.#signals.stop.aborted || this.#isAskedToDrain;
  }

  /** Sends a heartbeat and returns when the next is due. */
  async #beat(now: EpochMs): Promise<EpochMs> {
    const { store, config, identity } = this.#context;
    const named = this.#holding.claims;
    this.#isDraining = this.#drains;
    const { lost, known, drains } = await store.queue.heartbeat({
      workerId: identity.workerId,
      held: named,
      status: this.#isDraining ? "DRAINING" : named.length > 0 ? "BUSY" : "IDLE",
      leaseMs: config.workerOfflineMs,
      now,
    });
    this.#holding.renew({ named, lost, leaseUntil: epochMs(now + config.workerOfflineMs) });
    if (!known) await store.workers.register(identity, now);
    this.#isAskedToDrain = drains;
    this.#nextReport = epochMs(now + REPORT_EVERY_MS);
    return epochMs(now + config.heartbeatMs);
  }

  /** Reads cancel requests after each change of them, and at each fallback poll. */
  async #passOnCancels(now: EpochMs): Promise<void> {
    const { store, config } = this.#context;
    const version = store.changes.version("cancel");
    const { claims } = this.#holding;
    if (claims.length === 0 || (version === this.#cancelVersion && now < this.#nextCancelPoll)) return;
    const unstarted = this.#holding.cancel(await store.queue.cancelRequested(claims));
    if (unstarted.length > 0) await store.queue.release(unstarted, now);
    this.#cancelVersion = version;
    this.#nextCancelPoll = epochMs(now + config.workerPollMs);
  }

  /** Ends attempts whose lease has expired, even while the loop waits for the database. New leases end after earlier ones. */
  async #watchLeases(): Promise<void> {
    const { clock, databaseClock, config } = this.#context;
    while (!this.#done.signal.aborted) {
      const now = databaseClock.estimate();
      const next = this.#holding.expire(now, { isEnding: this.#isEnding });
      const ms = next === null ? config.workerOfflineMs : Math.min(config.workerOfflineMs, next - now);
      await clock.sleep(ms, this.#done.signal);
    }
  }

  async #drain(): Promise<void> {
    const { config, log } = this.#context;
    const { now: atOnce } = this.#signals;
    this.#isEnding = true;
    if (this.#holding.running > 0) {
      log.info("Waiting until the scripts that run have ended: {count}", { count: this.#holding.running });
    }
    await this.#within(config.drainMs, this.#holding.ended(), atOnce);
    this.#holding.release({ atOnce: atOnce.aborted });
    atOnce.addEventListener("abort", () => this.#holding.release({ atOnce: true }), { once: true });
    await this.#within(config.killGraceMs, this.#holding.ended(), atOnce);
    await this.#within(REPORTS_MS, this.#holding.ended());
    this.#holding.tryNoMore();
    await this.#within(ANSWER_MS, this.#holding.ended());
    const left = this.#holding.running;
    if (left > 0) log.warn("{count} runs are left as they are: the database does not answer", { count: left });
  }

  /** Waits for `work`, at most `ms` milliseconds and until `signal` aborts. Rejects as `work` does. */
  async #within(ms: number, work: Promise<void>, signal?: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const signals = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
    await Promise.race([this.#context.clock.sleep(ms, signals), work]).finally(() => ended.abort());
  }

  async #releaseWaiting(): Promise<void> {
    if (this.#holding.waiting === 0) return;
    const { store, databaseClock } = this.#context;
    await store.queue.release(this.#holding.takeWaiting(), databaseClock.estimate());
  }

  /** Marks the worker OFFLINE. If the database is away, a scheduler does so when the leases run out. */
  async #retire(): Promise<void> {
    const { store, databaseClock, identity, log } = this.#context;
    try {
      // A claim may have been under way when the signal came.
      await this.#releaseWaiting();
      await store.workers.retire(identity.workerId, databaseClock.estimate());
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      log.warn("The worker ends without saying so in the database: {reason}", { reason: error.message });
    }
  }
}
