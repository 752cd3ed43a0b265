/**
 * The claims and attempts of a worker, each under a lease: waiting claims, whose scripts have not started, and
 * running attempts. A waiting claim starts as soon as a slot is free. Each turn of the event loop starts a limited number,
 * so that heartbeats and reports are not late.
 *
 * ```
 *  add() ──▶ waiting ──▶ running ──▶ ended
 *               │           ├── its lease is lost: onLeaseLost(), or lose() when this worker claimed the run again
 *               │           └── the worker drains: release()
 *               └── takeWaiting(), cancel(): the caller releases them in the database
 * ```
 *
 * @module
 */
import type { Cancel, DispatchId, EpochMs } from "@jobtrigger/shared/domain";
import type { Claim, ClaimRef } from "@jobtrigger/shared/store";
import type { Attempt } from "./attempt.ts";
import type { Slots } from "./slots.ts";
import { nextTurn } from "./turn.ts";

/** Most scripts that start in one turn of the event loop. */
const STARTS_IN_TURN = 100;

/** What a {@linkcode Holding} needs of an attempt. */
export type HeldAttempt = Pick<
  Attempt,
  "claim" | "ended" | "leaseUntil" | "cancel" | "release" | "lose" | "onLeaseLost" | "tryNoMore"
>;

/** What a {@linkcode Holding} works with. */
export interface HoldingOptions {
  readonly slots: Slots;
  /** Starts the attempt of a claim, which calls `onScriptEnd` once. */
  readonly start: (claim: Claim, onScriptEnd: (durationMs: number) => void) => HeldAttempt;
  /** Called when a slot has become free and when an attempt has ended. */
  readonly onChange: () => void;
}

/** The claims and attempts of one worker. */
export class Holding {
  readonly #options: HoldingOptions;
  #waiting: Claim[] = [];
  readonly #running = new Map<DispatchId, HeldAttempt>();
  #startsLeft = STARTS_IN_TURN;
  #isStopped = false;

  constructor(options: HoldingOptions) {
    this.#options = options;
  }

  /** How many claims wait for a slot. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many attempts have started and are not fully reported. */
  get running(): number {
    return this.#running.size;
  }

  /** All claims held. If a run was claimed again while its old attempt is still ending, only the new claim counts. */
  get claims(): readonly ClaimRef[] {
    const all = [...[...this.#running.values()].map(({ claim }) => claim), ...this.#waiting];
    return [...new Map(all.map((claim) => [claim.dispatchId, claim])).values()];
  }

  /** Takes over new claims. A new claim of a run that is held already makes the older claim void. */
  add(claims: readonly Claim[]): void {
    const claimed = new Set(claims.map(({ dispatchId }) => dispatchId));
    for (const id of claimed) this.#running.get(id)?.lose();
    this.#waiting = [...this.#waiting.filter(({ dispatchId }) => !claimed.has(dispatchId)), ...claims];
    this.#startWaiting();
  }

  /** Starts nothing from now on: the worker is draining. */
  stopStarting(): void {
    this.#isStopped = true;
  }

  /** Hands over the waiting claims; the caller releases them. */
  takeWaiting(): readonly Claim[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Records a heartbeat that named `named` and renewed all of them until `leaseUntil`, except `lost`. */
  renew(
    { named, lost, leaseUntil }: {
      readonly named: readonly ClaimRef[];
      readonly lost: readonly DispatchId[];
      readonly leaseUntil: EpochMs;
    },
  ): void {
    const isLost = new Set(lost);
    this.#waiting = this.#waiting.filter(({ dispatchId }) => !isLost.has(dispatchId))
      .map((claim) => ({ ...claim, leaseUntil }));
    for (const { dispatchId, epoch } of named) {
      const attempt = this.#running.get(dispatchId);
      if (attempt?.claim.epoch === epoch && !isLost.has(dispatchId)) attempt.leaseUntil = leaseUntil;
    }
    for (const id of lost) this.onLeaseLost(id);
  }

  /** The database no longer shows the run as this worker's. */
  onLeaseLost(id: DispatchId): void {
    this.#running.get(id)?.onLeaseLost();
  }

  /** Stops the scripts of cancelled runs and returns their waiting claims, which end as cancelled when released. */
  cancel(requested: readonly { readonly dispatchId: DispatchId; readonly cancel: Cancel }[]): readonly Claim[] {
    for (const { dispatchId, cancel } of requested) this.#running.get(dispatchId)?.cancel(cancel);
    const isCancelled = new Set(requested.map(({ dispatchId }) => dispatchId));
    const unstarted = this.#waiting.filter(({ dispatchId }) => isCancelled.has(dispatchId));
    this.#waiting = this.#waiting.filter(({ dispatchId }) => !isCancelled.has(dispatchId));
    return unstarted;
  }

  /**
   * Gives up claims whose lease has expired, because another worker may have claimed them. The end of a script is
   * still reported when the database is back, and its epoch decides whether the report counts; with `isEnding` the
   * worker does not wait for that. Returns the end of the next lease, null when nothing is held.
   */
  expire(now: EpochMs, { isEnding }: { readonly isEnding: boolean }): number | null {
    for (const attempt of this.#running.values()) {
      if (now < attempt.leaseUntil) continue;
      if (isEnding) attempt.lose();
      else attempt.onLeaseLost();
    }
    this.#waiting = this.#waiting.filter(({ leaseUntil }) => now < leaseUntil);
    const ends = [...this.#running.values(), ...this.#waiting].map(({ leaseUntil }) => leaseUntil);
    const next = Math.min(...ends.filter((at) => at > now));
    return next === Infinity ? null : next;
  }

  /** Stops all scripts and releases their runs; at once, or after the usual grace. */
  release({ atOnce }: { readonly atOnce: boolean }): void {
    for (const attempt of this.#running.values()) attempt.release({ atOnce });
  }

  /** The worker ends: attempts repeat no failed write, and a scheduler rescues those runs. */
  tryNoMore(): void {
    for (const attempt of this.#running.values()) attempt.tryNoMore();
  }

  /** Resolves when all attempts that run now have ended. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ ended }) => ended));
  }

  #startWaiting(): void {
    const { slots } = this.#options;
    while (!this.#isStopped && slots.free > 0 && this.#startsLeft > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (this.#startsLeft === STARTS_IN_TURN) void nextTurn().then(() => this.#startInNextTurn());
      this.#startsLeft--;
      slots.take();
      this.#start(next);
    }
  }

  #startInNextTurn(): void {
    this.#startsLeft = STARTS_IN_TURN;
    this.#startWaiting();
  }

  #start(claim: Claim): void {
    const { slots, start, onChange } = this.#options;
    const attempt = start(claim, (durationMs) => {
      slots.release(durationMs);
      this.#startWaiting();
      onChange();
    });
    this.#running.set(claim.dispatchId, attempt);
    const forget = () => {
      if (this.#running.get(claim.dispatchId) === attempt) this.#running.delete(claim.dispatchId);
      onChange();
    };
    attempt.ended.then(forget, forget);
  }
}
