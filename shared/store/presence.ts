/**
 * How a scheduler, portal or notifier shows that it is alive: it writes so after its passes, and removes its row when it ends in
 * order. A service that was killed keeps its row, whose age tells; schedulers delete the row after a day.
 *
 * @module
 */
import {
  type EpochMs,
  epochMs,
  REPORT_EVERY_MS,
  type Retention,
  type ServiceIdentity,
  type ServiceKind,
  StoreUnavailable,
  VERSION,
} from "../domain/mod.ts";
import type { ServiceStore } from "./service_store.ts";

/** The identity of this process, new at each start. A scheduler says what it keeps. */
export function identifyService(kind: ServiceKind, retention?: Retention): ServiceIdentity {
  const hostname = Deno.hostname();
  const serviceId = `${hostname}-${crypto.randomUUID().slice(0, 8)}`;
  return { serviceId, kind, hostname, processId: Deno.pid, version: VERSION, ...(retention && { retention }) };
}

/** The reports of one service. */
export class Presence {
  readonly #services: Pick<ServiceStore, "report" | "retire">;
  readonly #identity: ServiceIdentity;
  #next: EpochMs | null = null;

  /** Reports of the service that `identity` names. */
  constructor(services: Pick<ServiceStore, "report" | "retire">, identity: ServiceIdentity) {
    this.#services = services;
    this.#identity = identity;
  }

  /**
   * Writes that the service is alive, unless it did so less than {@linkcode REPORT_EVERY_MS} ago. Answers when to report again.
   *
   * @throws {StoreUnavailable} when the database does not answer.
   */
  async report(now: EpochMs): Promise<EpochMs> {
    // A next report further away than one interval was planned before the clock went back.
    const isDue = this.#next === null || now >= this.#next || this.#next - now > REPORT_EVERY_MS;
    if (isDue) {
      await this.#services.report(this.#identity, now);
      this.#next = epochMs(now + REPORT_EVERY_MS);
    }
    return this.#next ?? now;
  }

  /** Removes the service. While the database does not answer its row stays, and seems dead soon. */
  async retire(): Promise<void> {
    try {
      await this.#services.retire(this.#identity.serviceId);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}
