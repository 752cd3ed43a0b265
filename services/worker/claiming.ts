/**
 * How a worker claims: for its free slots, and some runs ahead when scripts are so short that the round trip to the database
 * matters. After an empty claim it waits for a change of the queue, or polls at growing intervals.
 *
 * @module
 */
import { type EpochMs, epochMs, type WorkerIdentity } from "@jobtrigger/shared/domain";
import type { QueueStore } from "@jobtrigger/shared/store";
import type { WorkerConfig } from "@jobtrigger/shared/config";
import { earliest, type Next } from "../loop.ts";
import type { Holding } from "./holding.ts";
import type { Slots } from "./slots.ts";

/** What a {@linkcode Claiming} works with. */
export interface ClaimingOptions {
  readonly queue: Pick<QueueStore, "claim" | "nextAvailableAt">;
  readonly identity: Pick<WorkerIdentity, "workerId" | "tags">;
  readonly config: Pick<WorkerConfig, "workerPollMs" | "workerMaxPollMs" | "workerOfflineMs">;
  readonly slots: Slots;
  readonly holding: Holding;
}

/** The claims of one worker, one at a time. */
export class Claiming {
  readonly #options: ClaimingOptions;
  readonly #tags: ReadonlySet<string>;
  #idlePollMs: number;

  constructor(options: ClaimingOptions) {
    this.#options = options;
    this.#tags = new Set(options.identity.tags);
    this.#idlePollMs = options.config.workerPollMs;
  }

  /** Claims for the free slots and hands the claims to the holding; returns when, and after which changes, to claim again. */
  async claim(now: EpochMs): Promise<Next> {
    const { queue, config, slots, holding } = this.#options;
    const wanted = slots.wanted({ waiting: holding.waiting, held: holding.running });
    if (wanted === 0) return { at: epochMs(now + config.workerPollMs), topics: [] };
    const claimed = await this.#claim(wanted, now);
    // One claim has a limit, and nothing would wake the loop for the remaining slots.
    if (claimed === wanted && slots.free > holding.waiting) return { at: now, topics: [] };
    this.#idlePollMs = claimed > 0 ? config.workerPollMs : Math.min(this.#idlePollMs * 2, config.workerMaxPollMs);
    const nextAvailable = claimed === wanted ? null : await queue.nextAvailableAt(now);
    return { at: earliest(epochMs(now + this.#idlePollMs), nextAvailable), topics: ["queue"] };
  }

  async #claim(limit: number, now: EpochMs): Promise<number> {
    const { queue, identity: { workerId }, config, holding } = this.#options;
    const claims = await queue.claim({ workerId, tags: this.#tags, limit, leaseMs: config.workerOfflineMs, now });
    holding.add(claims);
    return claims.length;
  }
}
