/**
 * What monitors outside are called for: starts of runs, and a heartbeat while all is well.
 *
 * A run is seen while it runs. One that has ended before anybody looked is only said at its end.
 *
 * @module
 */
import { type AlertRule, type DispatchId, type EpochMs, epochMs, isSilent } from "@jobtrigger/shared/domain";
import { coversJob, presenceOf } from "@jobtrigger/shared/policy";
import type { Store } from "@jobtrigger/shared/store";

/** A start that is older is said no more: the monitor would take it for one of now. */
const LATEST_MS = 600_000;
/** Most starts that one pass sees. */
const MOST_STARTS = 1000;

/** Sees starts and says heartbeats. It remembers which running runs it has seen, to save itself a transaction. */
export class Signals {
  readonly #store: Store;
  #seen: ReadonlySet<DispatchId> = new Set();

  /** Of what is in a store. */
  constructor(store: Store) {
    this.#store = store;
  }

  /** Says the starts that rules ask for. */
  async starts(rules: readonly AlertRule[], now: EpochMs): Promise<void> {
    const asking = rules.filter(({ isEnabled, condition }) => isEnabled && condition.kind === "every_run");
    if (asking.length === 0) return;
    const { alerts } = this.#store;
    const running = await alerts.started({ after: epochMs(now - LATEST_MS), limit: MOST_STARTS });
    const isAsked = ({ jobId, labels }: typeof running[number]) =>
      asking.some(({ scope }) => coversJob(scope, { id: jobId, labels }));
    const news = running.filter((run) => !this.#seen.has(run.dispatchId) && isAsked(run));
    if (news.length > 0) await alerts.sendStarts(news, now);
    this.#seen = new Set(running.map(({ dispatchId }) => dispatchId));
  }

  /** Says that the installation is well, if it is: the silence of a heartbeat is what a monitor alarms for. */
  async beats(rules: readonly AlertRule[], now: EpochMs): Promise<void> {
    const asking = rules.filter(({ isEnabled, condition }) => isEnabled && condition.kind === "heartbeat");
    if (asking.length > 0 && await this.#isWell(now)) await this.#store.alerts.sendBeats(asking, now);
  }

  async #isWell(now: EpochMs): Promise<boolean> {
    const [services, workers] = await Promise.all([this.#store.services.list(), this.#store.workers.list()]);
    return services.some((service) => service.kind === "scheduler" && !isSilent(service, now)) &&
      workers.some((worker) => presenceOf(worker, now) === "online");
  }
}
